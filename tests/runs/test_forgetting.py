"""Everything of a learner is deleted: on a wish, and after a long absence, by the clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.own_rows import review_rows
from tests.runs_fakes import CountingEngine, FakeClock, tiny
from tinylm.errors import BadRequest
from tinylm.evaluation.tasks.own.rows import check_rows
from tinylm.evaluation.tasks.own.template import Template
from tinylm.learners import Viewer
from tinylm.questions.corpora import Explore, Statistics
from tinylm.questions.models import NextToken
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
