"""What the experiment shows: its bars, and what they say in words with their figures."""

from __future__ import annotations

from collections.abc import Sequence

from tinylm.experiments.mixture import (
    BITS,
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
from ui.charts.base import BLUE, GREY, OCHRE
from ui.experiments import Live, over

OWN = "your mixture"
MANY = PASSES[1]
# The bars of the first picture, with their colours.
FIRST = {USUAL: BLUE, WRONG: OCHRE, SHUFFLED: OCHRE, again(MANY): OCHRE}
WITH_CONTROL = {USUAL: BLUE, WRONG: OCHRE, SHUFFLED: OCHRE, FEWER: GREY}
# What each of these texts lacks, and what it is.
LACKING = {
    WRONG: ("true", f"with {SPOILED:.0%} of its documents wrong, it is"),
    SHUFFLED: ("in order", f"with the words in {SPOILED:.0%} of them mixed up,"),
    again(MANY): ("long", f"if it is {MANY} times shorter and read {MANY} times,"),
}


def bars(recording: Recording, arms: dict[str, str], figure: str = FACTS) -> list[Bar]:
    """One figure of recorded arms, given with their colours."""
    return [
        Bar(EXPERIMENT.arm(arm).title, over(recording, arm, figure), None, colour)
        for arm, colour in arms.items()
    ]


def own_bars(recording: Recording | None, live: Live) -> list[Bar]:
    """The usual text, and the mixture of the learner as far as it is measured."""
    usual = Bar(EXPERIMENT.arm(USUAL).title, over(recording, USUAL, FACTS), None, BLUE)
    return [usual, Bar(OWN, None, live.figure(USUAL, FACTS))]


def apart(one: Over, other: Over) -> int:
    """1 where a figure is higher with every seed than another with any, -1 where lower, else 0."""
    return int(one.lowest > other.highest) - int(one.highest < other.lowest)


def _figures(recording: Recording, figure: str, *arms: str) -> list[Over]:
    found = [over(recording, arm, figure) for arm in arms]
    return [one for one in found if one is not None]


def bold(one: Over) -> str:
    """`**27%**`: the mean over the seeds, whose range the picture shows."""
    return f"**{one.mean:.0%}**"


def in_words(one: Over) -> str:
    """`27% (seeds: 25% to 30%)`, for what no picture shows."""
    return f"{one.mean:.0%} (seeds: {one.lowest:.0%} to {one.highest:.0%})"


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def meaning(recording: Recording) -> str:
    """Markdown: what a text must be like, by the texts that teach less with every seed."""
    usual, *others = _figures(recording, FACTS, USUAL, *LACKING)
    worse = [
        (lacks, f"{words} {bold(one)}")
        for (lacks, words), one in zip(LACKING.values(), others, strict=True)
        if apart(one, usual) < 0
    ]
    if not worse:
        return "None of these texts teaches less than the usual one with every seed."
    return (
        f"So a text must be **{_listed([one for one, _ in worse])}**: the usual one teaches "
        f"{bold(usual)} of the facts; {'; '.join(said for _, said in worse)}."
    )


def quality(recording: Recording) -> str:
    """Markdown: what wrong and shuffled documents do, beside leaving them out."""
    wrong, shuffled, fewer = _figures(recording, FACTS, WRONG, SHUFFLED, FEWER)
    grammar = _figures(recording, GRAMMAR, USUAL, WRONG, FEWER)
    said = (
        f"The grey bar is the **control**: here the {SPOILED:.0%} are left out, nothing comes "
        f"instead, and {bold(fewer)} of the facts are right. With wrong documents it is "
        f"{bold(wrong)}. {worth('wrong', wrong, fewer)} With shuffled ones it is {bold(shuffled)}. "
        f"{worth('shuffled', shuffled, fewer)}"
    )
    if not apart(grammar[0], grammar[1]):
        said += (
            "\n\nIn **grammar** the seeds show no difference between the usual text and the one "
            f"with wrong facts: {in_words(grammar[0])} and {in_words(grammar[1])} of the pairs "
            "are right."
        )
        if apart(grammar[1], grammar[2]) > 0:
            said += (
                f" Without the wrong documents it is {in_words(grammar[2])}. So a document whose "
                "facts are wrong still teaches grammar."
            )
    return said


def worth(kind: str, with_them: Over, without: Over) -> str:
    """Whether spoiled documents are better than none, as far as every seed shows it."""
    return {
        -1: f"So {kind} documents do harm: **none would be better**.",
        0: f"The two overlap, so whether {kind} documents are better than none stays open.",
        1: f"So {kind} documents are still better than none.",
    }[apart(with_them, without)]


def variety(recording: Recording) -> str:
    """Markdown: countries alone, beside as few facts of all tables."""
    usual, countries, few = _figures(recording, TOLD, USUAL, COUNTRIES, FEW)
    everything = _figures(recording, FACTS, USUAL, COUNTRIES)
    grammar = _figures(recording, GRAMMAR, USUAL, COUNTRIES)
    said = (
        f"A text about countries alone teaches {bold(countries)} of the facts that it tells, the "
        f"usual one {bold(usual)}. Does it help to be about one thing, or is there just less to "
        "learn? The **control** is about everything, but tells just as few facts, and teaches "
        f"{bold(few)} of them. {_why_easier(usual, countries, few)}"
    )
    if len(grammar) == 2 and apart(grammar[1], grammar[0]) < 0:
        said += (
            "\n\nOf **all** facts of the world, told or not, it knows "
            f"{in_words(everything[1])}, and the model with the usual text "
            f"{in_words(everything[0])}. One topic has its price in **grammar**: it is right in "
            f"{in_words(grammar[1])} of the pairs, the model with the usual text in "
            f"{in_words(grammar[0])}."
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
        return "With these two the seeds overlap, so **having less to learn** is enough."
    return "The seeds overlap, so which of the two it is stays open."


def repetition(recording: Recording) -> str:
    """Markdown: what is left when a shorter text is read again and again."""
    usual, *read = _figures(recording, FACTS, USUAL, *map(again, PASSES))
    listed = [f"{bold(one)} after {n} times" for n, one in zip(PASSES, read, strict=True)]
    costs = [n for n, one in zip(PASSES, read, strict=True) if apart(one, usual) < 0]
    free = [n for n in PASSES if n not in costs]
    said = (
        f"All models read equally many words. New text all the time teaches {bold(usual)} of the "
        f"facts. A shorter text, read again and again, teaches {_listed(listed)}."
    )
    if free:
        times = _listed([str(n) for n in free])
        said += f" Read {times} times, a text is not surely worse than new text: the seeds overlap."
    if costs:
        said += f" From **{costs[0]} times** on, it costs with every seed."
    return f"{said}{_harder(recording)}\n\n" + (
        "Mind that two things change at once: the same documents come again, and a shorter text "
        "leaves out more of the facts."
    )


def _harder(recording: Recording) -> str:
    """How much harder a model finds new text after the fewest repetitions that tell."""
    usual, *read = _figures(recording, BITS, USUAL, *map(again, PASSES))
    for n, one in zip(PASSES, read, strict=True):
        if apart(one, usual) > 0:
            return (
                "\n\nA finer measure is text that no model has read. How many bits, which are "
                f"yes-or-no answers, does it need for each letter? It is {usual.mean:.2f} with new "
                f"text all the time, and {one.mean:.2f} after {n} times. So here **{n} times "
                "cost**, with every seed."
            )
    return ""
