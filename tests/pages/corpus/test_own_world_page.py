"""The page where a world is edited: nothing is lost, mistakes are told, what is kept is a corpus.

The table editor itself is driven in the browser (test_own_world_browser.py); here its edits are
put where it puts them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.corpus import keys as corpus_keys
from pages.corpus import world_draft
from tinylm.corpora.sources.mixtures import save_mixture
from tinylm.corpora.sources.own_worlds import list_worlds, save_world, tables_of
from tinylm.corpora.world.rows import apply_edits
from tinylm.corpora.world.tables import original_tables
from tinylm.presets import preset_config
from tinylm.runs.service import Service
from ui.frame import literal

ROOT = Path(__file__).parents[3]
WYVERN = ["wyvern", "", "reptile", "whelp", "roar", "cave", "gold", "scales"]


@pytest.fixture
def page(service: Service) -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=20).run()
    return at.switch_page("../pages/corpus/page.py").run()


def click(at: AppTest, label: str) -> AppTest:
    return next(button for button in at.button if button.label == label).click().run()


def button(at: AppTest, label: str) -> Any:
    return next(button for button in at.button if button.label == label)


def edit(at: AppTest, **edits: Any) -> AppTest:
    """As the editor of the animals reports it."""
    states = at.session_state[corpus_keys.WORLD_DRAFT].tables["animals"].states
    states.append(apply_edits(states[-1], edits))
    return at.run()


def wyvern(at: AppTest, *, name: str = "wyvern") -> AppTest:
    added = dict(zip(original_tables()["animals"].head, [name, *WYVERN[1:]], strict=True))
    return edit(at, added_rows=[added])


def shown(at: AppTest) -> str:
    return "\n".join(str(one.value) for one in [*at.markdown, *at.text])


def test_a_world_is_edited_tried_out_kept_and_deleted(page: AppTest, service: Service) -> None:
    at = page
    assert button(at, "Undo").disabled and button(at, "Reset this table").disabled
    at = wyvern(at)
    assert "1 row added" in shown(at)
    at = click(at, "Generate documents from these tables")
    assert not at.exception and not at.error
    assert "2,359 facts" in shown(at)
    assert any("wyvern" in one.value for one in at.code)
    at.text_input(key="world_title-world").set_value("Wyverns & [x](y)")
    at = click(at, "Save as a world of its own")
    assert not at.exception and not at.error
    (kept,) = list_worlds(service.home)
    assert kept.title == "Wyverns & [x](y)"
    assert at.button(key=f"choose-{kept.name}").disabled  # it is chosen
    assert "Wyverns" in at.subheader[0].value and "[x](y)" not in at.subheader[0].value
    assert len(tables_of(kept.name, service.home)["animals"].rows) == 133
    service.start(preset_config("tiny", corpus=kept.name))
    at = click(at, "Delete this world")
    assert "One run read it" in shown(at)
    at = click(at, "Delete for good")
    assert not at.exception
    assert list_worlds(service.home) == []
    assert at.button(key="choose-world").disabled


def test_a_mistake_is_told_and_nothing_is_lost(page: AppTest, service: Service) -> None:
    at = edit(wyvern(page), edited_rows={3: {"home": "a|b"}})
    said = literal("Animals, row 4 (pig), column home")
    assert said in at.error[0].value
    for label in ("Generate documents from these tables", "Save as a world of its own"):
        at = click(at, label)
        assert not at.exception
        assert all(said in one.value for one in at.error) and len(at.error) == 2
    assert list_worlds(service.home) == []
    at = click(at, "Undo")
    assert not at.error
    assert "1 row added" in shown(at)
    at = click(at, "Reset this table")
    assert "nothing changed" in shown(at)
    at = click(at, "Undo")
    assert "1 row added" in shown(at)
    at = click(at, "Undo")
    assert button(at, "Undo").disabled
    at = click(at, "Save as a world of its own")
    assert "change something" in at.error[0].value


def test_edits_outlive_another_page_another_corpus_and_a_deleted_world(
    page: AppTest, service: Service
) -> None:
    grids = original_tables()
    other = grids | {"animals": apply_edits(grids["animals"], {"deleted_rows": [0]})}
    kept = save_world("Without cows", other, service.home)
    at = page.run().button(key=f"choose-{kept.name}").click().run()
    assert "1 row deleted" in shown(at)
    at = wyvern(at)
    assert "1 row added, 1 row deleted" in shown(at)
    at = (
        at.switch_page("../pages/tokens/page.py").run().switch_page("../pages/corpus/page.py").run()
    )
    at = at.button(key="choose-names").click().run()
    assert "1 row added, 1 row deleted" in shown(at)
    (service.home / "worlds" / f"{kept.name}.json").unlink()
    at = at.run()
    assert not at.exception and not at.error
    assert "1 row added, 1 row deleted" in shown(at)
    at = click(at, "Save as a world of its own")
    assert len(list_worlds(service.home)) == 1
    assert not at.error


@pytest.fixture
def draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A session without a page, in which the made world is edited."""
    session: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", session)
    world_draft.begin("world", tmp_path)
    return session


