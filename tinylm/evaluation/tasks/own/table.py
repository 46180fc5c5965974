"""A table that a person brings: which of its columns holds the inputs, and which the answers."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tinylm.corpora.files.report import Cells
from tinylm.errors import BadRequest
from tinylm.evaluation.tasks.own.rows import Pair

ENDINGS = ("csv", "tsv", "jsonl")  # of the files that hold tables
INPUTS = ("input", "prompt", "question", "text", "sentence", "source")
ANSWERS = (
    *("label", "response", "answer", "output", "class", "category", "target"),
    *("sentiment", "score"),
)


def read_cells(data: bytes) -> Cells:
    """The table in what a reader of files wrote. Raises BadRequest for fewer than two columns."""
    try:
        cells = msgspec.json.decode(data, type=Cells)
    except (msgspec.MsgspecError, ValueError):
        raise BadRequest(
            "This file holds no table: bring CSV or JSON lines with a column of inputs and one of "
            "answers."
        ) from None
    if len(cells.columns) < 2:
        raise BadRequest(
            f"This table has the column “{cells.columns[0]:.60}” and no other: a task needs one "
            "with the inputs and one with the answers."
        )
    return cells


def guessed_columns(columns: Sequence[str]) -> tuple[str, str]:
    """The columns of the inputs and of the answers, by their names.

    Where no name tells, the inputs are the first column, and the answers the last one, which stands
    behind notes such as a number or a date.
    """
    named = {name.casefold(): name for name in reversed(columns)}
    asked = next((named[name] for name in INPUTS if name in named), None)
    answer = next((named[name] for name in ANSWERS if name in named), None)
    if asked is None:
        asked = next((name for name in columns if name != answer), columns[0])
    if answer is None:
        answer = next((name for name in reversed(columns) if name != asked), columns[-1])
    return asked, answer


def pairs_of(cells: Cells, asked: str, answer: str) -> list[Pair]:
    """The cells of two columns, row by row. Raises BadRequest for a column that is not there."""
    for name in (asked, answer):
        if name not in cells.columns:
            raise BadRequest(
                f"There is no column {name!r:.80}, but {', '.join(cells.columns)}: choose one of "
                "these."
            )
    if asked == answer:
        raise BadRequest("Inputs and answers stand in two columns: choose another one for either.")
    places = cells.columns.index(asked), cells.columns.index(answer)
    return [(row[places[0]], row[places[1]]) for row in cells.rows]
