"""What the experiment shows: its bars, and what they say in words with their figures."""

from __future__ import annotations

from tinylm.experiments.mixture import (
    COUNTRIES,
    EXPERIMENT,
    FACTS,
    FEW,
    FEWER,
    GRAMMAR,
    PASSES,
    SHUFFLED,
    SPOILED,
    TOLD,
    USUAL,
    WRONG,
    again,
)
from tinylm.experiments.recording import Over, Recording
from ui.charts.arms import Bar
from ui.charts.base import BLUE, GREY, VERMILION
from ui.experiments import Live, over

OWN = "your mixture"
MANY = PASSES[1]
# The bars of the first picture, with their colours; the last one is a control.
FIRST = {
    USUAL: BLUE,
    WRONG: VERMILION,
    SHUFFLED: VERMILION,
    again(MANY): VERMILION,
    FEWER: GREY,
}


def bars(recording: Recording | None, live: Live) -> list[Bar]:
    """The recorded arms, and the mixture of the learner as far as it is measured."""
    found = [
        Bar(EXPERIMENT.arm(arm).title, over(recording, arm, FACTS), None, colour)
        for arm, colour in FIRST.items()
    ]
    return [*found, Bar(OWN, None, live.figure(USUAL, FACTS), BLUE)]


def of_arms(recording: Recording, arms: tuple[str, ...], figure: str) -> list[Bar]:
    """One figure of some arms; the first one is the usual text."""
    return [
        Bar(EXPERIMENT.arm(arm).title, over(recording, arm, figure), None, BLUE if not i else GREY)
        for i, arm in enumerate(arms)
    ]


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
        f"Shuffled documents: {in_words(shuffled)}. {worth('shuffled', shuffled, fewer)}"
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


def variety(recording: Recording) -> str:
    """Markdown: countries alone, beside as few facts of all tables."""
    usual, countries, few = _figures(recording, TOLD, USUAL, COUNTRIES, FEW)
    all_facts = _figures(recording, FACTS, COUNTRIES)[0]
    grammar = _figures(recording, GRAMMAR, USUAL, COUNTRIES)
    said = (
        "One text is about countries alone. Of the facts that it tells, the model answers "
        f"{in_words(countries)} right; of all facts of the world, {in_words(all_facts)}. The usual "
        f"text tells all facts, and gives {in_words(usual)}. Is it easier because it is about one "
        "thing only, or because there is less to learn? So there is a **control**: a text about "
        "everything that tells just as few facts. Of the facts that it tells, the model answers "
        f"{in_words(few)} right. "
    )
    said += _why_easier(usual, countries, few)
    if len(grammar) == 2 and apart(grammar[1], grammar[0]) < 0:
        said += (
            f" And it costs: in grammar the model is right in {in_words(grammar[1])} of the pairs, "
            f"with the usual text in {in_words(grammar[0])}."
        )
    return said


def _why_easier(usual: Over, countries: Over, few: Over) -> str:
    """What the control says of one topic, as far as the seeds tell it."""
    if apart(countries, usual) < 1:
        return "With these seeds, one topic is not learned better than all."
    if (more := apart(countries, few)) > 0:
        return "So one topic helps **beyond** having less to learn."
    if more < 0:
        return "So having less to learn helps, and one topic even hinders."
    if apart(few, usual) > 0:
        return "The seeds do not tell these two apart, so **having less to learn** is enough."
    return "The seeds do not tell which of the two it is."


def repetition(recording: Recording) -> str:
    """Markdown: what is left when a shorter text is read again and again."""
    usual, *read = _figures(recording, FACTS, USUAL, *map(again, PASSES))
    listed = "; ".join(f"{n} times {in_words(one)}" for n, one in zip(PASSES, read, strict=True))
    first = next((n for n, one in zip(PASSES, read, strict=True) if apart(one, usual) < 0), None)
    said = (
        f"All models read equally many words. New text all the time: {in_words(usual)} of the "
        f"facts. A shorter text, read again and again: {listed}. "
    )
    if first is None:
        return said + "The seeds do not tell repetition from new text."
    return said + (
        f"From **{first} times** on, it costs with every seed. Mind that two things change at "
        "once: the same documents come again, and fewer facts stand in them."
    )
