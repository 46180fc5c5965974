"""The phases of a training run, found by rules from what was measured.

The text of each phase states its rule. No rule relies on how such curves usually look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tinylm.evaluation.intervals import wilson
from tinylm.events import EvalDone, Probed
from tinylm.questions.models import Ladder

LEARNED = {
    "unigram": "has learned the frequencies of tokens: its loss is below the unigram model's",
    "bigram": "passes the bigram: it uses more than the one token before",
    "trigram": "passes the trigram: it uses more than the two tokens before",
}
PROBED = {
    "grammar": "tells grammatical sentences from others better than by chance",
    "meaning": "tells what words mean better than by chance",
    "facts": "knows facts of its text better than by chance",
}
OVER_FITS = "over-fits"
CLOSE = 0.2  # nats per token above the true entropy
RISE = 0.05  # nats per token above the lowest validation loss that count as over-fitting


@dataclass(frozen=True)
class Phase:
    """What the run had reached at a validation."""

    step: int
    name: str  # a word for a mark in a chart
    text: str


def phases(
    evals: Sequence[EvalDone], ladder: Ladder | None = None, probes: Sequence[Probed] = ()
) -> list[Phase]:
    """The phases in order, each at the first validation at which its rule holds.

    All arguments must be of the same run. Only over-fitting is placed at the lowest loss instead.
    """
    found: list[Phase] = []
    if ladder is not None:
        for name, text in LEARNED.items():
            rung = ladder.models.get(name)
            if rung is not None:
                found += _first(evals, rung.loss, name, text)
        if ladder.entropy:
            floor = ladder.entropy.loss
            text = f"is within {CLOSE:g} nats per token of the true entropy"
            found += _first(evals, floor + CLOSE, "near entropy", text)
    for name, text in PROBED.items():
        for probe in probes:
            if probe.name == name and wilson(probe.correct, probe.num_items)[0] > 0.5:
                right = f"{probe.correct} of {probe.num_items} pairs"
                found.append(Phase(probe.step, name, f"{text} ({right}; by chance half)"))
                break
    found += _over_fitting(evals)
    return sorted(found, key=lambda phase: phase.step)


def _first(evals: Sequence[EvalDone], limit: float, name: str, text: str) -> list[Phase]:
    return [Phase(one.step, name, text) for one in evals if one.loss < limit][:1]


def turn(evals: Sequence[EvalDone]) -> tuple[EvalDone, EvalDone] | None:
    """The validation with the lowest loss, and the newest one, if the loss has risen by RISE.

    Compared are only validations on as much text as the first one, which is the same text. The
    early looks read less and the last one may read more, so their losses differ by their text too.
    """
    alike = [one for one in evals if one.num_tokens == evals[0].num_tokens]
    if not alike:
        return None
    lowest, newest = min(alike, key=lambda one: one.loss), alike[-1]
    # The comparison is false also where one of them is no number.
    return (lowest, newest) if newest.loss - lowest.loss >= RISE else None


def _over_fitting(evals: Sequence[EvalDone]) -> list[Phase]:
    turned = turn(evals)
    if turned is None:
        return []
    lowest, newest = turned
    text = (
        "over-fits from here on: the validation loss has risen by "
        f"{newest.loss - lowest.loss:.2f} nats per token since"
    )
    return [Phase(lowest.step, OVER_FITS, text)]
