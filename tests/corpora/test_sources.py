"""At every door of the sources: what is wrong is said in a sentence, and deleting is one method."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tinylm.corpora.registry import corpora_of, info, load, preview
from tinylm.corpora.sources.base import source_of, sources
from tinylm.corpora.sources.downloads import source
from tinylm.corpora.sources.mixtures import delete_mixture, save_mixture
from tinylm.corpora.sources.own_worlds import delete_world, save_world
from tinylm.corpora.sources.uploads import delete_upload, save_upload
from tinylm.corpora.world.rows import Grid
from tinylm.corpora.world.tables import original_tables
from tinylm.errors import BadRequest, NotFound, StorageError

NAMES = {
    "worlds": "made-0123456789ab",
    "mixtures": "mix-0123456789ab",
    "uploads": "upload-0123456789ab",
}
DEEP, DEEP_OBJECTS = "[" * 100_000, '{"a":' * 100_000


@pytest.mark.parametrize(
    "name", ["a" * 4000, "made-" + "0" * 4000, "../" * 900, "\0", "\ud800", ""]
)
def test_a_name_of_any_kind_is_refused_in_a_short_sentence(name: str, tmp_path: Path) -> None:
    doors: tuple[Callable[[], object], ...] = (
        lambda: load(name, home=tmp_path),
        lambda: info(name, tmp_path),
        lambda: preview(name, home=tmp_path),
        lambda: source(name),
        lambda: delete_upload(name, tmp_path),
        lambda: delete_world(name, tmp_path),
        lambda: delete_mixture(name, tmp_path),
        lambda: save_mixture({name: 1, "names": 1}, {}, tmp_path),
    )
    for door in doors:
        with pytest.raises(NotFound) as caught:
            door()
        said = str(caught.value)
        assert len(said) < 250 and said.encode("utf-8")


@pytest.mark.parametrize("folder", NAMES)
@pytest.mark.parametrize(
    "text",
    [
        DEEP,
        DEEP_OBJECTS,
        '{"version": ' + "1" * 400 + "}",
        "1" * 5000,
        '{"name": "\\ud800"}',
        "",
        "{",
    ],
    ids=["nested", "nested objects", "400 digits", "5000 digits", "surrogate", "empty", "cut"],
)
def test_a_damaged_record_is_a_sentence_and_the_others_are_listed(
    folder: str, text: str, tmp_path: Path
) -> None:
    (tmp_path / folder).mkdir()
    (tmp_path / folder / f"{NAMES[folder]}.json").write_text(text)
    for door in (info, lambda name, home: load(name, 3, home)):
        with pytest.raises(StorageError, match="is damaged"):
            door(NAMES[folder], tmp_path)
    assert "world" in corpora_of(tmp_path) and NAMES[folder] not in corpora_of(tmp_path)


@pytest.mark.parametrize(
    "weight",
    [[1], {}, "1", "\ud800", True, float("nan"), float("inf"), 10**400, -1, 1e308, 1001, 0.00001],
)
def test_a_weight_that_is_none_is_refused(weight: Any, tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match=r"Weights must be|needs between 2|needs a share"):
        save_mixture({"world": weight, "names": 1.0}, {}, tmp_path)


@pytest.mark.parametrize(
    "parts",
    [
        {"mix-0123456789ab": 1.0, "names": 1.0},  # itself: this would never end
        {"names": 1e308, "world": 1e308},
        {"names": [1], "world": 1.0},
        {"names": 0},
        {},
    ],
)
def test_a_mixture_whose_file_has_other_parts_is_damaged(
    parts: dict[str, Any], tmp_path: Path
) -> None:
    name = NAMES["mixtures"]
    (tmp_path / "mixtures").mkdir()
    kept = {"version": 1, "name": name, "title": "A mixture", "parts": parts}
    (tmp_path / "mixtures" / f"{name}.json").write_text(json.dumps(kept))
    with pytest.raises(StorageError, match="is damaged: mix it again"):
        load(name, 3, tmp_path)


@pytest.mark.parametrize("column", [0, 1])
def test_half_a_character_in_a_cell_is_refused_with_its_place(column: int, tmp_path: Path) -> None:
    tables = dict(original_tables())
    rows = [list(row) for row in tables["animals"].rows]
    rows[3][column] = "a\ud800"
    with pytest.raises(
        BadRequest, match=r"Animals, row 4 \(.+\), column \w+: .*type it anew"
    ) as caught:
        save_world("Mine", tables | {"animals": tables["animals"].with_rows(rows)}, tmp_path)
    assert str(caught.value).encode("utf-8")  # a page can show it


def test_tables_of_another_form_are_refused(tmp_path: Path) -> None:
    tables = dict(original_tables())
    animals = tables["animals"]
    numbers = Grid(animals.head, ((5, *animals.rows[0][1:]), *animals.rows[1:]))  # type: ignore[arg-type]
    others = (
        {name: grid for name, grid in tables.items() if name != "foods"},
        tables | {"planets": animals},
        tables | {"animals": numbers},
        tables | {"animals": Grid(animals.head[:-1], animals.rows)},
    )
    for grids in others:
        with pytest.raises(BadRequest, match="not the tables of a world"):
            save_world("Mine", grids, tmp_path)


def test_what_a_person_brought_is_deleted_by_its_source_and_nothing_else(tmp_path: Path) -> None:
    text = "\n\n".join(f"Sentence number {number} of a small text." for number in range(100))
    upload = save_upload(text.encode(), "Mine", tmp_path).name
    mixture = save_mixture({upload: 1, "names": 1}, {}, tmp_path).name
    tables = dict(original_tables())
    fewer = tables["animals"].with_rows(tables["animals"].rows[1:])
    world = save_world("Mine", tables | {"animals": fewer}, tmp_path).name
    for name in (mixture, upload, world):
        assert name in corpora_of(tmp_path)
        source_of(name).delete(name, tmp_path)
        assert name not in corpora_of(tmp_path)
        with pytest.raises(NotFound):
            source_of(name).delete(name, tmp_path)
    for one in sources():
        for found in one.always:
            assert not one.delete_label
            with pytest.raises(BadRequest, match="part of tinylm"):
                one.delete(found.name, tmp_path)


def test_no_two_corpora_get_the_same_title(tmp_path: Path) -> None:
    text = "\n".join(f"Line {n} says that {n} times {n} is {n * n}." for n in range(200))
    other = text.replace("Line", "Row")
    shakespeare = save_upload(text.encode(), "tiny shakespeare", tmp_path)
    assert shakespeare.title == "tiny shakespeare (2)"  # though nobody has downloaded it yet
    assert save_upload(other.encode(), "A made world", tmp_path).title == "A made world (2)"
    grids = dict(original_tables())
    grids["countries"] = grids["countries"].with_rows(grids["countries"].rows[:-1])
    assert save_world("Tiny Shakespeare (2)", grids, tmp_path).title == "Tiny Shakespeare (2) (2)"
    parts = {"world": 1.0, shakespeare.name: 1.0}
    assert save_mixture(parts, {}, tmp_path, "A made world (2)").title == "A made world (2) (2)"
    assert save_mixture(parts, {}, tmp_path, "My mixture").title == "My mixture"
