"""Texts, worlds, mixtures and tasks: in whose list they stand, and when their files go."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.own_rows import review_rows
from tests.runs_fakes import CountingEngine, tiny
from tinylm.corpora.sources.own_worlds import save_world
from tinylm.corpora.sources.uploads import save_upload
from tinylm.corpora.world.tables import Grids, original_tables
from tinylm.errors import Forbidden, NotFound, StorageError
from tinylm.evaluation.tasks.own.rows import check_rows
from tinylm.evaluation.tasks.own.store import save_task
from tinylm.evaluation.tasks.own.template import Template
from tinylm.export.base import ExportedRun
from tinylm.export.takehome import wording
from tinylm.export.tasks_of import tasks_of
from tinylm.learners import Viewer, name_of
from tinylm.questions.models import Score
from tinylm.runs.exporting import export_question
from tinylm.runs.service import Service, owning
from tinylm.runs.store.belongings import ADOPTED

ROWS = review_rows()
TEXT = "\n".join(f"{asked}: {answer}." for asked, answer in ROWS).encode()
ADA, BOB = Viewer("ada", alone=False), Viewer("bob", alone=False)
TEACHER = Viewer("eve", alone=False, teacher=True)
CODE = "0123456789abcdef01234567"  # a learner of an earlier version


def made_world(name: str) -> Grids:
    tables = original_tables()
    animals = tables["animals"]
    return tables | {"animals": animals.with_rows([*animals.rows, [name, *animals.rows[0][1:]]])}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path, engine=CountingEngine())
    yield made
    made.close()


@pytest.fixture
def ada(service: Service) -> Service:
    return service.seen_by(ADA)


@pytest.fixture
def bob(service: Service) -> Service:
    return service.seen_by(BOB)


def own(service: Service) -> dict[str, str]:
    """The titles of what stands in the viewer's lists, apart from what everybody has."""
    found = {name: one.title for name, one in service.corpora().items() if "-" in name}
    return found | {one.name: one.title for one in service.own_tasks()}


def test_what_one_brings_stands_in_ones_own_lists(ada: Service, bob: Service) -> None:
    text = ada.keep_text(TEXT, "My diary").name
    mixture = ada.keep_mixture({text: 1, "world": 1}, {text: "My diary"}).name
    world = ada.keep_world("Dragons", made_world("dragon")).name
    task = ada.keep_task(check_rows(ROWS), "classification", Template(), "Reviews").name
    assert set(own(ada)) == {text, mixture, world, task}
    assert [one.name for one in ada.tasks_for("names")] == [task]
    assert not own(bob) and not bob.tasks_for("names")
    assert set(own(bob.seen_by(Viewer("bob")))) == set(own(ada))  # who is alone sees all


def test_two_who_bring_the_same_have_it_under_their_own_titles(ada: Service, bob: Service) -> None:
    text = ada.keep_text(TEXT, "My diary")
    assert bob.keep_text(TEXT, "A text").name == text.name
    task = ada.keep_task(check_rows(ROWS), "classification", Template(), "Ada's").name
    bob.keep_task(check_rows(ROWS), "classification", Template(), "Bob's")
    world = ada.keep_world("Ada's world", made_world("dragon")).name
    bob.keep_world("Bob's world", made_world("dragon"))
    assert own(ada) == {text.name: "My diary", task: "Ada's", world: "Ada's world"}
    assert own(bob) == {text.name: "A text", task: "Bob's", world: "Bob's world"}
    assert (ada.corpus(text.name).title, bob.corpus(text.name).title) == ("My diary", "A text")
    eve = ada.seen_by(Viewer("eve", alone=False))
    assert eve.corpus(text.name).title == "My diary"  # not what Bob calls it
    bob.keep_text(TEXT + b" And more.", "My diary")  # what others call theirs is not told
    assert sorted(own(bob).values())[-1] == "My diary"


