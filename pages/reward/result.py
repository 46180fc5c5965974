"""What the experiment shows: its bars, and what they say in words with their figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tinylm.experiments.recording import Over, Recording
from tinylm.experiments.reward import (
    ANSWERS,
    AS_LONG,
    EXPERIMENT,
    FEW,
    LONGER,
    NEW,
    NEW_ONCE,
    TRIES,
    UPDATES,
)
from ui.charts.arms import Bar
from ui.charts.base import BLUE, PURPLE, VERMILION
from ui.experiments import Live, over

BASE, LABELS, MORE, REWARD = "base", "labels", "more", "reward"
SHOWN, SHOWN_LONG = "answers", "answers-long"
# The bars of the picture, which are repeated live, and those of two folded questions.
PICTURE = (BASE, LABELS, REWARD, SHOWN)
BUDGETS = (LABELS, MORE, REWARD, SHOWN, SHOWN_LONG)
STARTS = (
    (LABELS, REWARD),
    ("labels-32", "reward-32"),
    (BASE, "reward-base"),
    ("scratch", "reward-scratch"),
)


# What rewards begin with matters: the page has a fold about other starts.
ENOUGH = f"So after {FEW} labels right or wrong is enough to learn from"


def bars(recording: Recording | None, live: Live, arms: Sequence[str], figure: str) -> list[Bar]:
    """A bar of one figure for each arm."""
    return [
        Bar(
            EXPERIMENT.arm(name).title,
            over(recording, name, figure),
            live.figure(name, figure),
            colour(name),
        )
        for name in arms
    ]


def colour(name: str) -> str:
    """Blue is the base, purple what began from scratch, orange what was fine-tuned."""
    if name == BASE:
        return BLUE
    return PURPLE if "scratch" in name else VERMILION


def span(found: Over) -> str:
    """`55 % (seeds: 49 % to 68 %)`."""
    return f"**{found.mean:.0%}** (seeds: {found.lowest:.0%} to {found.highest:.0%})"


def meaning(recording: Recording) -> str:
    """Markdown: what the recorded bars say, and nothing that they do not show."""
    before, after = recording.over(LABELS, NEW), recording.over(REWARD, NEW)
    shown = recording.over(SHOWN, NEW)
    if before is None or after is None or shown is None:
        return ""
    said = (
        f"With rewards alone it goes from {span(before)} to {span(after)} of new questions right. "
        "A model that is shown the right answers to the same questions gets to "
        f"{span(shown)} in as many updates."
    )
    if not all(low < high for low, high in pairs(recording, LABELS, REWARD)):
        return f"{said} Whether rewards help at all differs from seed to seed."
    if all(low < high for low, high in pairs(recording, REWARD, SHOWN)):
        return f"{said} {ENOUGH}, and an answer teaches more."
    return f"{said} {ENOUGH}. Which teaches more is left open."


def budgets_in_words(recording: Recording) -> str:
    """Markdown: what longer training does without rewards."""
    same, longer, rewarded = (recording.over(arm, NEW) for arm in (MORE, SHOWN_LONG, REWARD))
    if same is None or longer is None or rewarded is None:
        return ""
    no = "**No.** " if same.highest < rewarded.lowest else ""
    return (
        f"{no}Training on with the same {FEW} labels, for as many updates, leads to "
        f"{span(same)} of new questions right. But whoever gives rewards must know the right "
        f"answers, here those of {ANSWERS:,} questions. So one more model is shown these very "
        f"answers, in the same order. And trying takes time: in the seconds of {UPDATES} updates "
        f"by rewards, {AS_LONG} updates on answers can be done. They lead to {span(longer)}."
    )


def pairs(recording: Recording, one: str, other: str) -> list[tuple[float, float]]:
    """The share of new questions answered right by two arms, seed by seed."""

    def values(name: str) -> list[float]:
        return [trial.measured.figures[NEW].value for trial in recording.of(name)]

    return list(zip(values(one), values(other), strict=True))


STUCK = 0.1  # with less of the new questions right, rewards have led nowhere


class Rise(NamedTuple):
    """What rewards did after one start."""

    start: str  # as it is called
    before: Over
    after: Over


def rises(recording: Recording) -> list[Rise]:
    """What rewards did after each start that was recorded."""
    found = []
    for start, rewarded in STARTS:
        before, after = recording.over(start, NEW), recording.over(rewarded, NEW)
        if before is not None and after is not None:
            found.append(Rise(EXPERIMENT.arm(start).title, before, after))
    return found


def starts_in_words(recording: Recording) -> str:
    """Markdown: from where rewards lead somewhere, in the figures of the recording."""
    found = rises(recording)
    said = "".join(
        f"- From *{rise.start}*, rewards lead from {rise.before.mean:.0%} of new questions right "
        f"to **{rise.after.mean:.0%}** (seeds: {rise.after.lowest:.0%} to "
        f"{rise.after.highest:.0%}).\n"
        for rise in found
    )
    said += f"\nThe model from scratch had {LONGER} times as many updates by rewards."
    stuck = [f"*{rise.start}*" for rise in found if rise.after.highest < STUCK]
    mixed = [f"*{r.start}*" for r in found if r.after.lowest < STUCK <= r.after.highest]
    if mixed:
        said += f" With {' and '.join(mixed)} it depends on the seed."
    if stuck:
        said += f" With {' and '.join(stuck)} they led nowhere."
    return said


def tries_in_words(recording: Recording) -> str:
    """Markdown: how often one of several tries is right, before and after."""
    before, after = recording.over(LABELS, NEW_ONCE), recording.over(REWARD, NEW_ONCE)
    if before is None or after is None:
        return ""
    return (
        f"Before the rewards, at least one of {TRIES} tries was right for {span(before)} of the "
        f"new questions; after them, for {span(after)}."
    )
