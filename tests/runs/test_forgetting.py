"""Everything of a learner is deleted: on a wish, and after a long absence, by the clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.own_rows import review_rows
from tests.runs_fakes import CountingEngine, FakeClock, tiny
from tinylm.corpora.world.tables import Grids, original_tables
from tinylm.errors import BadRequest, StorageError
from tinylm.evaluation.tasks.own.rows import check_rows
from tinylm.evaluation.tasks.own.template import Template
from tinylm.export.kept import file_name
from tinylm.home import exports_dir
from tinylm.learners import Viewer
from tinylm.questions.corpora import Explore, Statistics
from tinylm.questions.models import NextToken, Sample
from tinylm.runs.forgetting import DAY, forget, forget_absent, keep_days
from tinylm.runs.service import Service

ROWS = review_rows()
TEXT = "\n".join(f"{asked}: {answer}." for asked, answer in ROWS).encode()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def service(tmp_path: Path, clock: FakeClock) -> Iterator[Service]:
    made = Service(tmp_path, engine=CountingEngine(), clock=clock)
    yield made
    made.close()


def fill(service: Service, name: str) -> tuple[Service, list[Path]]:
    """A learner with one thing of each kind, and the files that belong to this learner alone."""
    theirs = service.seen_by(Viewer(name, alone=False))
    theirs.note_visit("start")
    run = theirs.start(tiny(), f"Run of {name}")
    own = TEXT + f" Written by {name}.".encode()
    text = theirs.keep_text(own, f"Diary of {name}").name
    mixture = theirs.keep_mixture({text: 1, "world": 1}, {}).name
    theirs.keep_task(check_rows(ROWS[:-1]), "classification", Template(), f"Task of {name}")
    theirs.set_answer(name, "seen", True)
    theirs.ask(Explore(text))
    folder = service.run_dir(run)
    folder.mkdir(parents=True)
    (folder / "weights").write_bytes(b"1")
    home = service.home
    return theirs, [
        folder,
        home / "uploads" / f"{text}.txt",
        home / "mixtures" / f"{mixture}.json",
    ]


def test_all_of_a_learner_goes_and_nothing_of_others(service: Service) -> None:
    ada, adas_files = fill(service, "ada")
    bob, bobs_files = fill(service, "bob")
    service.ask(Statistics("world"))
    assert all(path.exists() for path in adas_files + bobs_files)
    forget(service, "ada")
    assert not any(path.exists() for path in adas_files)
    assert all(path.exists() for path in bobs_files)
    assert not ada.runs() and not ada.answers("ada") and not ada.own_tasks() and ada.me() is None
    assert service.store.owners() == {"bob"}
    assert len(bob.runs()) == 1 and len(bob.own_tasks()) == 1  # the same rows as Ada's
    assert bob.me() is not None and bob.answers("bob") == {"seen": True}
    assert sum("-" in name for name in bob.corpora()) == 2
    left = [str(one) for one in service.store.jobs([Statistics("world")])]
    assert len(left) == 1


def test_questions_about_a_deleted_text_go_with_it_because_their_answers_quote_it(
    service: Service,
) -> None:
    ada = service.seen_by(Viewer("ada", alone=False))
    text = ada.keep_text(TEXT, "Diary").name
    ada.ask(Explore(text))
    assert service.store.jobs([Explore(text)])
    words = service.home / "cache" / "tokenizer-2-0123-4096.json"
    words.parent.mkdir()
    words.write_text("{}")
    ada.delete_corpus(text)
    assert not service.store.jobs([Explore(text)])
    assert not words.exists()


def test_whoever_was_away_too_long_is_forgotten(service: Service, clock: FakeClock) -> None:
    fill(service, "ada")
    clock.now += 20 * DAY
    bob, _ = fill(service, "bob")
    service.store.create_run(tiny(), owner="earlier")  # of before visits were noted
    assert forget_absent(service, 0, clock.now) == []
    assert forget_absent(service, 30, clock.now) == []
    clock.now += 11 * DAY
    assert forget_absent(service, 30, clock.now) == ["ada"]
    assert service.store.owners() == {"bob", "earlier"}
    clock.now += 15 * DAY
    bob.note_visit("runs")  # who comes back stays
    clock.now += 16 * DAY
    assert forget_absent(service, 30, clock.now) == ["earlier"]
    assert service.store.owners() == {"bob"}


def test_what_browsers_without_cookies_typed_goes_after_the_same_time(
    service: Service, clock: FakeClock
) -> None:
    nobody = service.seen_by(Viewer("", alone=False))
    run = service.store.create_run(tiny(), owner="")
    nobody.ask(old := NextToken(run, 0, "my name is Ada"))
    clock.now += 20 * DAY
    nobody.ask(new := NextToken(run, 0, "my name is Bob"))
    clock.now += 11 * DAY
    forget_absent(service, 0, clock.now)
    assert len(service.store.jobs([old, new])) == 2
    forget_absent(service, 30, clock.now)
    assert not service.store.jobs([old]) and service.store.jobs([new])
    assert service.store.run(run).id == run


def test_one_who_cannot_be_forgotten_holds_up_no_other(
    service: Service, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ada", "bob"):
        service.store.meet(name)
    clock.now += 31 * DAY
    delete = service.store.forget_learner

    def refuse_ada(name: str) -> None:
        if name == "ada":
            raise PermissionError("not yours")
        delete(name)

    monkeypatch.setattr(service.store, "forget_learner", refuse_ada)
    assert forget_absent(service, 30, clock.now) == ["bob"]
    monkeypatch.undo()
    assert forget_absent(service, 30, clock.now) == ["ada"]


def test_what_a_learner_wrote_to_the_model_of_somebody_else_goes(service: Service) -> None:
    run = service.store.create_run(tiny(), owner="")
    wrote = NextToken(run, 0, "my name is Ada")
    service.seen_by(Viewer("ada", alone=False)).ask(wrote)
    forget(service, "ada")
    assert not service.store.jobs([wrote])


@pytest.mark.parametrize(("value", "days"), [("", 0), ("0", 0), (" 30 ", 30), ("0.5", 0.5)])
def test_the_days_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, value: str, days: float
) -> None:
    monkeypatch.setenv("TINYLM_KEEP_DAYS", value)
    assert keep_days() == days


@pytest.mark.parametrize("value", ["a month", "-1", "nan", "1e9"])
def test_other_values_are_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("TINYLM_KEEP_DAYS", value)
    with pytest.raises(BadRequest, match="TINYLM_KEEP_DAYS must be a number of days"):
        keep_days()


def world_of(word: str) -> Grids:
    tables = original_tables()
    animals = tables["animals"]
    row = [word, *animals.rows[0][1:]]
    return tables | {"animals": animals.with_rows([*animals.rows, row])}


def test_what_a_learner_typed_to_a_model_of_the_class_goes_too(service: Service) -> None:
    ada, bob = (service.seen_by(Viewer(name, alone=False)) for name in ("ada", "bob"))
    of_class = service.start(tiny(), "For all")
    ada.ask(typed := Sample(of_class, 1, "My name is Zebulon"))
    bob.ask(bobs := Sample(of_class, 1, "Tom has"))
    folder = exports_dir(service.home, of_class)
    folder.mkdir(parents=True)
    for one in ("ada", "bob"):
        (folder / file_name(f"{of_class}-report", one, "0123456789", ".html")).touch()
    forget(service, "ada")
    assert not service.store.jobs([typed]) and service.store.jobs([bobs])
    assert [one.name for one in folder.iterdir()] == [f"{of_class}-report.bob-01234567.html"]


def test_earlier_versions_of_a_world_go_though_another_has_its_title(service: Service) -> None:
    ada, bob = (service.seen_by(Viewer(name, alone=False)) for name in ("ada", "bob"))
    adas = ada.keep_world("My world", world_of("dragon")).name
    first = bob.keep_world("My world", world_of("griffin")).name
    second = bob.keep_world("My world", world_of("phoenix"), first).name
    assert [one.title for one in bob.corpora().values() if one.name == second] == ["My world"]
    assert first not in bob.corpora()
    bob.delete_corpus(second)
    worlds = service.home / "worlds"
    assert [one.stem for one in worlds.iterdir()] == [adas]


def test_a_version_that_a_run_read_goes_with_the_learner(service: Service) -> None:
    bob = service.seen_by(Viewer("bob", alone=False))
    first = bob.keep_world("My world", world_of("griffin")).name
    bob.start(tiny(corpus=first))
    second = bob.keep_world("My world", world_of("phoenix"), first).name
    bob.delete_corpus(second)
    assert [one.stem for one in (service.home / "worlds").iterdir()] == [first]
    forget(service, "bob")
    assert not list((service.home / "worlds").iterdir())


def test_what_cannot_be_deleted_keeps_nothing_else_from_going(
    service: Service, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, _ = fill(service, "ada")
    fill(service, "bob")
    ada.set_answer("ada", "first", 1)
    refuses = "tinylm.runs.service.owning.delete_task"

    def full(*_: object) -> None:
        raise StorageError("The task could not be deleted: no rights.")

    monkeypatch.setattr(refuses, full)
    clock.now += 31 * DAY
    ada.keep_task(check_rows(ROWS[:-2]), "classification", Template(), "Alone")
    assert forget_absent(service, 30, clock.now) == []
    assert not service.runs() and not ada.answers("ada")
    assert [one.title for one in ada.own_tasks()]  # it stays in the list, to be tried again
    monkeypatch.undo()
    forget(service, "ada")
    forget(service, "bob")
    assert not list((service.home / "tasks").iterdir())
    assert service.store.owners() == set()


def test_a_damaged_text_is_deleted_as_well(service: Service) -> None:
    ada = service.seen_by(Viewer("ada", alone=False))
    text = ada.keep_text(TEXT, "Diary").name
    (service.home / "uploads" / f"{text}.json").write_text("{")
    forget(service, "ada")
    assert not list((service.home / "uploads").iterdir())
