"""What a run reads is checked against its context before anything is trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tinylm.config import RunConfig
from tinylm.errors import BadRequest
from tinylm.finetuning import finetune_config
from tinylm.presets import preset_config
from tinylm.text.tokenizer import Tokenizer
from tinylm.training.job import TrainingJob
from tinylm.training.prepare import prepare_finetuning, prepare_pretraining

BYTES = Tokenizer(())  # every byte is a token


def settings(**changes: Any) -> RunConfig:
    return preset_config("tiny", documents=60, vocab_size=256, **changes)


def tuned(home: Path, block_size: int) -> TrainingJob:
    """A fine-tuning on eight questions, prepared."""
    folder = home / "runs" / "parent"
    folder.mkdir(parents=True)
    BYTES.save(folder / "tokenizer.json")
    config = finetune_config(settings(block_size=block_size), "parent", "questions", 8, "scratch")
    *_, job = prepare_finetuning(config, home / "runs" / "tuned", home, resume=False)
    assert isinstance(job, TrainingJob)
    return job


def test_a_task_that_does_not_fit_into_the_context_is_not_trained(home: Path) -> None:
    """Before, prompts lost their beginning, and with answers as long as the context most of it."""
    with pytest.raises(BadRequest, match=r"'Questions' does not fit .* at most 64 at once"):
        tuned(home, 64)


def test_a_task_that_fits_is_read_from_its_first_letter_to_its_last(home: Path) -> None:
    job = tuned(home, 256)
    inputs, _ = job.batches.batch(0)
    assert inputs[0][0] == BYTES.separator
    assert BYTES.decode(inputs[0][1:].tolist()).startswith("Question: ")
    assert job.sample_prompt.startswith("Question: ")


def test_a_prompt_for_samples_that_does_not_fit_is_refused(home: Path) -> None:
    config = settings(block_size=16, sample_prompt="More letters than sixteen.")
    with pytest.raises(BadRequest, match="sample_prompt takes 27 tokens"):
        list(prepare_pretraining(config, home / "runs" / "a", home, resume=False))


def test_prompts_of_the_corpus_are_shown_as_far_as_they_are_read(home: Path) -> None:
    """Before, the whole prompt was shown, and the model read its end."""
    config = settings(block_size=16)
    *_, job = prepare_pretraining(config, home / "runs" / "a", home, resume=False)
    assert isinstance(job, TrainingJob)
    assert job.sample_prompt == "The capital of"
    assert job.odds_prompt == "The capital of France is"[-15:]
