"""An answer to `LadderOf`, for tests of charts and pages."""

from __future__ import annotations

import math

from tinylm.questions.models import KindOfText, Ladder, Rung

TOKENS, BYTES = 900, 2880


def rung(loss: float) -> Rung:
    return Rung(loss, math.exp(loss), loss * TOKENS / math.log(2) / BYTES)


LOSSES = {"uniform": math.log(512), "unigram": 5.0, "bigram": 2.5, "trigram": 1.75}
FLOOR = 0.75
LADDER = Ladder(
    tokens=TOKENS,
    bytes=BYTES,
    documents=30,
    train_tokens=9000,
    models={name: rung(loss) for name, loss in LOSSES.items()},
    entropy=rung(FLOOR),
    kinds={
        "prose": KindOfText(20, 600, rung(0.8)),
        "worksheet": KindOfText(10, 300, rung(0.65)),
    },
)