def test_the_last_who_deletes_a_thing_deletes_its_file(ada: Service, bob: Service) -> None:
    text = ada.keep_text(TEXT, "My diary").name
    task = ada.keep_task(check_rows(ROWS), "classification", Template(), "Ada's").name
    bob.keep_text(TEXT, "A text")
    bob.keep_task(check_rows(ROWS), "classification", Template(), "Bob's")
    ada.delete_corpus(text)
    ada.delete_task(task)
    assert not own(ada) and set(own(bob)) == {text, task}
    with pytest.raises(Forbidden):
        ada.delete_corpus(text)
    bob.delete_corpus(text)
    bob.delete_task(task)
    for gone in (lambda: bob.corpus(text), lambda: bob.delete_corpus(text)):
        with pytest.raises((NotFound, Forbidden)):
            gone()
    assert not list((ada.home / "uploads").iterdir()) and not list((ada.home / "tasks").iterdir())


class Meanwhile:
    """Calls a function, and lets another thread begin `other` just before the first call."""

    def __init__(self, function: Callable[..., Any], other: Callable[[], object]) -> None:
        self.function, self.thread = function, threading.Thread(target=other)

    def __call__(self, *given: Any) -> Any:
        if self.thread.ident is None:
            self.thread.start()
            self.thread.join(0.2)  # it waits for us, or is done
        return self.function(*given)


