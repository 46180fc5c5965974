"""Sampling speed: tokens per second, one text at a time, with a key-value cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from benchmarks.speed.reference import gpt2
from benchmarks.speed.timing import in_turns, ratio
from tinylm.config import ModelConfig
from tinylm.errors import NotFound
from tinylm.model.generate import generate
from tinylm.model.gpt import GPT
from tinylm.speed import fastest

PROMPT = list(range(1, 11))
TEMPERATURE = 0.8


def sampling_speed(shape: ModelConfig, num_tokens: int, rounds: int) -> dict[str, Any]:
    """Tokens per second of ours and of `transformers.generate`, with random weights and batch 1.

    Without `transformers` ours stands alone, and `no_reference` says why.
    """
    ours = fastest(GPT)(shape).eval()
    works: dict[str, Callable[[], object]] = {
        "ours": lambda: generate(ours, PROMPT, num_tokens, temperature=TEMPERATURE)
    }
    lacking = {}
    try:
        works["transformers"] = _reference(shape, num_tokens)
    except NotFound as error:
        lacking = {"no_reference": str(error)}
    times = in_turns(works, rounds)
    speeds = {name: num_tokens / found.median for name, found in times.items()}
    if lacking:
        return {"tokens_per_sec": speeds} | lacking
    times_as_fast = ratio(times["ours"], times["transformers"])
    return {"tokens_per_sec": speeds, "times_as_fast": times_as_fast}


def _reference(shape: ModelConfig, num_tokens: int) -> Callable[[], object]:
    theirs, prompt = gpt2(shape).eval(), torch.tensor([PROMPT])

    def work() -> None:
        with torch.inference_mode():
            theirs.generate(
                prompt,
                max_new_tokens=num_tokens,
                min_new_tokens=num_tokens,
                do_sample=True,
                temperature=TEMPERATURE,
                top_k=0,
                use_cache=True,
                pad_token_id=0,
            )

    return work
