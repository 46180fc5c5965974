"""What was measured of a run, as the tables of a report, and the sentence that sums it up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tinylm.questions.exports import Result

# Whom or how it was asked, by the control, in the order of the rows.
ASKED = {
    "": "this model",
    "shuffled": "with wrong answers in the examples",
    "other": "with examples of something else",
    "untrained": "the untrained model",
}


@dataclass(frozen=True)
class Row:
    """One result: how it was asked, and with how many rows it shares its number of examples."""

    result: Result
    asked: str
    span: int  # of the rows with this number of examples, at the first of them; else 0


@dataclass(frozen=True)
class Table:
    """The results on one task."""

    title: str
    chance: float
    rows: tuple[Row, ...]

    @property
    def said(self) -> str:
        """The best number of examples beside none, in one sentence."""
        own = {row.result.num_fewshot: row.result for row in self.rows if not row.result.control}
        best = max(own.values(), key=lambda one: one.accuracy)
        said = f"With {_examples(best.num_fewshot)} it got {share(best)} right"
        if best.num_fewshot == 0 or 0 not in own:
            return f"{said}."
        return f"{said}, and without any example {percent(own[0].accuracy)}."


def tables(results: Sequence[Result], title: Callable[[str], str]) -> list[Table]:
    """A table for each task of which the model's own results are known."""
    found = []
    order = list(ASKED)
    for task in dict.fromkeys(one.task for one in results if not one.control):
        mine = [one for one in results if one.task == task]
        mine.sort(key=lambda one: (one.num_fewshot, order.index(one.control)))
        spans = Counter(one.num_fewshot for one in mine)
        rows = tuple(Row(one, ASKED[one.control], spans.pop(one.num_fewshot, 0)) for one in mine)
        found.append(Table(title(task), mine[0].chance, rows))
    return found


def share(one: Result) -> str:
    """An accuracy with its interval: `86 % (95 % interval: 81 to 90 %, n = 200)`."""
    interval = f"{one.low * 100:.0f} to {percent(one.high)}"
    return f"{percent(one.accuracy)} (95 % interval: {interval}, n = {one.n:,})"


def percent(share: float) -> str:
    """A share as people read it: `0.86` -> `86 %`."""
    return f"{share * 100:.0f} %"


def _examples(number: int) -> str:
    return {0: "no example", 1: "one example"}.get(number, f"{number} examples")
