"""What the experiment shows: its bars and tables, and what they say in words with their figures."""

from __future__ import annotations

from tinylm.experiments.leak import (
    AS_TEST,
    CLEAN,
    EXPERIMENT,
    FEW,
    HALF,
    LEAKED,
    LOSS,
    NONE,
    OWN_WORDS,
    REFERENCE,
    REPHRASED,
    SHOTS,
    TENTH,
    WHOLE,
    WORKSHEET,
    area,
    false_alarms,
    missed,
    right,
)
from tinylm.experiments.recording import Over, Recording, over_seeds
from tinylm.questions.experiments import Figure
from ui.charts.arms import Bar
from ui.charts.base import BLUE, OCHRE
from ui.experiments import Live, over

# The share of the test that stands in the text of an arm.
LEAKS = {arm.name: float(arm.changes.get("leaked", 0)) for arm in EXPERIMENT.arms}
# The bars of the picture: arm, figure, what it is, and its colour.
BARS = (
    (NONE, right(WHOLE), "no leak: the whole test", BLUE),
    (TENTH, right(WHOLE), f"{LEAKS[TENTH]:.0%} leaked: the whole test", BLUE),
    (HALF, right(WHOLE), f"{LEAKS[HALF]:.0%} leaked: the whole test", BLUE),
    (HALF, right(LEAKED), "… its leaked questions", OCHRE),
    (HALF, right(CLEAN), "… its clean questions", BLUE),
)
HOWS = {
    AS_TEST: "asked as in the test",
    WORKSHEET: f"asked on a worksheet, after {SHOTS} examples",
    OWN_WORDS: "asked as a sentence to finish",
}
SHORT = {AS_TEST: "as in the test", WORKSHEET: "worksheet", OWN_WORDS: "sentence"}
# What each detector looks at, in a table.
LOOKS_AT = {
    LOSS: "how probable it is",
    REPHRASED: "how much more than other wordings",
    REFERENCE: "how much more than for another model",
}


def bars(recording: Recording | None, live: Live) -> list[Bar]:
    """The bars of the picture."""
    return [
        Bar(title, over(recording, arm, name), live.figure(arm, name), colour)
        for arm, name, title, colour in BARS
    ]


def meaning(recording: Recording) -> str:
    """Markdown: what the leak does to the score, as far as it holds for every seed."""
    none, whole, clean, leaked = (
        over(recording, arm, right(which))
        for arm, which in ((NONE, WHOLE), (HALF, WHOLE), (HALF, CLEAN), (HALF, LEAKED))
    )
    if none is None or whole is None or clean is None or leaked is None:
        return ""
    said = (
        f"Without a leak the score is **{none.mean:.0%}**, with it **{whole.mean:.0%}**. The "
        f"leaked questions make the difference: **{leaked.mean:.0%}** of them are answered right, "
        f"and **{clean.mean:.0%}** of the others. "
    )
    if no_better(recording):
        said += (
            "So on what it has not seen the model is no better than before. The score mixes what "
            "it can *do* with what it has *seen*."
        )
    return said


def no_better(recording: Recording) -> bool:
    """Whether, with every seed, the clean questions are answered no better than without a leak."""
    return all(
        half.measured.figures[right(CLEAN)].value <= none.measured.figures[right(WHOLE)].value
        for none, half in zip(recording.of(NONE), recording.of(HALF), strict=True)
    )


def otherwise(recording: Recording) -> list[Bar]:
    """Leaked and clean questions of the arm HALF, asked in three ways."""
    return [
        Bar(
            f"{which}: {SHORT[how]}",
            over(recording, HALF, right(which, how)),
            None,
            OCHRE if which == LEAKED else BLUE,
        )
        for how in HOWS
        for which in (LEAKED, CLEAN)
    ]


def gaps(recording: Recording, arm: str) -> dict[str, Over]:
    """How much larger the share of leaked facts is than that of clean ones, asked in each way."""
    return {
        how: over_seeds(
            [
                Figure(leaked.value - clean.value, 0, 0, leaked.n + clean.n)
                for trial in recording.of(arm)
                for leaked, clean in [
                    (trial.measured.figures[right(which, how)] for which in (LEAKED, CLEAN))
                ]
            ]
        )
        for how in HOWS
    }


