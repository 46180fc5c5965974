"""Whole runs and short jobs on the real corpora, at the smallest size."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch

from tests import tiny
from tinylm.answers import engine, loading
from tinylm.config import RunConfig, with_changes
from tinylm.corpora.sources import uploads
from tinylm.errors import BadRequest, CheckpointError, NotFound, StorageError
from tinylm.evaluation.tasks import task
from tinylm.events import EvalDone, Event, Preparing, RunEnded, RunStarted, StepDone
from tinylm.finetuning import finetune_config, steps_with_replay
from tinylm.model.lora import num_trainable
from tinylm.presets import preset_config
from tinylm.questions.models import Loss, Score
from tinylm.training import device
from tinylm.training.checkpoints import CheckpointFolder
from tinylm.training.labelled import labelled_items
from tinylm.training.prepare import _precision

BASE = "world-tiny-base"
LAST = preset_config("tiny").train.steps


def run(config: RunConfig, home: Path, name: str, **options: Any) -> list[Event]:
    return list(engine.run(config, home / "runs" / name, home, threads=lambda: 1, **options))


def paused_after(steps: int, config: RunConfig, home: Path, name: str) -> list[Event]:
    """A run that is paused once it has made so many steps."""
    events: list[Event] = []

    def control() -> str:
        return "pause" if sum(isinstance(e, StepDone) for e in events) == steps else "run"

    folder = home / "runs" / name
    for event in engine.run(config, folder, home, threads=lambda: 1, control=control):
        events.append(event)
    return events


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one tiny pre-trained run, for tests that only read it."""
    home = tmp_path_factory.mktemp("home")
    run(preset_config("tiny"), home, BASE)
    return home


@pytest.fixture(autouse=True)
def _cold() -> Iterator[None]:
    yield
    loading._warm.clear()


def test_a_run_says_what_it_prepares_then_trains(home: Path) -> None:
    events = run(preset_config("tiny", steps=4), home, "a-run")
    stages = [e.stage.partition(":")[0] for e in events if isinstance(e, Preparing)]
    assert list(dict.fromkeys(stages)) == [
        "Reading the corpus",
        "Learning the vocabulary",
        "Turning text into tokens",
    ]
    started = next(e for e in events if isinstance(e, RunStarted))
    assert (started.vocab_size, started.threads, started.num_steps) == (512, 1, 4)
    assert isinstance(events[-1], RunEnded)
    assert sum(isinstance(e, StepDone) for e in events) == 4


@pytest.mark.parametrize("corpus", ["python", "names"])
def test_every_corpus_trains(home: Path, corpus: str) -> None:
    config = preset_config("tiny", corpus=corpus, steps=3, vocab_size=256, documents=20)
    losses = [e.loss for e in run(config, home, "a-run") if isinstance(e, EvalDone)]
    assert losses[-1] < losses[0]


def test_an_uploaded_text_trains(home: Path) -> None:
    text = "\n\n".join(f"Paragraph {i} says that {i} and {i + 1} follow." for i in range(200))
    info = uploads.save_upload(text.encode(), "mine", home)
    losses = [
        e.loss
        for e in run(preset_config("tiny", corpus=info.name, steps=5), home, "a-run")
        if isinstance(e, EvalDone)
    ]
    assert losses[-1] < losses[0]


def test_a_context_longer_than_the_text_is_refused_with_what_to_do(home: Path) -> None:
    random = Random(1)
    words = ["".join(random.choices("abcdefghij", k=12)) for _ in range(15)]  # each one token
    text = " ".join(random.choices(words, k=200))
    info = uploads.save_upload(text.encode(), "short", home)
    with pytest.raises(BadRequest, match="shorter than one context of 512 tokens"):
        run(preset_config("tiny", corpus=info.name, block_size=512), home, "a-run")


def test_a_run_resumes_from_its_last_checkpoint_exactly(home: Path) -> None:
    config = preset_config("tiny", steps=6, eval_interval=2, checkpoint_interval=2)
    whole = run(config, home, "whole")
    first = paused_after(3, config, home, "parts")
    second = run(config, home, "parts", resume=True)
    losses = [
        [(e.step, e.loss) for e in events if isinstance(e, StepDone)]
        for events in (whole, [*first, *second])
    ]
    assert losses[0] == losses[1]