def report(session: dict[str, Any], **edits: Any) -> None:
    session[world_draft.editor_key("animals")] = edits
    world_draft.take_edits("animals")


def test_the_last_fifty_states_are_kept_and_the_rest_still_counts_as_changed(
    draft: dict[str, Any],
) -> None:
    world_draft.editor_key("animals")
    for number in range(200):
        report(draft, edited_rows={0: {"home": f"house {number}"}})
    assert len(draft[corpus_keys.WORLD_DRAFT].tables["animals"].states) == 50
    while world_draft.can_undo("animals"):
        world_draft.undo("animals")
    assert "house 150" in world_draft.grid("animals").rows[0]
    assert world_draft.is_changed()  # what is left is not what was begun with


def test_too_many_rows_are_refused_before_they_are_kept(draft: dict[str, Any]) -> None:
    world_draft.editor_key("animals")
    before = world_draft.editor_key("animals")
    report(draft, added_rows=[{"name": f"a{number}"} for number in range(1_000)])
    assert world_draft.grid("animals") == original_tables()["animals"]
    assert "1,132 rows are too many" in world_draft.refused("animals")
    assert world_draft.editor_key("animals") != before  # a new editor, with what is kept
    report(draft, deleted_rows=[0])
    assert world_draft.refused("animals") == ""


def test_two_learners_who_edit_one_world_both_keep_theirs(
    page: AppTest, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    grids = original_tables()
    other = grids | {"animals": apply_edits(grids["animals"], {"deleted_rows": [0]})}
    first = save_world("My world", other, service.home, owner="ada")
    monkeypatch.setattr("ui.state.learner", lambda: "bob")
    at = page.run().button(key=f"choose-{first.name}").click().run()
    at = click(wyvern(at), "Save as a world of its own")
    assert not at.exception and not at.error
    titles = {one.title: one.name for one in list_worlds(service.home)}
    assert titles["My world"] == first.name and len(titles) == 2
    at = click(click(at, "Delete this world"), "Delete for good")
    assert list_worlds(service.home) == [first]
    assert not at.exception


def test_earlier_versions_that_a_run_or_a_mixture_reads_stay(
    page: AppTest, service: Service
) -> None:
    grids, made = original_tables(), [""]
    for row in range(4):
        other = grids | {"animals": apply_edits(grids["animals"], {"deleted_rows": [row]})}
        made.append(save_world("Mine", other, service.home, made[-1]).name)
    _, run, mixed, nobody, last = made
    service.start(preset_config("tiny", corpus=run))
    save_mixture({mixed: 1, "names": 1}, {}, service.home)
    at = page.run().button(key=f"choose-{last}").click().run()
    at = click(at, "Delete this world")
    assert "earlier versions that no run read" in shown(at)
    at = click(at, "Delete for good")
    assert not at.exception
    left = {path.stem for path in (service.home / "worlds").glob("*.json")}
    assert left == {run, mixed} and nobody not in left


def test_what_is_unsaved_can_be_thrown_away(page: AppTest, service: Service) -> None:
    grids = original_tables()
    other = grids | {"animals": apply_edits(grids["animals"], {"deleted_rows": [0]})}
    save_world("Without cows", other, service.home)
    at = wyvern(page.run())
    at = click(at, "Throw my changes away")
    assert "nothing changed" in shown(at)


def test_a_run_is_named_after_the_world(page: AppTest, service: Service) -> None:
    at = click(wyvern(page), "Save as a world of its own")
    at = at.switch_page("../pages/pretrain/page.py").run()
    assert "My world" in shown(at)
    at = click(at, "Start training")
    (run,) = service.runs("pretrain")
    assert run.title.startswith("My world, ") and run.corpus.startswith("made-")
    for page_name in ("prompts", "inside", "finetune", "transfer", "metrics"):
        at = at.switch_page(f"../pages/{page_name}/page.py").run()
        assert not at.exception
