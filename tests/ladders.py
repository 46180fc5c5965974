"""What the job "ladder" finds, for tests of charts and pages; test_ladder.py checks its form."""

from __future__ import annotations

import math
from typing import Any

TOKENS, BYTES = 900, 2880


def rung(loss: float) -> dict[str, Any]:
    return {
        "loss": loss,
        "perplexity": math.exp(loss),
        "bits_per_byte": loss * TOKENS / math.log(2) / BYTES,
    }


LOSSES = {"uniform": math.log(512), "unigram": 5.0, "bigram": 2.5, "trigram": 1.75}
FLOOR = 0.75
LADDER: dict[str, Any] = {
    "tokens": TOKENS,
    "bytes": BYTES,
    "documents": 30,
    "train_tokens": 9000,
    "models": {name: rung(loss) for name, loss in LOSSES.items()},
    "entropy": rung(FLOOR) | {"bound": True},
    "kinds": {
        "prose": {"documents": 20, "tokens": 600, "entropy": rung(0.8) | {"bound": True}},
        "worksheet": {"documents": 10, "tokens": 300, "entropy": rung(0.65) | {"bound": True}},
    },
}
