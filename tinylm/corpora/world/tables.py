"""The tables of a world that a person edits: the originals, checks, and what was changed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from tinylm.corpora.world.data_files import DATA
from tinylm.corpora.world.rows import Grid, count_changes, read_grid
from tinylm.corpora.world.world import Table, World, read_table
from tinylm.errors import BadRequest

MIN_FACTS = 12  # of a relation: a quarter is held out, and eight examples must be left
MAX_ROWS = 1_000

Grids = Mapping[str, Grid]  # the tables of a world by name


@lru_cache(maxsize=1)
def original_tables() -> dict[str, Grid]:
    """The tables of data/world by name."""
    return {path.stem: read_grid(path) for path in sorted(DATA.glob("*.csv"))}


def check_table(name: str, grid: Grid) -> Table:
    """The table as it would be in a world.

    Raises BadRequest, which names the table and, if known, the row and column, and says what to
    correct.
    """
    if len(grid.rows) > MAX_ROWS:
        raise BadRequest(f"{name}: {len(grid.rows):,} rows, at most {MAX_ROWS:,} can be used.")
    if not any(map(any, grid.rows)):
        raise BadRequest(f"The table {name!r} is empty: it needs at least {MIN_FACTS} rows.")
    table = read_table(DATA / f"{name}.csv", grid)
    for relation in table.relations:
        if len(relation.facts) < MIN_FACTS:
            raise BadRequest(
                f"{table.title}, column {relation.id.partition('.')[2]}: only "
                f"{len(relation.facts)} rows have an answer, at least {MIN_FACTS} are needed for "
                "its worksheets and tasks."
            )
        if len(relation.answers) < 2 and not relation.constant:
            raise BadRequest(
                f"{table.title}, column {relation.id.partition('.')[2]}: all rows have the same "
                "answer: give some of them another one."
            )
    return table


def check_world(grids: Grids) -> World:
    """The world of these tables. Raises BadRequest, which says what to correct."""
    for name, grid in grids.items():
        check_table(name, grid)
    return World.load(DATA, grids)


def changes_of(grids: Grids) -> dict[str, int]:
    """The numbers of changed cells, added rows and deleted rows, against the original tables."""
    counts = {"cells": 0, "added": 0, "deleted": 0}
    for name, before in original_tables().items():
        for what, number in count_changes(before, grids[name]).items():
            counts[what] += number
    return counts


def in_words(changes: Mapping[str, int]) -> str:
    """Turns {"cells": 1, "added": 0, "deleted": 2} into "1 cell changed, 2 rows deleted"."""
    cells, added, deleted = (changes[name] for name in ("cells", "added", "deleted"))
    said = [
        f"{number:,} {noun if number == 1 else noun + 's'} {what}"
        for number, noun, what in (
            (cells, "cell", "changed"),
            (added, "row", "added"),
            (deleted, "row", "deleted"),
        )
        if number
    ]
    return ", ".join(said) or "nothing changed"