def knowledge(recording: Recording) -> str:
    """Markdown: how far leaked facts are ahead in each form, and what follows for every seed."""
    found = gaps(recording, HALF), gaps(recording, TENTH)
    asked = [f"by **{points(found[0][how])}** when {title}" for how, title in HOWS.items()]
    less = ", ".join(points(found[1][how]) for how in HOWS)
    said = (
        f"In percentage points, the leaked facts are ahead of the clean ones {'; '.join(asked)}. "
        f"With only {LEAKS[TENTH]:.0%} of the test leaked it is {less}. "
    )
    if hangs_on_words(*found):
        said += (
            "So most of what the leak brings hangs on the *words* of the test. Other words for the "
            "same question help far less. "
        )
    if is_partly_knowledge(*found):
        said += (
            "But a part of it is knowledge: these facts are known better in every form that was "
            "tried."
        )
    return said


def points(gap: Over) -> str:
    """A difference of shares in percentage points."""
    return f"{100 * gap.mean:.0f}"


def hangs_on_words(*found: dict[str, Over]) -> bool:
    """Whether, with every seed, other forms gain less than half of what the test's form gains."""
    return all(
        gap[how].highest < gap[AS_TEST].lowest / 2
        for gap in found
        for how in (WORKSHEET, OWN_WORDS)
    )


def is_partly_knowledge(*found: dict[str, Over]) -> bool:
    """Whether, with every seed, leaked facts are ahead in every other form, too."""
    return all(gap[how].lowest > 0 for gap in found for how in (WORKSHEET, OWN_WORDS))


def found_out(recording: Recording) -> list[dict[str, str]]:
    """A row for each detector and leak: what it finds, and whom it suspects wrongly."""
    rows = []
    for detector, what in LOOKS_AT.items():
        for arm in (TENTH, FEW):
            lost = over(recording, arm, missed(detector))
            alarms = over(recording, arm, false_alarms(detector))
            under = over(recording, arm, area(detector))
            if lost is not None and alarms is not None and under is not None:
                rows.append(
                    {
                        "it looks at": what,
                        "copies": str(copies(arm)),
                        "finds": between(1 - lost.mean, 1 - lost.highest, 1 - lost.lowest),
                        "suspects wrongly": between(*alarms[:3]),
                        "ROC area": f"{under.mean:.3f}",
                    }
                )
    return rows


def between(mean: float, low: float, high: float) -> str:
    """`98 % (96 to 100)`: the mean over the seeds, the lowest and the highest."""
    return f"{mean:.0%} ({100 * low:.0f} to {100 * high:.0f})"


def detection(recording: Recording) -> str:
    """Markdown: how well the best simple detector does, and when it fails."""
    figures = {
        (arm, detector): over(recording, arm, area(detector))
        for arm in (TENTH, FEW)
        for detector in (LOSS, REPHRASED)
    }
    lost, alarms = (over(recording, TENTH, name(LOSS)) for name in (missed, false_alarms))
    few_lost, few_alarms = (over(recording, FEW, name(LOSS)) for name in (missed, false_alarms))
    if lost is None or alarms is None or few_lost is None or few_alarms is None:
        return ""
    said = (
        "Somebody who holds the model, but not its text, may suspect the questions that it finds "
        f"strangely *probable*. After {copies(TENTH)} copies of each this finds "
        f"**{1 - lost.mean:.0%}** of the leaked questions, and wrongly suspects "
        f"**{alarms.mean:.0%}** of the clean ones. After {copies(FEW)} copies it finds "
        f"**{1 - few_lost.mean:.0%}**, and suspects **{few_alarms.mean:.0%}** wrongly. "
    )
    if loses(figures[TENTH, REPHRASED], figures[TENTH, LOSS]):
        said += (
            "To compare each question with the same question in other words sounds fairer, but "
            "here it works *worse*."
        )
    return said


def copies(arm: str) -> int:
    """How often each leaked question stands in the text of an arm."""
    return int(EXPERIMENT.arm(arm).changes["leaked_copies"])


def loses(one: Over | None, other: Over | None) -> bool:
    """Whether a figure is lower than another with every seed of both."""
    return one is not None and other is not None and one.highest < other.lowest
