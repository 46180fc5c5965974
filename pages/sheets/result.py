"""What the experiment shows: its bars, and what they say in words with their figures."""

from __future__ import annotations

from collections.abc import Sequence

from tinylm.experiments.recording import Over, Recording
from tinylm.experiments.sheets import LONG, SEEN, TABLES, UNSEEN, WORDINGS, few_shot, zero_shot
from ui.charts.arms import Bar
from ui.charts.base import BLUE, GREY, VERMILION
from ui.experiments import Live, over

ARM = "half"
MANY = 4  # examples
# The bars of the picture: a figure of the arm `half`, what it is, and its colour.
BARS = (
    (few_shot(SEEN, 0), "exercise read, no example", GREY),
    (few_shot(SEEN, MANY), f"exercise read, {MANY} examples", BLUE),
    (few_shot(UNSEEN, 0), "exercise never read, no example", GREY),
    (few_shot(UNSEEN, MANY), f"exercise never read, {MANY} examples", VERMILION),
    (zero_shot(UNSEEN, "own words"), "the same facts, as a sentence to finish", GREY),
)


def bars(recording: Recording | None, live: Live) -> list[Bar]:
    """The five bars of the picture."""
    return [
        Bar(title, over(recording, ARM, name), live.figure(ARM, name), colour)
        for name, title, colour in BARS
    ]


def wordings(recording: Recording, live: Live) -> list[Bar]:
    """Accuracy without examples in each wording, for relations that stood in no worksheet."""
    found = []
    for wording, example in WORDINGS.items():
        name = few_shot(UNSEEN, 0) if wording == "bare" else zero_shot(UNSEEN, wording)
        found.append(Bar(example, over(recording, ARM, name), live.figure(ARM, name), BLUE))
    return found


LONGER = (
    (LONG, MANY, "without tables"),
    (TABLES, 0, "with tables, no example"),
    (TABLES, MANY, "with tables"),
)


def longer(recording: Recording) -> list[Bar]:
    """Exercises never read, after a long training, with and without tables in the text."""
    return [
        Bar(
            title, over(recording, arm, few_shot(UNSEEN, shots)), None, VERMILION if shots else GREY
        )
        for arm, shots, title in LONGER
    ]


def longer_in_words(recording: Recording) -> str:
    """Markdown: what tables in the text change after a long training."""
    without, zero, tables = (
        over(recording, arm, few_shot(UNSEEN, shots)) for arm, shots, _ in LONGER
    )
    if without is None or zero is None or tables is None:
        return ""
    said = (
        f"Of the exercises that it never read, it then answers **{tables.mean:.0%}** after {MANY} "
        f"examples (seeds: {tables.lowest:.0%} to {tables.highest:.0%}) and {zero.mean:.0%} "
        f"without one. Trained as long on a text without such tables, it answers "
        f"{without.mean:.0%}. "
    )
    above = sum(
        trial.measured.figures[few_shot(UNSEEN, MANY)].value > max(zero.highest, without.highest)
        for trial in recording.of(TABLES)
    )
    if not above:
        return said + "So this shows no difference."
    said += f"In **{above} of {tables.seeds}** trainings it is above all trainings without tables. "
    if above < tables.seeds:
        said += "The others show nothing of it, so not every training gets there. "
    return said + (
        "So examples *can* teach a model an exercise, in part. It needs a text in which facts "
        "stand below each other without a word that says what they are."
    )


def gain(found: Sequence[Over | None]) -> str:
    """`9 % to 89 %` for the figures without and with examples."""
    return " to ".join(f"{one.mean:.0%}" if one is not None else "?" for one in found)


def meaning(recording: Recording) -> str:
    """Markdown: what the recorded bars say. It names no cause that they do not show."""
    read = [over(recording, ARM, few_shot(SEEN, k)) for k in (0, MANY)]
    never = [over(recording, ARM, few_shot(UNSEEN, k)) for k in (0, MANY)]
    known = over(recording, ARM, zero_shot(UNSEEN, "own words"))
    said = (
        "Here is what examples change. Exercises of a kind that the text had go from "
        f"**{gain(read)}** right. Those of a kind that it never had go from **{gain(never)}**."
    )
    if known is not None and never[1] is not None and known.lowest > never[1].highest:
        said += (
            f" The facts are not what is missing: as a sentence to finish, the model knows "
            f"**{known.mean:.0%}** of those very facts."
        )
    if helps_only_known(recording):
        said += (
            " So this model does not *learn* an exercise from examples. It **recognises** which of "
            "the exercises that it has practised is meant."
        )
    return said


def helps_only_known(recording: Recording) -> bool:
    """Whether, with every seed, examples help where the exercise was read and nowhere else.

    They help if the accuracy rises by a tenth at least.
    """

    def gains(which: str) -> list[float]:
        return [
            trial.measured.figures[few_shot(which, MANY)].value
            - trial.measured.figures[few_shot(which, 0)].value
            for trial in recording.of(ARM)
        ]

    return min(gains(SEEN)) >= HELPS > max(gains(UNSEEN))


HELPS = 0.1  # of accuracy