def test_two_who_delete_at_once_leave_nothing(
    ada: Service, bob: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = ada.keep_text(TEXT, "My diary").name
    bob.keep_text(TEXT, "A text")
    store = ada.store
    twin = Meanwhile(store.let_go, lambda: bob.delete_corpus(text))
    monkeypatch.setattr(store, "let_go", twin)
    ada.delete_corpus(text)
    twin.thread.join()
    assert not store.belongings() and not list((ada.home / "uploads").iterdir())


def test_a_text_that_somebody_brings_as_it_is_deleted_stays(
    ada: Service, bob: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = ada.keep_text(TEXT, "My diary").name
    files = Meanwhile(owning.needed, lambda: bob.keep_text(TEXT, "A text"))
    monkeypatch.setattr(owning, "needed", files)
    ada.delete_corpus(text)
    files.thread.join()
    assert own(bob) == {text: "A text"} and not own(ada)
    assert bob.corpus(text).title == "A text"


def test_a_home_that_cannot_be_locked_is_said(ada: Service) -> None:
    (ada.home / ".belongings.lock").mkdir()
    with pytest.raises(StorageError, match="cannot be written"):
        ada.keep_text(TEXT, "My diary")


def test_an_edited_world_takes_the_place_of_the_one_before_in_the_list_of_its_owner(
    ada: Service, bob: Service
) -> None:
    first = ada.keep_world("Mine", made_world("dragon")).name
    bob.keep_world("Also mine", made_world("dragon"))
    second = ada.keep_world("Mine", made_world("unicorn"), edited=first).name
    assert own(ada) == {second: "Mine"} and own(bob) == {first: "Also mine"}
    assert ada.versions_deleted(second) == 0  # Bob has the one before
    ada.delete_corpus(second)
    assert own(bob) == {first: "Also mine"}
    bob.delete_corpus(first)
    assert not list((ada.home / "worlds").iterdir())


def test_what_the_terminal_keeps_belongs_to_the_class(
    service: Service, ada: Service, bob: Service
) -> None:
    text = service.keep_text(TEXT, "For all").name
    assert own(ada) == own(bob) == {text: "For all"}
    for viewer in (ada, bob):
        with pytest.raises(Forbidden):
            viewer.delete_corpus(text)
    bob.keep_text(TEXT, "Also mine")
    service.seen_by(TEACHER).delete_corpus(text)
    assert not own(ada) and own(bob) == {text: "Also mine"}


def test_the_export_of_a_run_holds_no_task_and_no_figure_of_somebody_elses_task(
    service: Service, ada: Service, bob: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ada.start(tiny())
    task = bob.keep_task(check_rows(ROWS), "classification", Template(), "Bob's").name
    measured = [Score(run, 40, task, 0)]
    monkeypatch.setattr(service.store, "asked", lambda kind, of: measured)
    assert not ada.asked(Score, run) and bob.asked(Score, run)
    assert export_question(ada, run, 40, "lm-eval").own_tasks == ()
    assert export_question(service, run, 40, "lm-eval").own_tasks is None  # alone: all of them


def test_ones_files_call_things_as_one_does_oneself(ada: Service, bob: Service) -> None:
    """And not as whoever brought the same ones first, or last."""
    text = ada.keep_text(TEXT, "Ada's diary").name
    bob.keep_text(TEXT, "A hand-out")
    mixture = ada.keep_mixture({text: 1, "world": 1}, {}, "Ada's mixture").name
    bob.keep_mixture({text: 1, "world": 1}, {}, "Bob's mixture")
    bobs = bob.keep_mixture({text: 1, "world": 3}, {text: "A hand-out"})
    assert "A hand-out" in bobs.title and own(bob)[bobs.name] == bobs.title
    unnamed = ada.keep_mixture({text: 1, "world": 3}, {text: "Ada's diary"})
    assert "Ada's diary" in unnamed.title and own(ada)[unnamed.name] == unnamed.title
    task = ada.keep_task(check_rows(ROWS), "classification", Template(), "Ada's task").name
    bob.keep_task(check_rows(ROWS), "classification", Template(), "Bob's task")
    for viewer, read, titles in (
        (bob, text, ("A hand-out", "Bob's task")),
        (ada, mixture, ("Ada's mixture", "Ada's task")),
        (bob, mixture, ("Bob's mixture", "Bob's task")),
    ):
        run = viewer.start(tiny(corpus=read))
        asked = export_question(viewer, run, 40, "report")
        assert dict(asked.titles) == {read: titles[0], task: titles[1]}
        found = ExportedRun.of(asked, viewer.run_dir(run))
        home, config = viewer.home, viewer.run(run).config
        assert wording.text_of(config, home, found.titles).title == titles[0]
        assert wording.task_title(config, task, home, found.titles) == titles[1]
        assert titles[1] in [one.title for one in tasks_of(found, "world")]
        assert asked.reader == viewer.viewer.name  # nobody else is given this file


def test_files_of_earlier_versions_go_to_whom_they_name_or_whose_runs_read_them(
    tmp_path: Path,
) -> None:
    before = Service(tmp_path, engine=CountingEngine())
    world = save_world("Ada's", made_world("dragon"), tmp_path, owner=CODE).name
    anonymous = save_world("Nobody's", made_world("unicorn"), tmp_path).name
    text = save_upload(TEXT, "Read by one", tmp_path).name
    both = save_upload(TEXT + b" More.", "Read by two", tmp_path).name
    task = save_task(check_rows(ROWS), "classification", Template(), "Learned", tmp_path).name
    before.store.set_note(ADOPTED, None)
    ada = name_of(CODE)
    for owner, corpus in ((ada, text), (ada, both), ("bob", both)):
        before.store.create_run(tiny(corpus=corpus), owner=owner)
    parent = before.store.create_run(tiny(), owner="bob")
    learned = tiny(kind="finetune", parent=parent, task=task, init="base")
    before.store.create_run(learned, owner="bob")
    before.close()

    service = Service(tmp_path, engine=CountingEngine())
    assert set(own(service.seen_by(Viewer(ada, alone=False)))) == {world, text}
    assert set(own(service.seen_by(BOB))) == {task}
    assert set(own(service)) == {world, anonymous, text, both, task}
    assert json.loads((tmp_path / "worlds" / f"{world}.json").read_text())["owner"] == ada
    service.close()
    again = Service(tmp_path, engine=CountingEngine())  # it happens once
    assert json.loads((tmp_path / "worlds" / f"{world}.json").read_text())["owner"] == ada
    again.close()
