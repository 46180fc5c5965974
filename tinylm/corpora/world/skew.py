"""A skewed world: one answer in many rows of a table; and one that was changed as much, evenly."""

from __future__ import annotations

from typing import NamedTuple

from tinylm.corpora.world.rows import Grid
from tinylm.errors import BadRequest


class Skewed(NamedTuple):
    """Two versions of a table: the same rows are changed in both."""

    skewed: Grid  # all of them have one answer now
    even: Grid  # they have other answers of the table in turn
    changed: tuple[tuple[str, str], ...]  # the names of those rows, with the answer before
    rows: int  # of the table that have an answer


def skew(grid: Grid, column: str, value: str, percent: int) -> Skewed:
    """Give `value` to so many percent of the rows that have another answer, evenly spread.

    Raises BadRequest for a value or a column that the table lacks, for a column with fewer than
    three answers, where no row could get yet another one, or for no row at all.
    """
    if column not in grid.head[1:]:
        raise BadRequest(f"The table has no column {column!r:.40}.")
    place = grid.head.index(column)
    answers = sorted({row[place] for row in grid.rows if row and row[place]})
    if value not in answers:
        raise BadRequest(f"No row of the table has {value!r:.40} in {column}: choose another.")
    if len(answers) < 3:
        raise BadRequest(
            f"The column {column} has only {len(answers)} answers, and three are needed: add one."
        )
    other = [i for i, row in enumerate(grid.rows) if row and row[place] not in ("", value)]
    chosen = [i for k, i in enumerate(other) if (k + 1) * percent // 100 > k * percent // 100]
    if not chosen:
        raise BadRequest("No row would change: choose a larger share.")
    skewed, even = (list(map(list, grid.rows)) for _ in range(2))
    turn = 0
    for i in chosen:
        skewed[i][place] = value
        while answers[turn % len(answers)] in (value, grid.rows[i][place]):
            turn += 1
        even[i][place] = answers[turn % len(answers)]
        turn += 1
    return Skewed(
        grid.with_rows(skewed),
        grid.with_rows(even),
        tuple((grid.rows[i][0], grid.rows[i][place]) for i in chosen),
        len(other) + sum(bool(row) and row[place] == value for row in grid.rows),
    )
