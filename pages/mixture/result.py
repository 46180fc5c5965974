"""What the experiment shows: its bars, and what they say in words with their figures."""

from __future__ import annotations

from tinylm.experiments.mixture import (
    EXPERIMENT,
    FACTS,
    FEWER,
    GRAMMAR,
    SHUFFLED,
    SPOILED,
    USUAL,
    WRONG,
)
from tinylm.experiments.recording import Over, Recording
from ui.charts.arms import Bar
from ui.charts.base import BLUE, GREY, VERMILION
from ui.experiments import Live, over

OWN = "your mixture"
# The bars of the first picture, with their colours; the last one is a control.
FIRST = {USUAL: BLUE, WRONG: VERMILION, SHUFFLED: VERMILION, FEWER: GREY}


def bars(recording: Recording | None, live: Live) -> list[Bar]:
    """The recorded arms, and the mixture of the learner as far as it is measured."""
    found = [
        Bar(EXPERIMENT.arm(arm).title, over(recording, arm, FACTS), None, colour)
        for arm, colour in FIRST.items()
    ]
    return [*found, Bar(OWN, None, live.figure(USUAL, FACTS), BLUE)]


def apart(one: Over, other: Over) -> int:
    """1 where a figure is higher with every seed than another with any, -1 where lower, else 0."""
    return int(one.lowest > other.highest) - int(one.highest < other.lowest)


def _figures(recording: Recording, figure: str, *arms: str) -> list[Over]:
    found = [over(recording, arm, figure) for arm in arms]
    return [one for one in found if one is not None]


def in_words(one: Over) -> str:
    """`27% (seeds: 25% to 30%)`."""
    return f"**{one.mean:.0%}** (seeds: {one.lowest:.0%} to {one.highest:.0%})"


def quality(recording: Recording) -> str:
    """Markdown: what wrong and shuffled documents do, beside leaving them out."""
    usual, wrong, shuffled, fewer = _figures(recording, FACTS, USUAL, WRONG, SHUFFLED, FEWER)
    grammar = _figures(recording, GRAMMAR, USUAL, WRONG, FEWER)
    said = (
        f"With the usual text it answers {in_words(usual)} of the facts right. With "
        f"{SPOILED:.0%} of the documents wrong, {in_words(wrong)}. If these documents are left "
        f"out and nothing comes instead, {in_words(fewer)}. {worth('wrong', wrong, fewer)} "
        f"With as many documents *shuffled*, their words in a random order, {in_words(shuffled)}. "
        f"{worth('shuffled', shuffled, fewer)}"
    )
    if not apart(grammar[0], grammar[1]):
        said += (
            " In **grammar** the seeds show no difference between the usual text and the one with "
            f"wrong facts: {in_words(grammar[0])} and {in_words(grammar[1])} of the pairs right."
        )
        if apart(grammar[1], grammar[2]) > 0:
            said += (
                f" Without the wrong documents it is {in_words(grammar[2])}. So a document whose "
                "facts are wrong still teaches **grammar**."
            )
    return said


def worth(kind: str, with_them: Over, without: Over) -> str:
    """Whether spoiled documents are better than none, as far as the seeds tell it."""
    return {
        -1: f"So {kind} documents do harm: **none would be better**.",
        0: f"The seeds do not tell apart whether {kind} documents are better than none.",
        1: f"So {kind} documents are still better than none.",
    }[apart(with_them, without)]
