"""Which checkpoint of a run later pages use: the one with the best validation."""

from __future__ import annotations

from collections.abc import Sequence

from tinylm.events import EvalDone

CLEARLY = 0.01  # nats by which an earlier validation must be lower; less is chance


def best_step(saved: Sequence[int], evals: Sequence[EvalDone], tokens: int) -> int:
    """The step of `saved` (ascending, not empty) whose validation loss was lowest.

    That is the last one, unless an earlier one was clearly better. `tokens` is how many a regular
    validation scores: losses over other numbers of tokens cannot be compared. Where the last
    checkpoint has no such loss, the last regular one says whether the loss had turned.
    """
    regular = {one.step: one.loss for one in evals if one.step and one.num_tokens == tokens}
    measured = [step for step in saved if step in regular]
    if not measured:
        return saved[-1]
    best = min(measured, key=lambda step: (regular[step], -step))
    newest = regular[max(regular)]
    return best if regular[best] < newest - CLEARLY else saved[-1]
