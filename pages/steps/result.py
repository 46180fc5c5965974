"""What the experiment shows: its bars, and what they say in words with their figures."""

from __future__ import annotations

from tinylm.experiments.recording import Over, Recording
from tinylm.experiments.steps import (
    AT_ONCE,
    CHAINS,
    DEEP,
    ENDS,
    EXPERIMENT,
    GIVEN,
    NEVER,
    SHOWN,
    USUAL,
    WAYS,
    WRITTEN,
    alone,
    commonest,
    middle,
    right,
    skipped,
    spoiled,
)
from ui.charts.arms import Bar
from ui.charts.base import BLUE, GREEN, GREY, OCHRE
from ui.experiments import Live, over

ARMS = (USUAL, CHAINS, ENDS, DEEP)
COLOURS = {AT_ONCE: BLUE, WRITTEN: GREEN, GIVEN: OCHRE}
TITLES = {
    AT_ONCE: "the answer at once",
    WRITTEN: "it writes the step in between",
    GIVEN: "we give the step in between",
}
Points = dict[str, list[tuple[float, float]]]


def bars(recording: Recording | None, live: Live) -> list[Bar]:
    """Right in each way, of the questions whose facts the model knows, and the control."""
    names = [(right(way, SHOWN, known=True), TITLES[way], COLOURS[way]) for way in WAYS]
    names.append((spoiled(WRITTEN, SHOWN), "it writes it, after shuffled examples", GREY))
    return [
        Bar(title, over(recording, CHAINS, name), live.figure(CHAINS, name), colour)
        for name, title, colour in names
    ]


def by_arm(recording: Recording) -> list[Bar]:
    """At once and written out by each model, of all questions."""
    return [
        Bar(
            f"{EXPERIMENT.arm(arm).title}: {TITLES[way]}",
            over(recording, arm, right(way, SHOWN)),
            None,
            COLOURS[way],
        )
        for arm in ARMS
        for way in (AT_ONCE, WRITTEN)
    ]


def on_the_way(live: Live) -> Points:
    """How the live model gets on: updates, and the share that is right."""
    names = {
        "first fact alone": alone(1, SHOWN),
        "second fact alone": alone(2, SHOWN),
        TITLES[WRITTEN]: right(WRITTEN, SHOWN),
        TITLES[AT_ONCE]: right(AT_ONCE, SHOWN),
    }
    found = {
        title: [
            (float(step), one.figures[name].value)
            for step, one in live.looks(CHAINS)
            if name in one.figures
        ]
        for title, name in names.items()
    }
    return {title: points for title, points in found.items() if points}


def meaning(recording: Recording) -> str:
    """Markdown: what the recorded bars say. It names no cause that they do not show."""
    once, out, given = (_known(recording, way) for way in WAYS)
    said = f"At once **{once.mean:.0%}** is right, with the step written out **{out.mean:.0%}**. "
    if helps(recording, CHAINS, known=True):
        said += "So writing it out helps, with every seed. "
    else:
        said += "That is **no sure gain**: the seeds overlap. "
    return (
        f"{said}Its own step is right in {_over(recording, middle(SHOWN)).mean:.0%} of these. If "
        f"we write the right step for it, **{given.mean:.0%}** is right. All these facts it knows "
        "when each is asked alone. So to know two facts is not yet to go from one to the next."
    )


def control_in_words(recording: Recording) -> str:
    """Markdown: what examples with shuffled answers leave of the gain."""
    out, shuffled = (
        _over(recording, name)
        for name in (right(WRITTEN, SHOWN, known=True), spoiled(WRITTEN, SHOWN))
    )
    said = (
        "The grey bar is the control: its examples have the right form, but the answers of other "
        f"lines. Then {shuffled.mean:.0%} is right. "
    )
    if out.lowest > shuffled.highest:
        return said + "So true examples help, with every seed."
    return said + "The seeds overlap, so the **form** of the examples may do most of it."


def arms_in_words(recording: Recording) -> str:
    """Markdown: whether writing out helps each model, of all questions."""
    said = []
    for arm in ARMS:
        once, out = (_over(recording, right(way, SHOWN), arm) for way in (AT_ONCE, WRITTEN))
        knows = _over(recording, alone(0, SHOWN), arm)
        how = "a gain with every seed" if helps(recording, arm) else "no sure gain"
        said.append(
            f"- *{EXPERIMENT.arm(arm).title}*: {once.mean:.0%} at once, {out.mean:.0%} written "
            f"out, {how}. It knows both facts of {knows.mean:.0%}."
        )
    said.append(
        "\nAlways saying the commonest answer would be right in "
        f"{_over(recording, commonest(SHOWN)).mean:.0%}."
    )
    return "\n".join(said)


def never_in_words(recording: Recording) -> str:
    """Markdown: the composition that no chain of the text shows."""
    once, out = (_over(recording, right(way, NEVER, known=True)) for way in (AT_ONCE, WRITTEN))
    knows, skips = (_over(recording, one) for one in (alone(0, NEVER), skipped(NEVER)))
    said = (
        f"It knows both facts of {knows.mean:.0%} of these questions. Of those it answers "
        f"**{once.mean:.0%}** at once and **{out.mean:.0%}** with the step written out. "
    )
    if skips.lowest > once.highest:
        said += (
            f"In {skips.mean:.0%} of all it skips a step: it names the money of the first country "
            "itself. "
        )
    if out.highest < FEW:
        said += "So what it learned from chains of one kind does not carry over to another kind."
    return said


FEW = 0.1  # a share below this counts as failing


def helps(recording: Recording, arm: str, *, known: bool = False) -> bool:
    """Whether each seed gets more right with the step written out than any seed at once."""
    out, once = (_over(recording, right(way, SHOWN, known), arm) for way in (WRITTEN, AT_ONCE))
    return out.lowest > once.highest


def _known(recording: Recording, way: str) -> Over:
    return _over(recording, right(way, SHOWN, known=True))


def _over(recording: Recording, name: str, arm: str = CHAINS) -> Over:
    found = recording.over(arm, name)
    assert found is not None
    return found
