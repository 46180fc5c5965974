"""What the experiment shows: its lines, and what they say in words with their figures."""

from __future__ import annotations

from pages.often.charts import RIGHT, SURE, Point
from tinylm.experiments.often import (
    BINS,
    EXPERIMENT,
    GAP,
    GUESSED,
    INVENTED_RELATIONS,
    INVENTED_SURE,
    LEVELS,
    bin_name,
    invented,
    level_right,
    level_sure,
    right,
    sure,
)
from tinylm.experiments.recording import Over, Recording
from ui.charts.arms import Bar
from ui.charts.base import BLUE
from ui.experiments import Live, over

ARM = EXPERIMENT.arms[0].name
LAST = len(BINS) - 1
ONCE = 1  # the place of the bin of facts that are told once
LEAST = 20  # answers of a level of confidence that is drawn
KNOWN = 0.5  # of the facts of a bin, from which most are known


def lines(recording: Recording | None, live: Live) -> dict[str, list[Point]]:
    """Accuracy and confidence by how often the facts were told."""
    return {
        name: [
            Point(
                bin_name(which),
                over(recording, ARM, figure(which)),
                live.figure(ARM, figure(which)),
            )
            for which in range(len(BINS))
        ]
        for name, figure in ((RIGHT, right), (SURE, sure))
    }


def figure(recording: Recording, name: str) -> Over:
    """A recorded figure over the seeds."""
    found = recording.over(ARM, name)
    assert found is not None, name
    return found


def meaning(recording: Recording) -> str:
    """Markdown: what the recorded lines say."""
    never, guessed = figure(recording, right(0)), figure(recording, GUESSED)
    once, most = figure(recording, right(ONCE)), figure(recording, right(LAST))
    known = (BINS[i][0] for i in range(len(BINS)) if figure(recording, right(i)).lowest > KNOWN)
    first, often = next(known, None), f"{BINS[LAST][0]} times or more"
    half = (
        f"It knows more than half, with every seed, from **{first} tellings** on, and"
        if first
        else "It knows"
    )
    return (
        f"Of facts that the text **never** tells, it gets {never.mean:.0%} right by guessing: the "
        f"commonest answer alone gets {guessed.mean:.0%}. Told once: **{once.mean:.0%}**. {half} "
        f"{most.mean:.0%} of what was told {often}. {_surer(recording)}: it is "
        f"**{figure(recording, sure(0)).mean:.0%}** sure of what was never told, and "
        f"{figure(recording, sure(LAST)).mean:.0%} sure of what was told {often}."
    )


def _surer(recording: Recording) -> str:
    """Whether, with every seed, it gains more in being right than in being sure."""
    figures = [one.measured.figures for one in recording.of(ARM)]
    less = all(
        one[sure(LAST)].value - one[sure(0)].value < one[right(LAST)].value - one[right(0)].value
        for one in figures
    )
    return "How sure it is changes less" if less else "And how sure it is"


def levels(recording: Recording) -> list[tuple[Over, Over]]:
    """Mean confidence and accuracy of each level that has LEAST answers with every seed."""
    found = []
    for level in range(LEVELS):
        names = level_sure(level), level_right(level)
        trials = [one.measured.figures.get(names[0]) for one in recording.of(ARM)]
        if all(one is not None and one.n >= LEAST for one in trials):
            found.append((figure(recording, names[0]), figure(recording, names[1])))
    return found


def calibration(recording: Recording) -> str:
    """Markdown: how far confidence and accuracy lie apart, and to which side."""
    pairs = levels(recording)
    above = sum(sure.mean > right.mean for sure, right in pairs)
    side = (
        "It is surer than it is right"
        if above > len(pairs) / 2
        else "It is right more often than it is sure"
    )
    error = figure(recording, GAP)
    return (
        f"On average, how sure it is and how often it is right lie **{100 * error.mean:.0f} "
        f"percentage points** apart (seeds: {100 * error.lowest:.0f} to "
        f"{100 * error.highest:.0f}). {side} at {max(above, len(pairs) - above)} of {len(pairs)} "
        "levels."
    )


def invented_bars(recording: Recording | None, live: Live) -> list[Bar]:
    """The share of sure answers about countries that do not exist, by what was asked."""
    return [
        Bar(name, over(recording, ARM, invented(name)), live.figure(ARM, invented(name)), BLUE)
        for name in INVENTED_RELATIONS
    ]


def invention(recording: Recording) -> str:
    """Markdown: how sure it is about countries that do not exist."""
    every = figure(recording, INVENTED_SURE)
    shares = {name: figure(recording, invented(name)) for name in INVENTED_RELATIONS}
    most = max(shares, key=lambda name: shares[name].mean)
    least = min(shares, key=lambda name: shares[name].mean)
    return (
        f"**{every.mean:.0%}** of its answers about countries that do not exist are sure ones "
        f"(seeds: {every.lowest:.0%} to {every.highest:.0%}). Asked for the {most}, "
        f"{shares[most].mean:.0%} are; asked for the {least}, {shares[least].mean:.0%}."
    )
