"""What the page says of the guesses, in words with their figures, and what its picture shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from pages.scale.charts import Picture
from tinylm.experiments.recording import Recording
from tinylm.experiments.scale import (
    CALIBRATING,
    ENTROPY,
    LARGE,
    LOSS,
    NARROWER,
    PARAMETERS,
    SMALL,
    STEPS,
    TIMES,
    Repetition,
    foretell,
    question,
    tokens_of,
    work,
)
from tinylm.questions.experiments import Measured
from tinylm.questions.scale import Foretold

POINTS = 12  # of the dashed line


def picture(
    measured: Mapping[str, Measured], own: float | None = None, foretold: Foretold | None = None
) -> Picture:
    """The runs that are measured so far; the dashed line and the guess once there is one."""
    small = [
        (tokens_of(arm), measured[arm.name].figures[LOSS].value)
        for arm in SMALL
        if arm.name in measured
    ]
    entropy = next((one.figures[ENTROPY].value for one in measured.values()), None)
    large = measured.get(LARGE.name)
    return Picture(
        small,
        entropy,
        tokens_of(LARGE),
        line(measured) if foretold is not None else (),
        foretold,
        own,
        large.figures[LOSS].value if large is not None and foretold is not None else None,
    )


def line(measured: Mapping[str, Measured]) -> list[tuple[int, float]]:
    """What the small runs foretell from the last of them up to the larger one."""
    asked = question(measured)
    first, last = asked.small[-1].tokens, asked.tokens
    steps = (round(first * (last / first) ** (i / (POINTS - 1))) for i in range(POINTS))
    return [
        (tokens, foretell(asked.small, asked.weights, asked.entropy, tokens).loss)
        for tokens in steps
    ]


def of_seed(recording: Recording, seed: int) -> dict[str, Measured]:
    """The recorded figures of each arm with this seed."""
    return {one.arm: one.measured for one in recording.trials if one.seed == seed}


def meaning(found: Sequence[Repetition]) -> str:
    """Markdown: how good the recorded guesses were."""
    worst = max(abs(one.error) for one in found)
    held = sum(one.held for one in found)
    return (
        f"The small runs alone foretell **{_range([one.foretold.loss for one in found])}**. "
        f"In {len(found)} repetitions the guess was off by at most **{worst:.1%}**. Its interval "
        f"reaches as far as the largest error in {CALIBRATING} other repetitions before them. It "
        f"held the truth in **{held} of {len(found)}**."
    )


def _range(values: Sequence[float]) -> str:
    low, high = f"{min(values):.2f}", f"{max(values):.2f}"
    return low if low == high else f"{low} to {high}"


def table(found: Sequence[Repetition]) -> list[dict[str, str]]:
    """A row for each repetition: foretold and measured."""
    return [
        {
            "seed": str(one.seed),
            "foretold": f"{one.foretold.loss:.3f}",
            "interval": f"{one.foretold.low:.2f} to {one.foretold.high:.2f}",
            "measured": f"{one.measured:.3f}",
            "off by": f"{one.error:+.1%}",
        }
        for one in found
    ]


def judged(one: Repetition, own: float | None) -> str:
    """Markdown: what came of the guesses of a live repetition."""
    inside = "holds" if one.held else "does not hold"
    said = (
        f"The larger run ended with **{one.measured:.3f}**. The small runs had foretold "
        f"**{one.foretold.loss:.3f}**, which is off by {abs(one.error):.1%}. Its interval "
        f"{inside} the truth."
    )
    if own is not None:
        said += f" Your guess of {own:.2f} was off by {abs(own / one.measured - 1):.1%}."
    return said


def sizes(recording: Recording) -> list[dict[str, str]]:
    """Rows of size, text, work and loss: fewer parameters, more, and then more text."""
    rows = []
    for arm in (NARROWER, SMALL[-1], LARGE):
        loss, parameters = (recording.over(arm.name, name) for name in (LOSS, PARAMETERS))
        if loss is not None and parameters is not None:
            tokens = tokens_of(arm)
            rows.append(
                {
                    "parameters": f"{parameters.mean:,.0f}",
                    "tokens": f"{tokens / 1e6:.2g} million",
                    "work": f"{work(parameters.mean, tokens) / 1e12:.2g} trillion",
                    "loss": f"{loss.mean:.2f} ({loss.lowest:.2f} to {loss.highest:.2f})",
                }
            )
    return rows


def size_and_text(recording: Recording) -> str:
    """Markdown: what more parameters bought, and then more text; "" unless with every seed."""
    arms = (NARROWER, SMALL[-1], LARGE)
    found = [one for arm in arms if (one := recording.over(arm.name, LOSS))]
    counts = [one.mean for arm in arms if (one := recording.over(arm.name, PARAMETERS))]
    if len(found) < len(arms) or any(a.lowest <= b.highest for a, b in pairwise(found)):
        return ""
    losses = [one.mean for one in found]
    return (
        f"After the same text, a model with {counts[1] / counts[0]:.1f} times the parameters ends "
        f"at {losses[1]:.2f} instead of {losses[0]:.2f}. With {TIMES} times the text it ends at "
        f"{losses[2]:.2f}. So size and text both help, and both cost work."
    )


def longest() -> str:
    """How long the longest small run is, in words."""
    return f"{tokens_of(SMALL[-1]):,} tokens in {STEPS[-1]} updates"
