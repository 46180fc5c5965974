"""Worlds of one's own: edits are applied and checked, kept whole, and make a corpus with tasks."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinylm.answers import engine
from tinylm.cli.main import main
from tinylm.corpora import check_for, corpora_of, load, preview, world_of
from tinylm.corpora.sources import own_worlds
from tinylm.corpora.sources.own_worlds import (
    delete_world,
    list_worlds,
    save_world,
    tables_of,
    versions,
)
from tinylm.corpora.world.rows import Grid, apply_edits, count_changes
from tinylm.corpora.world.tables import MIN_FACTS, check_table, check_world, original_tables
from tinylm.corpora.world.truth import Verdict
from tinylm.corpora.world.world import default_world
from tinylm.errors import BadRequest, NotFound, StorageError, TinylmError
from tinylm.evaluation.prompts import few_shot_prompt
from tinylm.evaluation.tasks import task, tasks_for, world_tasks
from tinylm.presets import preset_config
from tinylm.questions.inside import Reading

ANIMALS = original_tables()["animals"]
DRAGON = ("wyvern", "", "reptile", "whelp", "roar", "cave", "gold", "scales")


def with_dragon(**cells: str) -> dict[str, Grid]:
    """The made world with one more animal."""
    dragon = dict(zip(ANIMALS.head, DRAGON, strict=True)) | cells
    edits = {"added_rows": [dragon]}
    return original_tables() | {"animals": apply_edits(ANIMALS, edits)}


# Edits ----------------------------------------------------------------------------------------

CELLS = st.one_of(st.none(), st.text("ab |é\u200b", max_size=4))
ROWS = st.lists(st.tuples(*[st.text("abc", max_size=3)] * 3), max_size=6)
EDITS = st.fixed_dictionaries(
    {},
    optional={
        "edited_rows": st.dictionaries(
            st.integers(-2, 8), st.dictionaries(st.sampled_from(["name", "x", "odd"]), CELLS)
        ),
        "deleted_rows": st.lists(st.integers(-2, 8)),
        "added_rows": st.lists(st.dictionaries(st.sampled_from(["name", "x", "odd"]), CELLS)),
    },
)


@given(ROWS, EDITS)
def test_edits_change_what_they_name_and_nothing_else(rows: Any, edits: dict[str, Any]) -> None:
    grid = Grid(("name", "x", "y"), tuple(rows))
    after = apply_edits(grid, edits)
    gone = {n for n in edits.get("deleted_rows", ()) if 0 <= n < len(rows)}
    added = edits.get("added_rows", [])
    assert len(after.rows) == len(rows) - len(gone) + len(added)
    left = [n for n in range(len(rows)) if n not in gone]
    for place, number in enumerate(left):
        changes = edits.get("edited_rows", {}).get(number, {})
        for column, before, now in zip(grid.head, rows[number], after.rows[place], strict=True):
            assert now == ((changes[column] or "") if column in changes else before)
    assert apply_edits(grid, {}) == grid


@pytest.mark.parametrize(
    "edits",
    [
        None,
        [],
        "edits",
        {"edited_rows": [1]},
        {"edited_rows": {"x": {"home": "a"}}},
        {"edited_rows": {"9" * 5_000: {"home": "a"}}},
        {"edited_rows": {None: {}}},
        {"edited_rows": {0: "home"}},
        {"edited_rows": {0: {"home": ["a"]}}},
        {"edited_rows": {0: {"home": "\ud800"}}},
        {"deleted_rows": 3},
        {"deleted_rows": [{}], "edited_rows": {0: {"home": "moon"}}},
        {"deleted_rows": [0.5]},
        {"added_rows": {"name": "a"}},
        {"added_rows": ["a"]},
        {"added_rows": [{"name": {}}]},
    ],
)
def test_what_has_not_the_form_of_a_report_changes_nothing(edits: Any) -> None:
    assert apply_edits(ANIMALS, edits) == ANIMALS


def test_changes_are_counted_in_rows_of_any_length() -> None:
    short = ANIMALS.with_rows([ANIMALS.rows[0][:2], *ANIMALS.rows[1:]])
    assert count_changes(ANIMALS, short)["cells"] == sum(map(bool, ANIMALS.rows[0][2:]))


def test_changes_are_counted_by_the_name_of_the_row() -> None:
    edits = {
        "edited_rows": {0: {"home": "moon"}, 1: {"name": "pegasus"}},
        "deleted_rows": [2],
        "added_rows": [{"name": "dragon", "kind": "reptile"}],
    }
    counted = count_changes(ANIMALS, apply_edits(ANIMALS, edits))
    assert counted == {"cells": 1, "added": 2, "deleted": 2}


# Checks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edits", "words"),
    [
        ({"edited_rows": {3: {"home": "a|b"}}}, "Animals, row 4 (pig), column home: 'a|b' must"),
        ({"edited_rows": {3: {"home": "a\u200bb"}}}, "row 4 (pig), column home"),
        ({"edited_rows": {3: {"home": "x" * 61}}}, "column home: has 61 characters, at most 60"),
        ({"edited_rows": {3: {"name": "cow"}}}, "row 4 (cow), column name: cow stands there twice"),
        ({"edited_rows": {3: {"name": " "}}}, "Animals, row 4: needs a name"),
        ({"added_rows": [{"name": "dragon"}]}, "row 133 (dragon): has no fact: fill in kind or"),
        ({"deleted_rows": list(range(3, 132))}, "column kind: only 3 rows have an answer"),
        ({"deleted_rows": list(range(132))}, "'animals' is empty"),
        ({"edited_rows": {n: {"sound": ""} for n in range(132)}}, "column sound: only 0 rows"),
        ({"edited_rows": {n: {"kind": "x"} for n in range(132)}}, "column kind: all rows have the"),
    ],
)
def test_a_mistake_is_told_with_its_row_and_column(edits: dict[str, Any], words: str) -> None:
    with pytest.raises(BadRequest) as caught:
        check_table("animals", apply_edits(ANIMALS, edits))
    assert words in str(caught.value)


def test_a_pair_that_holds_both_ways_stands_once() -> None:
    opposites = original_tables()["opposites"]
    twice = apply_edits(opposites, {"added_rows": [{"name": "icy", "opposite": "cold"}]})
    with pytest.raises(BadRequest, match=r"\(icy\), column opposite: 'cold' stands in two pairs"):
        check_table("opposites", twice)


def test_mistakes_between_tables_are_told_too() -> None:
    with pytest.raises(BadRequest, match=r"'France' has two answers in 'kinds'"):
        check_world(with_dragon(name="France"))
    known = {one.id: one for one in default_world().relations}
    only_here = known["animals.eats"].held_out - known["animals.home"].held_out
    hidden = min(subject.name for subject in only_here)
    row = next(n for n, one in enumerate(ANIMALS.rows) if one[0] == hidden)
    eats = ANIMALS.rows[row][ANIMALS.head.index("eats")]
    grids = original_tables() | {
        "animals": apply_edits(ANIMALS, {"edited_rows": {row: {"home": eats}}})
    }
    with pytest.raises(BadRequest, match=f"'{hidden}' has .* too: let one of them"):
        check_world(grids)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_edit_gives_a_world_with_tasks_or_a_sentence(data: st.DataObject) -> None:
    grids = dict(original_tables())
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(sorted(grids)))
        grid = grids[name]
        number = len(grid.rows)
        some = st.integers(0, number - 1) if number else st.nothing()
        words = st.sampled_from(["cow", "x", "", "a b", "red", "Zoë", "y" * 60, "no|", "it\n"])
        cells = st.dictionaries(st.sampled_from(grid.head), words, max_size=2)
        edits = {
            "edited_rows": data.draw(st.dictionaries(some, cells, max_size=4)) if number else {},
            "deleted_rows": list(range(data.draw(st.sampled_from([0, 1, number - 13, number])))),
            "added_rows": data.draw(st.lists(cells, max_size=3)),
        }
        grids[name] = apply_edits(grid, edits)
    try:
        world = check_world(grids)
    except TinylmError as error:
        assert str(error).endswith(".")
        return
    for one in world_tasks(world):
        for item in one.test[::20]:
            few_shot_prompt(one, item, one.max_fewshot, 1)  # there are examples enough
    assert all(len(r.facts) >= MIN_FACTS for r in world.relations)


# Kept -----------------------------------------------------------------------------------------


def test_a_world_is_a_corpus_with_tasks_and_true_entropy(home: Path) -> None:
    saved = save_world("  My\nworld ", with_dragon(), home)
    assert saved.title == "My world" and saved.made and "1 row added" in saved.description
    assert corpora_of(home)[saved.name] == saved
    corpus = load(saved.name, 1_500, home)
    assert len(corpus.train) == 1_500 and len(corpus.val) > 400
    assert any("wyvern" in document.text for document in corpus.train)
    assert all(
        document.log_probability is not None and math.isfinite(document.log_probability)
        for document in corpus.val
    )
    assert preview(saved.name, "train", 0, 5, home=home) == list(corpus.train[:5])
    assert len(preview(saved.name, "train", 9, 5, "worksheet", home)) == 5
    assert not any("wyvern" in d.text for d in load("world", 1_500).train)
    facts = task(saved.name, "facts", home)
    asked = {item.context for item in (*facts.train, *facts.test)}
    assert "wyvern" in asked
    assert {one.name for one in tasks_for(saved.name, home)} == {
        one.name for one in tasks_for("world")
    }
    (said,) = check_for(saved.name, "A young wyvern is called a kitten.")
    assert said.verdict is Verdict.WRONG and said.truth == "whelp"


def test_an_edit_takes_the_place_of_what_it_was_made_from(tmp_path: Path) -> None:
    first = save_world("My world", with_dragon(), tmp_path)
    assert save_world("My world", with_dragon(), tmp_path, first.name) == first
    second = save_world("My world", with_dragon(home="castle"), tmp_path, first.name)
    assert [one.name for one in list_worlds(tmp_path)] == [second.name]
    assert load(first.name, 20, tmp_path).train  # for the runs that read it
    other = save_world("My world", with_dragon(home="moon"), tmp_path)  # somebody else's
    third = save_world("Another", with_dragon(home="tower"), tmp_path, second.name)
    assert {one.name for one in list_worlds(tmp_path)} == {second.name, other.name, third.name}
    delete_world(second.name, tmp_path)
    assert {one.name for one in list_worlds(tmp_path)} == {other.name, third.name}
    for gone in (first, second):
        assert world_of(gone.name, tmp_path) is None
        assert tasks_for(gone.name, tmp_path) == ()
        with pytest.raises(NotFound, match="make it anew"):
            load(gone.name, 1, tmp_path)


def test_a_world_of_somebody_else_stays_listed_and_stays_on_disk(tmp_path: Path) -> None:
    grids = with_dragon(home="castle")
    first = save_world("My world", with_dragon(), tmp_path, owner="ada")
    second = save_world("My world", grids, tmp_path, first.name, owner="bob")
    assert {one.name: one.title for one in list_worlds(tmp_path)} == {
        first.name: "My world",
        second.name: "My world (2)",
    }
    assert versions(second.name, tmp_path) == [second.name]
    third = save_world("My world (2)", with_dragon(home="moon"), tmp_path, second.name, owner="bob")
    assert [one.name for one in list_worlds(tmp_path)] == [first.name, third.name]
    assert versions(third.name, tmp_path) == [third.name, second.name]
    assert save_world("Bob's", with_dragon(), tmp_path, owner="bob") == first  # stays Ada's
    delete_world(third.name, tmp_path)
    assert list_worlds(tmp_path) == [first]
    assert world_of(second.name, tmp_path) is None and world_of(first.name, tmp_path) is not None


def test_a_version_that_a_run_read_or_somebody_else_made_is_not_deleted(tmp_path: Path) -> None:
    first = save_world("Mine", with_dragon(), tmp_path, owner="ada")
    second = save_world("Mine", with_dragon(home="castle"), tmp_path, first.name, owner="ada")
    assert versions(second.name, tmp_path, {first.name}) == [second.name]
    path = tmp_path / "worlds" / f"{first.name}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"owner": "bob"}))
    assert versions(second.name, tmp_path) == [second.name]
    taken = save_world("Bob's", with_dragon(), tmp_path, owner="eve")  # no longer listed: anew
    assert taken.name == first.name
    delete_world(second.name, tmp_path)
    assert list_worlds(tmp_path) == [taken]


def test_another_title_forgets_no_earlier_version(tmp_path: Path) -> None:
    first = save_world("One", with_dragon(), tmp_path)
    second = save_world("One", with_dragon(home="castle"), tmp_path, first.name)
    again = save_world("Two", with_dragon(home="castle"), tmp_path, second.name)
    assert again.name == second.name and again.title == "Two"
    assert versions(second.name, tmp_path) == [second.name, first.name]


def test_a_long_title_keeps_room_for_its_number(tmp_path: Path) -> None:
    save_world("x" * 70, with_dragon(), tmp_path)
    saved = save_world("x" * 70, with_dragon(home="castle"), tmp_path)
    assert saved.title == "x" * 56 + " (2)"


def test_a_world_without_an_owner_can_be_read(tmp_path: Path) -> None:
    saved = save_world("Mine", with_dragon(), tmp_path)
    path = tmp_path / "worlds" / f"{saved.name}.json"
    meta = json.loads(path.read_text())
    del meta["owner"]
    path.write_text(json.dumps(meta))
    assert list_worlds(tmp_path) == [saved]
    path.write_text(json.dumps(meta | {"owner": 3}))
    assert list_worlds(tmp_path) == []


def test_what_is_kept_comes_back_and_damage_is_noticed(tmp_path: Path) -> None:
    grids = with_dragon(name="  wyvern ")
    name = save_world("", grids, tmp_path).name
    assert tables_of(name, tmp_path) == grids
    assert list_worlds(tmp_path)[0].title == "My world"
    assert [path.name for path in (tmp_path / "worlds").iterdir()] == [f"{name}.json"]
    path = tmp_path / "worlds" / f"{name}.json"
    whole = json.loads(path.read_text())
    animals = whole["tables"]["animals"]
    ragged = whole["tables"] | {"animals": animals | {"rows": [["cow"], *animals["rows"]]}}
    broken = [
        "{",
        "[]",
        json.dumps(whole | {"version": 9}),
        json.dumps(whole | {"tables": {"animals": whole["tables"]["animals"]}}),
        json.dumps(whole | {"tables": whole["tables"] | {"foods": {"head": [1], "rows": []}}}),
        json.dumps(whole | {"changes": {}}),
        path.read_text().replace('"whelp"', '"chick"'),  # its hash is another one
        json.dumps(whole | {"tables": ragged}),
        json.dumps(whole | {"tables": whole["tables"] | {"animals": {"head": [], "rows": []}}}),
    ]
    for text in broken:
        path.write_text(text)
        with pytest.raises(StorageError, match="damaged"):
            tables_of(name, tmp_path)
        assert list_worlds(tmp_path) == []


def test_the_list_reads_a_file_once_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = save_world("Mine", with_dragon(), tmp_path)
    read: list[str] = []
    parsed = own_worlds._parsed

    def counted(name: str, path: Path) -> Any:
        read.append(name)
        return parsed(name, path)

    monkeypatch.setattr(own_worlds, "_parsed", counted)
    assert list_worlds(tmp_path) == list_worlds(tmp_path) == [first]
    assert len(read) == 1
    renamed = save_world("Yours", with_dragon(), tmp_path, first.name)
    assert [one.title for one in list_worlds(tmp_path)] == ["Yours"] == [renamed.title]


def test_a_world_that_is_deleted_while_it_is_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = save_world("Mine", with_dragon(sound="hiss"), tmp_path)
    monkeypatch.setattr(own_worlds.OwnWorlds, "world", lambda *_: None)
    with pytest.raises(NotFound, match="was deleted just now: choose another"):
        load(saved.name, 1, tmp_path)


def test_examples_are_read_in_the_world_of_the_home_that_is_asked(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = save_world("Mine", with_dragon(), tmp_path)  # not in the home of the environment
    config = preset_config("tiny", corpus=saved.name)
    loaded = (None, None, config)
    monkeypatch.setattr("tinylm.answers.inside.load_model", lambda *_, **__: loaded)
    monkeypatch.setattr(
        "tinylm.answers.inside.example_scores",
        lambda _model, _tokenizer, one: ((), (), 0.0, len(one.test)),
    )
    (point,) = engine.answer(Reading("world-tiny-aaaaaa", (0,), "facts"), tmp_path).points
    assert (point.step, point.n) == (0, len(task(saved.name, "facts", tmp_path).test))


def test_names_cannot_leave_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("{}", encoding="utf-8")
    for name in ("../secret", "made-../../secret", "made-0123456789ab\n"):
        with pytest.raises(NotFound):
            delete_world(name, tmp_path)
        assert world_of(name, tmp_path) is None


def test_the_made_world_as_it_was_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="change something"):
        save_world("Mine", original_tables(), tmp_path)
    (tmp_path / "worlds").write_text("a file is in the way")
    with pytest.raises(StorageError, match="cannot be kept"):
        save_world("Mine", with_dragon(), tmp_path)


def test_the_terminal_trains_on_it(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = save_world("Dragons", with_dragon(), home)
    assert main(["corpora", "--json"]) == 0
    assert saved.name in capsys.readouterr().out
    tiny = ("train", "--preset", "tiny", "--steps", "4", "--set", "threads=1", "--json")
    assert main([*tiny, "--corpus", "dragons"]) == 0  # by its title too
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert printed[-1]["config"]["corpus"] == saved.name
    run = printed[-1]["run"]
    assert main(["eval", run, "--task", "facts", "--num-fewshot", "8", "--limit", "5"]) == 0
    assert main(["ladder", run]) == 0
    assert "true entropy" in capsys.readouterr().out