@pytest.mark.parametrize("fine_tuned", [False, True])
def test_a_run_that_goes_on_keeps_the_precision_that_was_measured_for_it(
    shared: Path, home: Path, monkeypatch: pytest.MonkeyPatch, fine_tuned: bool
) -> None:
    """Before, it was measured again: on another machine, or a busy one, with another result."""
    shutil.copytree(shared / "runs" / BASE, home / "runs" / BASE)
    settings = {"steps": 4, "eval_interval": 2, "checkpoint_interval": 2, "precision": "auto"}
    config = preset_config("tiny", **settings)
    if fine_tuned:
        config = with_changes(
            finetune_config(preset_config("tiny"), BASE, "questions", 8, "base"), settings
        )
    begun: list[RunStarted] = []
    for gain, part in ((2.0, partial(paused_after, 2)), (1.0, partial(run, resume=True))):
        monkeypatch.setattr(device, "_bf16_gain", lambda *_, gain=gain: gain)
        begun += [e for e in part(config=config, home=home, name="parts") if type(e) is RunStarted]
    assert [one.precision for one in begun] == ["bf16", "bf16"]


def test_a_checkpoint_that_names_no_precision_has_it_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An earlier tinylm wrote it."""
    folder, model = CheckpointFolder(str(tmp_path)), tiny.model()
    folder.save(1, 128, RunConfig(), model.config, dict(model.named_parameters()), {})
    monkeypatch.setattr(device, "_bf16_gain", lambda *_: 2.0)
    config = preset_config("tiny", precision="auto")
    assert _precision(config, torch.device("cpu"), folder.load()) == "bf16"


def test_a_damaged_last_checkpoint_costs_only_the_steps_since_the_one_before(home: Path) -> None:
    config = preset_config("tiny", steps=6, checkpoint_interval=2, eval_interval=6)
    whole = run(config, home, "a-run")
    folder = home / "runs" / "a-run" / "checkpoints"
    (folder / "step-000006" / "model.safetensors").write_bytes(b"not a model")
    again = run(config, home, "a-run", resume=True)
    steps = [e for e in again if isinstance(e, StepDone)]
    assert [e.step for e in steps] == [5, 6]
    assert steps[-1].loss == [e for e in whole if isinstance(e, StepDone)][-1].loss


def test_fine_tuning_says_where_it_starts_if_the_last_checkpoint_is_damaged(
    shared: Path, home: Path
) -> None:
    shutil.copytree(shared / "runs" / BASE, home / "runs" / BASE)
    last = home / "runs" / BASE / "checkpoints" / f"step-{LAST:06d}" / "model.safetensors"
    last.write_bytes(last.read_bytes()[:-1] + b"!")
    config = finetune_config(preset_config("tiny"), BASE, "questions", 8, steps=1)
    stages = [e.stage for e in run(config, home, "child") if isinstance(e, Preparing)]
    assert "The last checkpoint is damaged: starting from step 40" in stages
    with pytest.raises(CheckpointError, match=r"step 60 is damaged[.] .* is of step 40"):
        engine.answer(Loss(BASE, LAST, documents=5), home)


def test_a_run_whose_checkpoints_are_all_damaged_says_so(home: Path) -> None:
    config = preset_config("tiny", steps=2)
    run(config, home, "a-run")
    for path in (home / "runs" / "a-run").rglob("model.safetensors"):
        path.write_bytes(b"not a model")
    with pytest.raises(CheckpointError, match="start a new run"):
        run(config, home, "a-run", resume=True)


def test_a_folder_that_cannot_be_made_is_said_in_words(home: Path) -> None:
    (home / "runs").mkdir()
    (home / "runs" / "a-run").write_text("a file is in the way")
    with pytest.raises(StorageError, match="cannot be written"):
        run(preset_config("tiny", steps=1), home, "a-run")


@pytest.mark.parametrize("init", ["base", "scratch"])
def test_fine_tuning_learns_the_answers(shared: Path, init: str) -> None:
    base = preset_config("tiny")
    config = finetune_config(base, BASE, "questions", 8, init, steps=10)
    name = f"tuned-{init}"
    losses = [e.loss for e in run(config, shared, name) if isinstance(e, EvalDone)]
    assert losses[-1] < losses[0]
    assert engine.answer(Score(name, 10, "questions", limit=5), shared).n == 5


def test_a_fine_tuned_run_outlives_its_parent(shared: Path, home: Path) -> None:
    shutil.copytree(shared / "runs" / BASE, home / "runs" / BASE)
    config = finetune_config(preset_config("tiny"), BASE, "questions", 8, steps=4)
    paused_after(2, config, home, "child")
    shutil.rmtree(home / "runs" / BASE)
    events = run(config, home, "child", resume=True)
    assert [e.step for e in events if isinstance(e, StepDone)] == [3, 4]


def test_adapters_outlive_their_parent_exactly(shared: Path, home: Path) -> None:
    shutil.copytree(shared / "runs" / BASE, home / "runs" / BASE)
    config = finetune_config(
        preset_config("tiny"), BASE, "questions", 8, steps=4, method="lora", lora_rank=2
    )
    whole = run(config, home, "whole")
    first = paused_after(2, config, home, "parts")
    shutil.rmtree(home / "runs" / BASE)
    second = run(config, home, "parts", resume=True)
    assert losses_of([*first, *second]) == losses_of(whole)
    model = loading.load_model(home, "parts", 4)[0]
    other = loading.load_model(home, "whole", 4)[0]
    assert model.num_parameters == num_trainable(model)  # plain: to be read, or tuned again
    for a, b in zip(model.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)


def test_an_adapted_run_can_be_fine_tuned_again(shared: Path) -> None:
    first = finetune_config(preset_config("tiny"), BASE, "questions", 8, steps=2, method="lora")
    run(first, shared, "once")
    again = finetune_config(first, "once", "facts", 8, steps=2, method="lora", lora_rank=1)
    events = run(again, shared, "twice")
    assert [e.step for e in events if isinstance(e, StepDone)] == [1, 2]
    started = next(e for e in events if isinstance(e, RunStarted))
    assert 0 < started.num_trainable < started.num_parameters / 10


READ = 200  # documents, on which the loss is measured


def test_replay_forgets_less_of_the_text(shared: Path) -> None:
    known = engine.answer(Loss(BASE, LAST, documents=READ), shared).loss
    after = {}
    for share in (0.0, 0.5):
        config = finetune_config(
            preset_config("tiny"),
            BASE,
            "questions",
            8,
            replay=share,
            steps=steps_with_replay(12, share),
            learning_rate=4e-3,
            eval_interval=100,
            checkpoint_interval=100,
        )
        name = f"replay-{share}"
        run(config, shared, name)
        after[share] = engine.answer(Loss(name, config.train.steps, documents=READ), shared).loss
    assert after[0.5] < after[0.0]
    assert after[0.0] > known


def test_the_loss_is_that_of_the_end_of_pre_training(home: Path) -> None:
    events = run(preset_config("tiny", precision="fp32", steps=8), home, "again")
    ended = [e for e in events if isinstance(e, EvalDone)][-1]
    answer = engine.answer(Loss("again", 8), home)
    assert answer.tokens == ended.num_tokens
    assert answer.loss == pytest.approx(ended.loss, rel=1e-5)
    assert answer.bits_per_byte == pytest.approx(ended.bits_per_byte, rel=1e-5)
    assert answer.perplexity == pytest.approx(math.exp(answer.loss))
    untrained = engine.answer(Loss("again", 0, documents=20), home)
    assert untrained.loss == pytest.approx(math.log(512), rel=0.01)
    assert untrained.tokens < answer.tokens


def losses_of(events: list[Event]) -> list[tuple[int, float]]:
    return [(e.step, e.loss) for e in events if isinstance(e, StepDone)]


def test_fine_tuning_from_a_run_that_is_gone_says_so(home: Path) -> None:
    config = finetune_config(preset_config("tiny"), "gone", "questions", 8)
    with pytest.raises(NotFound, match="has no model"):
        run(config, home, "child")


def test_fewer_labels_are_a_part_of_more() -> None:
    questions = task("world", "questions")
    eight, many = labelled_items(questions, 8, 1), labelled_items(questions, 100, 1)
    assert many[:8] == eight
    assert labelled_items(questions, 8, 2) != eight
    with pytest.raises(BadRequest, match="choose between 1 and"):
        labelled_items(questions, 100_000, 1)


def test_labels_and_held_out_items_do_not_meet() -> None:
    questions = task("world", "questions")
    assert not {i.context for i in questions.train} & {i.context for i in questions.test}
