"""An engine for tests of pages: the right events and answers, made up, without torch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tinylm.config import RunConfig
from tinylm.events import (
    CheckpointSaved,
    EvalDone,
    Event,
    NextTokenOdds,
    Preparing,
    RunEnded,
    RunStarted,
    Sampled,
    StepDone,
)

ACCURACY = {0: 0.08, 1: 0.6, 2: 0.68, 4: 0.74, 8: 0.77}


class FakeEngine:
    """`between_steps` is called before every step, e.g. to wait a moment."""

    def __init__(self, between_steps: Callable[[], object] = lambda: None) -> None:
        self._between_steps = between_steps

    def run(
        self,
        config: RunConfig,
        run_dir: Path,
        home: Path,
        *,
        resume: bool,
        control: Callable[[], str],
        threads: Callable[[], int],
        lr_factor: Callable[[], float] = lambda: 1.0,
    ) -> Iterator[Event]:
        steps, vocab = config.train.steps, config.model.vocab_size
        per_step = config.tokens_per_step
        yield Preparing(0, "Reading the corpus")
        yield RunStarted(0, steps, per_step, 1000, vocab, 9000, 900, 3000, threads(), "fp32", "cpu")
        yield _measured(0, 0, math.log(vocab))
        for step in range(1, steps + 1):
            if control() != "run":
                yield RunEnded(step - 1, "stopped" if control() == "stop" else "paused", 1.0)
                return
            self._between_steps()
            loss = 1.0 + (math.log(vocab) - 1.0) * math.exp(-4 * step / steps)
            wobble = 0.1 * math.sin(step * 12.9898)
            yield StepDone(step, step * per_step, loss + wobble, 1e-3, 1.0, 9000.0)
            if step % config.train.eval_interval == 0 or step == steps:
                yield _measured(step, step * per_step, loss)
                yield Sampled(step, "Ghana -> ", f"Accra at step {step}\nPeru -> Lima", 1, 0.8)
                yield NextTokenOdds(step, "Ghana ->", (" Accra", " Lima", "\n"), (0.6, 0.3, 0.1))
                yield CheckpointSaved(step, f"step-{step:06d}")
        yield RunEnded(steps, "done", 2.0)

    def perform(self, kind: str, params: dict[str, Any], home: Path) -> dict[str, Any]:
        return JOBS[kind](params)


def _measured(step: int, tokens: int, loss: float) -> EvalDone:
    return EvalDone(step, tokens, loss, math.exp(loss), loss / math.log(2) / 3.2, 900)


def _score(params: dict[str, Any]) -> dict[str, Any]:
    shots = max(k for k in ACCURACY if k <= params["num_fewshot"])
    accuracy = 0.02 if params.get("step") == 0 else ACCURACY[shots]
    if params["run"].startswith("questions-"):
        accuracy = 0.1 if "-scratch-" in params["run"] else 0.55
    if params.get("control"):
        accuracy = 0.2
    correct = round(160 * accuracy)
    return {
        "n": 160,
        "correct": correct,
        "accuracy": accuracy,
        "low": max(0.0, accuracy - 0.07),
        "high": min(1.0, accuracy + 0.07),
        "chance": 0.06,
        "majority": 0.12,
        "items": [{"correct": i < correct} for i in range(160)],
        **_metrics(params["task"], accuracy),
    }


def _metrics(task: str, accuracy: float) -> dict[str, Any]:
    """The metrics of a task, the leading one first; BLEU is a little above exact matches."""
    if task.startswith("to_"):
        bleu = 100 * accuracy + 5
        interval = {"bleu_low": bleu - 4, "bleu_high": bleu + 4}
        return {"metric": "bleu", "metrics": {"bleu": bleu, "accuracy": accuracy} | interval}
    found = {"accuracy": accuracy}
    return {"metric": "accuracy", "metrics": found | {"macro_f1": accuracy / 2}}


def _transfer(params: dict[str, Any]) -> dict[str, Any]:
    """The base learns twice as fast as the shorter one; scratch hardly."""
    speed = {"base": 0.1, "tenth": 0.05, "scratch": 0.01}[params["init"]]
    accuracy = speed * math.log2(1 + params["labels"]) * (0.95 + 0.05 * (params["seed"] - 1))
    interval = {"low": max(0.0, accuracy - 0.04), "high": min(1.0, accuracy + 0.04)}
    return {"n": 160, "correct": round(160 * accuracy), "accuracy": accuracy, "seconds": 2.0} | (
        interval
    )


def _loss(params: dict[str, Any]) -> dict[str, Any]:
    """Fine-tuned models read the old text worse than the base."""
    loss = 2.0 if params["run"].startswith("questions-") else 1.0
    bits = loss / math.log(2) / 3.2
    return {"loss": loss, "perplexity": math.exp(loss), "bits_per_byte": bits, "tokens": 9000}


def _odds(params: dict[str, Any]) -> dict[str, Any]:
    choices = params.get("choices") or []
    total = sum(range(1, len(choices) + 1)) or 1
    return {
        "greedy": choices[0].strip() if choices else "",
        "tokens": [{"text": " Accra", "probability": 0.6}, {"text": "\n", "probability": 0.4}],
        "choices": [
            {"text": text, "probability": (len(choices) - i) / total}
            for i, text in enumerate(choices)
        ],
    }


def _sample(params: dict[str, Any]) -> dict[str, Any]:
    return {"text": " and so on."}


_CODED = {"vocab_size": 256, "tokens": 900, "bytes_per_token": 1.0, "words_in_context": 22.0}
_CELL = {"text": " Accra", "probability": 0.6}
INSIDE = {
    "tokens": ["", "Gh", "ana"],
    "odds": [[_CELL, {"text": "\n", "probability": 0.1}]] * 3,
    "given": [0.2, 0.9, None],
    "attention": [[[[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.2, 0.2, 0.6]]] * 2] * 2,
    "lens": [[_CELL] * 3] * 3,
}


def _tokens(params: dict[str, Any]) -> dict[str, Any]:
    coded = [[[byte, f"{byte:02x}"] for byte in text.encode()] for text in params["texts"]]
    return {"ours": coded, "gpt2": coded}


def _corpus(params: dict[str, Any]) -> dict[str, Any]:
    return {
        "train_documents": 20_000,
        "val_documents": 500,
        "train_characters": 2_400_000,
        "val_characters": 60_000,
        "train_words": 400_000,
        "distinct_words": 1_800,
        "longest": 640,
        "kinds": {"prose": 8000, "info-box": 5000, "worksheet": 7000},
    }


def _size(params: dict[str, Any]) -> dict[str, Any]:
    facts = 2_254 if params["corpus"].startswith(("world", "made-")) else None
    counts = {"documents": 20_500, "characters": 3_900_000, "bytes": 3_900_000, "facts": facts}
    return counts | {"tokens": 1_050_000, "vocab_size": 2048}


JOBS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "score": _score,
    "transfer": _transfer,
    "loss": _loss,
    "odds": _odds,
    "sample": _sample,
    "corpus": _corpus,
    "size": _size,
    "merges": lambda params: {"merges": [["61", "62"], ["6162", "63"]]},
    "tokens": _tokens,
    "compression": lambda params: {"rows": [_CODED], "gpt2": _CODED, "bytes": 900, "words": 160},
    "inside": lambda params: INSIDE,
    "copying": lambda params: {
        "points": [{"step": s, "scores": [[0.01, 0.3 * (s > 0)]]} for s in params["steps"]]
    },
    "reading": lambda params: {
        "points": [
            {"step": s, "answers": [[0.1, 0.1 + 0.4 * (s > 0)]], "separators": [[0.1, 0.2]]}
            | {"even": 0.125, "n": 48}
            for s in params["steps"]
        ]
    },
}
