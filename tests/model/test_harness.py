"""Figures agree with those of lm-evaluation-harness on the same prompts."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch

from tests import tiny
from tinylm.config import TrainConfig
from tinylm.evaluation.context import prompt_ids
from tinylm.evaluation.measure import measure
from tinylm.evaluation.prompts import few_shot_prompt
from tinylm.evaluation.scoring import Question, log_likelihoods, score
from tinylm.evaluation.tasks.base import Item, Task
from tinylm.export.harness import harness_files
from tinylm.export.huggingface import model_files
from tinylm.model.gpt import GPT
from tinylm.text.batches import DocumentBatches
from tinylm.text.tokenizer import Tokenizer, train_tokenizer
from tinylm.training.optimizer import Optimizer

# The harness and what it imports are not ours to mend.
pytestmark = [pytest.mark.filterwarnings("ignore")]

NUM_FEWSHOT = 2
# What follows each word, as often as it stands here. Nobody can have all right; and after
# "blue" the most probable first word is "bird", but the most probable whole answer "dog".
ENDS = {
    "red": ("cat", "cat", "cat", "dog"),
    "green": ("dog", "dog", "cat"),
    "blue": ("dog", "dog", "bird sees a cat", "bird sees a dog", "bird hears the cat"),
}
ANSWERS = tuple(sorted({end for ends in ENDS.values() for end in ends}))


def pairs(number: int, seed: int) -> list[tuple[str, str]]:
    draw = random.Random(seed)
    starts = [draw.choice(tuple(ENDS)) for _ in range(number)]
    return [(f"the {start}", draw.choice(ENDS[start])) for start in starts]


def items(number: int, seed: int) -> tuple[Item, ...]:
    return tuple(Item(a, ANSWERS, ANSWERS.index(b)) for a, b in pairs(number, seed))


TASK = Task("ends", "Ends", "What follows?", items(40, 1), items(60, 2), between="", after=".")


@cache
def trained() -> tuple[GPT, Tokenizer]:
    """A model that has read enough to know what follows which word."""
    texts = ["".join(f"{a} {b}." for a, b in pairs(4, seed)) for seed in range(10, 160)]
    coder = train_tokenizer(texts, 280)
    model = tiny.model(vocab_size=coder.vocab_size, block_size=64)
    batches = DocumentBatches(coder.encode_batch(texts), 8, 64, coder.separator, seed=1)
    optimizer = Optimizer(model, TrainConfig(muon_lr=0.02))
    for step in range(60):
        model(*batches.batch(step)).backward()
        optimizer.step(1.0)
        optimizer.zero_grad()
    return model.eval(), coder


def harness_model(model: GPT, tokenizer: Tokenizer) -> Any:
    """The harness's view of a model: whole texts, one forward pass each, nothing shared."""
    from lm_eval.api.model import LM

    class PlainForward(LM):
        @torch.inference_mode()
        def loglikelihood(self, requests: list[Any]) -> list[tuple[float, bool]]:
            return [self._likelihood(*request.args) for request in requests]

        def _likelihood(self, context: str, continuation: str) -> tuple[float, bool]:
            before, after = prompt_ids(tokenizer, context), tokenizer.encode(continuation)
            odds = model(torch.tensor([before + after[:-1]]))[0, len(before) - 1 :].log_softmax(-1)
            value = odds.gather(1, torch.tensor(after)[:, None]).sum()
            return float(value), odds.argmax(dim=-1).tolist() == after

        @torch.inference_mode()
        def generate_until(self, requests: list[Any]) -> list[str]:
            return [self._generate(*request.args) for request in requests]

        def _generate(self, context: str, settings: dict[str, Any]) -> str:
            ids = prompt_ids(tokenizer, context)
            read = len(ids)
            while len(ids) < model.config.block_size:
                ids.append(int(model(torch.tensor([ids]))[0, -1].argmax()))
                text = tokenizer.decode(ids[read:])
                for end in settings["until"]:
                    if end in text:
                        return text[: text.index(end)]
            return tokenizer.decode(ids[read:])

        @torch.inference_mode()
        def loglikelihood_rolling(self, requests: list[Any]) -> list[float]:
            return [self._likelihood("", request.args[0])[0] for request in requests]

    return PlainForward()


def documents() -> list[dict[str, Any]]:
    """The items of the task as the harness reads them, with our prompts as they are."""
    prompts = [few_shot_prompt(TASK, item, NUM_FEWSHOT, seed=1) for item in TASK.test]
    return [
        {
            "prompt": prompt.text,
            "choices": [choice + TASK.after for choice in prompt.choices],
            "gold": item.gold,
            "answer": prompt.answer,
        }
        for prompt, item in zip(prompts, TASK.test, strict=True)
    ]


def harness_task(name: str, **settings: Any) -> Any:
    import datasets
    from lm_eval.api.task import ConfigurableTask

    config = {
        "task": name,
        "custom_dataset": lambda **_: {"test": datasets.Dataset.from_list(documents())},
        "test_split": "test",
        "doc_to_text": lambda doc: doc["prompt"],
        "target_delimiter": "",
        "num_fewshot": 0,  # the examples stand in the prompts
    }
    return ConfigurableTask(config=config | settings)


@pytest.fixture(scope="module", autouse=True)
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The harness asks nobody, and keeps nothing."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_EVALUATE_OFFLINE"):
            patch.setenv(name, "1")
        for name in ("HF_HOME", "HF_DATASETS_CACHE", "LM_HARNESS_CACHE_PATH", "XDG_CACHE_HOME"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name)))
        yield


