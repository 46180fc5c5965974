"""What the experiment shows: its bars, what follows from them, and the heads silenced in turn."""

from __future__ import annotations

from tinylm.experiments.recording import Over, Recording
from tinylm.experiments.vector import (
    ABLATION,
    AFTER,
    BEFORE,
    EFFECTS,
    EXAMPLES,
    NEXT,
    NONE,
    OTHER,
    PLACE,
    RANKS,
    RIGHT,
    SHOTS,
    TURNED,
    VECTOR,
    WRONG,
    effect,
)
from ui.charts.arms import Bar
from ui.charts.base import BLUE, GREY, OCHRE
from ui.experiments import Live, over

# The bars of the picture, and their colours: no help, a wrong one, and what helps.
BARS = {NONE: GREY, WRONG: OCHRE, VECTOR: BLUE, EXAMPLES: BLUE}
NAMES = {
    NONE: "no example",
    WRONG: "no example, a wrong list",
    VECTOR: "no example, the list",
    EXAMPLES: f"{SHOTS} examples",
}


def bars(recording: Recording | None, live: Live) -> list[Bar]:
    """The four bars of the picture."""
    return [
        Bar(NAMES[arm], over(recording, arm, RIGHT), live.figure(arm, RIGHT), colour)
        for arm, colour in BARS.items()
    ]


def span(one: Over) -> str:
    """A mean share with the range over the seeds."""
    return f"**{one.mean:.0%}** (seeds: {one.lowest:.0%} to {one.highest:.0%})"


def in_all(recording: Recording, greater: tuple[str, str], smaller: tuple[str, str]) -> bool:
    """Whether, with every seed, one figure of an arm is greater than another one."""
    pairs = zip(recording.of(greater[0]), recording.of(smaller[0]), strict=True)
    return all(
        a.measured.figures[greater[1]].value > b.measured.figures[smaller[1]].value
        for a, b in pairs
    )


def meaning(recording: Recording) -> str:
    """Markdown: what the recorded bars say, and only that."""
    none, wrong, vector, examples = (
        recording.over(arm, RIGHT) for arm in (NONE, WRONG, VECTOR, EXAMPLES)
    )
    assert none and wrong and vector and examples
    said = (
        f"Without an example the model answers {none.mean:.0%} right, with the list "
        f"{span(vector)}, and with {SHOTS} real examples {span(examples)}."
    )
    if in_all(recording, (VECTOR, RIGHT), (NONE, RIGHT)) and wrong.highest < vector.lowest:
        said += (
            f" It is not just *any* list that helps: with that of another relation it is "
            f"{wrong.mean:.0%}."
        )
    other = recording.over(WRONG, OTHER)
    if other is not None and other.lowest > 1 / 2:
        said += (
            f" That list makes the model answer the **other** question: where it has an answer, "
            f"{other.mean:.0%} are right for it."
        )
    return said


def one_head(recording: Recording) -> str:
    """Markdown: how much of it one head does, and in which layer it is."""
    best, following = recording.over(VECTOR, RIGHT), recording.over(VECTOR, NEXT)
    place = recording.over(VECTOR, PLACE)
    if best is None or following is None or place is None:
        return ""
    where = (
        f"It is in layer {place.mean:.0f} with every seed."
        if place.lowest == place.highest
        else "It is not in the same layer with every seed."
    )
    return (
        f"The list comes from **one head**. Which one, is found out on other facts than those that "
        f"are counted here. {where} The list of the next best head brings only "
        f"{following.mean:.0%} right."
        if following.highest < best.lowest
        else f"The best head is not far ahead of the next one, which brings {following.mean:.0%}."
    )


def turned(recording: Recording) -> str:
    """Markdown: how many answers turn when one output is copied between two prompts."""
    before, after = recording.over(TURNED, BEFORE), recording.over(TURNED, AFTER)
    if before is None or after is None:
        return ""
    return (
        f"Two prompts end with the same line, after examples of different relations. Copy what "
        f"this head writes at the end of one into the other, and {span(after)} of {after.n} "
        f"answers become those of the first prompt. Before, {before.mean:.0%} were."
    )


def silenced(recording: Recording) -> list[dict[str, str]]:
    """A row for the whole model and for each head without which it was measured: means."""
    rows = []
    for rank in range(RANKS + 1):
        row = {"without": f"head {rank}" if rank else "no head: the whole model"}
        for name, title in EFFECTS.items():
            one = recording.over(ABLATION, effect(name, rank))
            form = ".2f" if name == "loss" else ".0%"
            row[title] = f"{one.mean:{form}}" if one else "–"
        rows.append(row)
    return rows


def what_silence_costs(recording: Recording) -> str:
    """Markdown: what happens without the head that carries the list, and without others."""
    whole, without = (recording.over(ABLATION, effect("examples", rank)) for rank in (0, 1))
    loss = [recording.over(ABLATION, effect("loss", rank)) for rank in range(RANKS + 1)]
    if whole is None or without is None or loss[0] is None or loss[1] is None:
        return ""
    others = [one for one in loss[2:] if one is not None]
    rises = [one.mean - loss[0].mean for one in others]
    place = recording.over(VECTOR, PLACE)
    said = (
        f"Here each head writes nothing but its **mean** over ordinary text. Without the head that "
        f"the list comes from, the first in the table, {SHOTS} examples bring "
        f"{without.mean:.0%} instead of {whole.mean:.0%}. But it is no switch for examples alone: "
        f"the loss rises by {loss[1].mean - loss[0].mean:.2f} too"
    )
    if others and all(one.lowest > loss[0].highest for one in others):
        said += f", and without another head by {min(rises):.2f} to {max(rises):.2f}"
        if place is not None and place.n == len(others) + 1:
            said += ". In so small a model every head is needed for something"
    return said + "."
