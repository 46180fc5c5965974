"""Sampling speed: tokens per second, one text at a time, with a key-value cache."""

from __future__ import annotations

from typing import Any

import torch

from tinylm.bench.reference import gpt2
from tinylm.bench.timing import in_turns, ratio
from tinylm.config import ModelConfig
from tinylm.generate import generate
from tinylm.model import GPT

PROMPT = list(range(1, 11))
TEMPERATURE = 0.8


def sampling_speed(shape: ModelConfig, num_tokens: int, rounds: int) -> dict[str, Any]:
    """Tokens per second of ours and of `transformers.generate`, random weights, batch 1.

    Raises NotFound without `transformers`.
    """
    ours, theirs = GPT(shape).eval(), gpt2(shape).eval()
    prompt = torch.tensor([PROMPT])

    def reference() -> None:
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

    times = in_turns(
        {
            "ours": lambda: generate(ours, PROMPT, num_tokens, temperature=TEMPERATURE),
            "transformers": reference,
        },
        rounds,
    )
    return {
        "tokens_per_sec": {name: num_tokens / found.median for name, found in times.items()},
        "times_as_fast": ratio(times["ours"], times["transformers"]),
    }
