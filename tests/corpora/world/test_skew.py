"""A table is skewed in just the rows that are named, and its even twin in the same ones."""

from __future__ import annotations

from collections import Counter

import pytest

from tinylm.corpora.world.rows import Grid
from tinylm.corpora.world.skew import skew
from tinylm.corpora.world.tables import check_world, original_tables
from tinylm.errors import BadRequest

COUNTRIES = original_tables()["countries"]
PLACE = COUNTRIES.head.index("currency")


def answers(rows: tuple[tuple[str, ...], ...]) -> Counter[str]:
    return Counter(row[PLACE] for row in rows if row[PLACE])


def test_so_many_rows_get_the_answer_and_no_other_cell_changes() -> None:
    made = skew(COUNTRIES, "currency", "franc", 50)
    before, after = answers(COUNTRIES.rows), answers(made.skewed.rows)
    other = made.rows - before["franc"]
    assert len(made.changed) == other // 2
    assert after["franc"] == before["franc"] + len(made.changed)
    for old, new in zip(COUNTRIES.rows, made.skewed.rows, strict=True):
        changed = [i for i, pair in enumerate(zip(old, new, strict=True)) if pair[0] != pair[1]]
        assert changed in ([], [PLACE])
        assert bool(changed) == ((old[0], old[PLACE]) in made.changed)


def test_the_even_twin_changes_the_same_rows_in_favour_of_nothing() -> None:
    made = skew(COUNTRIES, "currency", "franc", 90)
    names = {
        old[0]
        for old, new in zip(COUNTRIES.rows, made.even.rows, strict=True)
        if old[PLACE] != new[PLACE]
    }
    assert names == {name for name, _ in made.changed}
    given = Counter(row[PLACE] for row in made.even.rows if row[0] in names)
    assert "franc" not in given and max(given.values()) <= min(given.values()) + 2


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("countries", "currency", "franc"),
        ("countries", "language", "Spanish"),
        ("foods", "taste", "salty"),
        ("animals", "home", "sea"),
    ],
)
@pytest.mark.parametrize("percent", [10, 50, 90])
def test_what_the_lesson_offers_makes_worlds(
    table: str, column: str, value: str, percent: int
) -> None:
    made = skew(original_tables()[table], column, value, percent)
    for grid in (made.skewed, made.even):
        check_world(original_tables() | {table: grid})


@pytest.mark.parametrize(
    ("column", "value", "percent"),
    [("king", "franc", 50), ("currency", "gold", 50), ("currency", "franc", 0)],
)
def test_what_cannot_be_skewed_is_refused(column: str, value: str, percent: int) -> None:
    with pytest.raises(BadRequest):
        skew(COUNTRIES, column, value, percent)


def test_a_column_without_a_third_answer_is_refused_and_not_searched_for_ever() -> None:
    two = Grid(("name", "side"), (("Elia", "left"), ("Oria", "right"), ("Usia", "left")))
    with pytest.raises(BadRequest, match="three are needed"):
        skew(two, "side", "left", 100)
