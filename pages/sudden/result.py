"""What the experiment shows: three lines for each task, and whether one of them lags behind."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from tinylm.experiments.recording import Recording, Trial
from tinylm.experiments.sudden import (
    CHANCE,
    EXACT,
    LENGTH,
    LOG,
    METRICS,
    RUN,
    TASKS,
    TENTH,
    TOKENS,
    WINDOW,
    Point,
    figure,
    points,
    reached,
    steepest,
)
from tinylm.questions.experiments import Measured
from ui.charts.base import BLUE, GREEN, OCHRE, Coordinates, Figure, Trace, base_layout, curve

LOOKS = {EXACT: (BLUE, "circle"), TOKENS: (GREEN, "square"), LOG: (OCHRE, "diamond")}
LAGS = 0.5  # of the way that single tokens have gone when whole answers have gone a tenth
WORD = 1.5  # tokens of an answer, on average, up to which it is one word


class Range(NamedTuple):
    """A number over the seeds."""

    mean: float
    lowest: float
    highest: float

    def __str__(self) -> str:
        return f"{self.mean:.0%} ({self.lowest:.0%} to {self.highest:.0%})"


class Lag(NamedTuple):
    """How far the other two are when whole answers have gone a tenth of their way, over the seeds.

    All are None for a task at which whole answers never get so far with one of the seeds.
    """

    tokens: Range | None
    log: Range | None


def over(values: Sequence[float]) -> Range:
    """The mean, the lowest and the highest of some values; there is at least one."""
    return Range(math.fsum(values) / len(values), min(values), max(values))


def ways(recording: Recording, task: str) -> list[list[Point]]:
    """The way of a task with each seed."""
    return [way_of(_all_looks(trial), task) for trial in recording.of(RUN)]


def way_of(looks: Sequence[tuple[int, Measured]], task: str) -> list[Point]:
    """The way of a task from what was measured at each step."""
    figures = [(step, one.figures) for step, one in looks]
    return points(task, figures, CHANCE.get(task, 0.0))


def _all_looks(trial: Trial) -> list[tuple[int, Measured]]:
    looks = sorted(trial.looks.items())
    every = looks[0][0] if looks else 1
    return [*looks, ((looks[-1][0] if looks else 0) + every, trial.measured)]


def mean_way(found: Sequence[Sequence[Point]]) -> list[Point]:
    """The mean over the seeds at each step that all of them have."""
    return [
        Point(
            several[0].step,
            *(math.fsum(getattr(one, name) for one in several) / len(several) for name in METRICS),
        )
        for several in zip(*found, strict=True)
    ]


def lag(recording: Recording, task: str) -> Lag:
    """How far the finer metrics are when whole answers begin to be right."""
    found = [reached(way) for way in ways(recording, task)]
    there = [point for point in found if point is not None]
    if not there or len(there) < len(found):
        return Lag(None, None)
    return Lag(over([one.tokens for one in there]), over([one.log for one in there]))


def ahead(recording: Recording, task: str) -> list[int]:
    """How many updates earlier than a tenth of the whole answers half of the tokens are right.

    One number for each seed with which both come so far, the smallest first.
    """
    found = [(reached(way), reached(way, LAGS, TOKENS)) for way in ways(recording, task)]
    return sorted(whole.step - token.step for whole, token in found if whole and token)


def length(recording: Recording, task: str) -> float:
    """The tokens of an answer, on average."""
    return recording.of(RUN)[0].measured.figures[figure(task, LENGTH)].value


def one_word(recording: Recording, task: str) -> bool:
    """Whether nearly all answers are a single token, so that two of the metrics are the same."""
    return length(recording, task) < WORD


def lines(recorded: Sequence[Point], live: Sequence[Point]) -> Figure:
    """The three metrics of one task: recorded means as lines, the live run as large marks."""
    data: list[Trace] = []
    for name, title in METRICS.items():
        colour, mark = LOOKS[name]
        shown = "%{x:,} updates: %{y:.0%}"
        if recorded:
            x: Coordinates = [one.step for one in recorded]
            y: Coordinates = [getattr(one, name) for one in recorded]
            data.append(curve(title, x, y, (colour, mark), shown, size=5))
        if live:
            x = [one.step for one in live]
            y = [getattr(one, name) for one in live]
            trace = curve(f"{title}, live", x, y, (colour, f"{mark}-open"), shown, size=9)
            data.append(trace | {"mode": "markers", "showlegend": not recorded})
    layout = base_layout("Updates", "From blind guessing to perfect")
    layout["yaxis"] |= {"tickformat": ".0%", "range": [-0.03, 1.03]}
    return {"data": data, "layout": layout}


def describe(recorded: Sequence[Point], live: Sequence[Point]) -> str:
    """The lines in words, for screen readers."""
    parts = []
    for which, way in (("recorded", recorded), ("live", live)):
        if way:
            places = sorted({0, len(way) // 3, 2 * len(way) // 3, len(way) - 1})
            said = "; ".join(
                f"after {way[i].step} updates whole answers {way[i].exact:.0%}, "
                f"single tokens {way[i].tokens:.0%}, log-probability {way[i].log:.0%}"
                for i in places
            )
            parts.append(f"{which}: {said}")
    return ". ".join(parts) or "Not measured yet."


def told(recording: Recording, task: str) -> str:
    """Markdown: whether whole answers lag behind in this task, with the figures."""
    name, behind = TASKS[task], lag(recording, task)
    if behind.tokens is None or behind.log is None:
        last = over([way[-1].exact for way in ways(recording, task)])
        return (
            f"In *{name}* whole answers never come far: at the end {last} of the way to perfect. "
            "There is no jump to explain."
        )
    if task in CHANCE:
        return (
            f"In *{name}* nothing is written: of two sentences the right one must be likelier. "
            f"Blind guessing gets {CHANCE[task]:.0%}, which counts as nothing here. When "
            f"{TENTH:.0%} of the rest of the way is gone, {behind.tokens} of the single tokens are "
            "right: the two rise side by side."
        )
    tokens = f"{length(recording, task):.1f} tokens"
    if one_word(recording, task):
        jump = over([steepest(way, EXACT) for way in ways(recording, task)])
        return (
            f"In *{name}* an answer has {tokens}. So counting tokens is almost the same as "
            f"counting answers, and hides nothing. Within {WINDOW} updates whole answers gain up "
            f"to {jump} of their way."
        )
    if behind.tokens.lowest >= LAGS:
        return (
            f"In *{name}* an answer has {tokens}, and one wrong token spoils it. When **{TENTH:.0%}"
            f"** of the whole answers are right, **{behind.tokens}** of the single tokens are. "
            f"{_earlier(ahead(recording, task))} before. The strict count shows the ability late."
        )
    return (
        f"In *{name}* an answer has {tokens}. When {TENTH:.0%} of the whole answers are right, "
        f"{behind.tokens} of the single tokens are: the two rise side by side."
    )


def _earlier(updates: Sequence[int]) -> str:
    number = f"{updates[0]} to {updates[-1]}" if updates[0] < updates[-1] else f"{updates[0]}"
    return f"Half of them were right {number} updates"


def table(recording: Recording) -> list[dict[str, str]]:
    """A row for each task: how long its answers are, how far each metric is, and how steep."""
    rows = []
    for task, name in TASKS.items():
        behind, found = lag(recording, task), ways(recording, task)
        steep = [over([steepest(way, metric) for way in found]).mean for metric in (EXACT, TOKENS)]
        rows.append(
            {
                "task": name,
                "tokens": f"{length(recording, task):.1f}",
                "single tokens then": str(behind.tokens or "never so far"),
                "log-probability then": f"{behind.log.mean:.0%}" if behind.log else "–",
                "steepest": " / ".join(f"{one:.0%}" for one in steep),
            }
        )
    return rows


def lagging(recording: Recording) -> list[str]:
    """The tasks in which whole answers lag behind single tokens, with every seed."""
    return [
        task
        for task in TASKS
        if (tokens := lag(recording, task).tokens) is not None
        and tokens.lowest >= LAGS
        and not one_word(recording, task)
    ]


def conclusion(recording: Recording) -> str:
    """Markdown: in which tasks the count makes the jump, and in which it does not."""
    late = lagging(recording)
    said = (
        f"Whole answers lag behind in {_listed([TASKS[task] for task in late])}: there an answer "
        "has several tokens, and all must be right."
        if late
        else "In no task do whole answers lag far behind."
    )
    jumps = {
        task: over([steepest(way, EXACT) for way in ways(recording, task)])
        for task in TASKS
        if one_word(recording, task) and lag(recording, task).tokens is not None
    }
    if jumps:
        most = max(jumps, key=lambda task: jumps[task].mean)
        said += (
            f" But not every rise is the count's doing. In *{TASKS[most]}* an answer is one token, "
            f"and still {jumps[most]} of the way comes within {WINDOW} updates."
        )
    early = [way[1] for task in TASKS for way in ways(recording, task)]
    said += (
        f" And the log-probability is no better judge alone: after {early[0].step} updates it has "
        f"gone {over([one.log for one in early]).mean:.0%} of its way, and whole answers "
        f"{over([one.exact for one in early]).mean:.0%}, on average over the tasks."
    )
    never = [task for task in TASKS if lag(recording, task).tokens is None]
    if never:
        ends = over([way[-1].log for way in ways(recording, never[0])])
        said += (
            f" Even in *{TASKS[never[0]]}*, which the model never learns to answer, it goes {ends}."
        )
    return said


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"