@pytest.fixture(scope="module")
def harness() -> dict[str, Any]:
    """What the harness finds, in words of its own: results and samples by task."""
    import lm_eval
    from lm_eval.tasks import TaskManager

    ranked = harness_task(
        "ranked",
        output_type="multiple_choice",
        doc_to_choice=lambda doc: doc["choices"],
        doc_to_target=lambda doc: doc["gold"],
        metric_list=metrics_of("acc", "acc_norm"),
    )
    greedy = harness_task(
        "greedy",
        output_type="generate_until",
        doc_to_target=lambda doc: doc["answer"],
        generation_kwargs={"until": [TASK.after], "do_sample": False},
        metric_list=metrics_of("exact_match"),
    )
    whole = harness_task(
        "whole",
        output_type="loglikelihood_rolling",
        doc_to_target=lambda doc: doc["prompt"] + doc["answer"],
        metric_list=metrics_of("bits_per_byte", aggregation="bits_per_byte"),
    )
    return lm_eval.simple_evaluate(
        model=harness_model(*trained()),
        tasks=[ranked, greedy, whole],
        bootstrap_iters=0,
        task_manager=TaskManager(include_defaults=False),
    )


def metrics_of(*metrics: str, aggregation: str = "mean") -> list[dict[str, Any]]:
    return [
        {"metric": m, "aggregation": aggregation, "higher_is_better": aggregation == "mean"}
        for m in metrics
    ]


def test_accuracies_and_answers_are_those_of_the_harness(harness: dict[str, Any]) -> None:
    model, coder = trained()
    ours = measure(model, coder, TASK, num_fewshot=NUM_FEWSHOT, texts=True)
    assert ours.ranked is not None
    theirs = harness["results"]
    assert theirs["ranked"]["acc,none"] == pytest.approx(ours.ranked.accuracy)
    assert theirs["greedy"]["exact_match,none"] == pytest.approx(ours.accuracy)
    # The figures are no matter of course: neither all nor none, and not the same twice.
    assert 0.2 < ours.accuracy < ours.ranked.accuracy < 0.8

    answers = [sample["resps"][0][0].strip() for sample in harness["samples"]["greedy"]]
    assert answers == [item.answer for item in ours.items]


def test_log_probabilities_are_those_of_the_harness(harness: dict[str, Any]) -> None:
    prompts = [few_shot_prompt(TASK, item, NUM_FEWSHOT, seed=1) for item in TASK.test]
    scores = score(*trained(), [Question(p.text, p.choices, TASK.after) for p in prompts])
    assert len({ours.ranked for ours in scores}) > 1
    right = 0
    for sample, ours in zip(harness["samples"]["ranked"], scores, strict=True):
        theirs = [value for value, _ in sample["filtered_resps"]]
        assert ours.log_probabilities == pytest.approx(theirs, abs=1e-4)
        # The harness normalises by letters, tinylm by tokens.
        sums = zip(ours.log_probabilities, sample["doc"]["choices"], strict=True)
        means = [value / len(choice) for value, choice in sums]
        right += means.index(max(means)) == sample["doc"]["gold"]
    assert harness["results"]["ranked"]["acc_norm,none"] == pytest.approx(right / len(scores))


def test_bits_per_byte_of_whole_texts_are_those_of_the_harness(harness: dict[str, Any]) -> None:
    texts = [doc["prompt"] + doc["answer"] for doc in documents()]
    bits = -sum(log_likelihoods(*trained(), texts)) / math.log(2)
    ours = bits / sum(len(text.encode()) for text in texts)
    assert harness["results"]["whole"]["bits_per_byte,none"] == pytest.approx(ours, rel=1e-5)


def test_exported_tasks_and_model_give_our_figures(tmp_path: Path) -> None:
    """As `lm_eval --model hf --model_args pretrained=hf --include_path tasks --tasks tinylm`."""
    import lm_eval
    from lm_eval.tasks import TaskManager

    model, coder = trained()
    texts = [f"{b} {a}." for a, b in pairs(30, 3)]
    written_down = replace(TASK, test=TASK.test[:20])
    ranked = replace(written_down, name="ranked", decide="ranked")
    size = model.config.block_size
    written = harness_files((written_down, ranked), [*texts, "x" * 99], coder, size, "a-run")
    assert f"{len(texts)} validation texts" in written["README.md"].decode()  # one is too long
    for folder, files in (("hf", model_files(model, coder)), ("tasks", written)):
        (tmp_path / folder).mkdir()
        for name, data in files.items():
            (tmp_path / folder / name).write_bytes(data)
    results = lm_eval.simple_evaluate(
        model="hf",
        model_args=f"pretrained={tmp_path / 'hf'},dtype=float32",
        tasks=["tinylm"],
        device="cpu",
        batch_size=20,
        bootstrap_iters=0,
        task_manager=TaskManager(include_path=str(tmp_path / "tasks"), include_defaults=False),
    )["results"]
    for task, metric in ((written_down, "exact_match"), (ranked, "acc")):
        for k in (0, 1, 4, 8):
            theirs = results[f"tinylm_{task.name}_k{k}"][f"{metric},none"]
            assert theirs == pytest.approx(measure(model, coder, task, num_fewshot=k).accuracy)
    bits = -sum(log_likelihoods(model, coder, texts)) / math.log(2) / sum(map(len, texts))
    assert results["tinylm_loss"]["bits_per_byte,none"] == pytest.approx(bits, rel=1e-4)
