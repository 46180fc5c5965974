"""A store in which something is damaged: that says so in a sentence, and all else is read."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.runs_fakes import CountingEngine, tiny
from tinylm.errors import NotFound, StorageError
from tinylm.events import EvalDone
from tinylm.questions.models import Sample
from tinylm.runs.service import Service
from tinylm.runs.store import Store
from tinylm.runs.work.execute import Context, execute_job, execute_run

NO_JSON = ("{", "", "[" * 100_000, '{"a": ' * 5000, '"\\ud800"', b"\xff\x00")
BROKEN = (*NO_JSON, "[]", "null", "1" * 400)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path, engine=CountingEngine(), immediate=True)
    yield made
    made.close()


def put(service: Service, table: str, column: str, value: object, where: str = "1") -> None:
    """Write a value into a column past the program, as a damaged disk or a curious hand does."""
    with closing(sqlite3.connect(service.home / "tinylm.db")) as connection, connection:
        changed = connection.execute(f"update {table} set {column} = ? where {where}", (value,))
        assert changed.rowcount


@pytest.mark.parametrize("value", BROKEN)
def test_a_run_with_damaged_settings_fails_in_words_and_others_are_listed(
    service: Service, value: str | bytes
) -> None:
    run_id, other = service.start(tiny()), service.start(tiny())
    put(service, "runs", "config", value, f"id = '{run_id}'")
    row = service.run(run_id)
    assert row.status == "failed" and "delete it" in row.error and row.title
    assert {found.id for found in service.runs()} == {run_id, other}
    assert service.run(other).status == "done"
    put(service, "runs", "status", "queued", f"id = '{run_id}'")
    assert service.store.claim_run(run_id, "here:1:1") is None
    service.delete(run_id)
    assert [found.id for found in service.runs()] == [other]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("status", "asleep"),
        ("wish", "to120"),
        ("kind", ""),
        ("created", "yesterday"),
        ("created", 1e300),
        ("ended", -5.0),
        ("step", b"\x00\x01"),
        ("num_steps", "many"),
        ("tokens_per_sec", "fast"),
        ("seconds", "long"),
        ("hold_at", "there"),
        ("beats", "none"),
    ],
)
def test_a_run_with_a_damaged_figure_fails_in_words(
    service: Service, column: str, value: object
) -> None:
    run_id, other = service.start(tiny()), service.start(tiny())
    put(service, "runs", column, value, f"id = '{run_id}'")
    row = service.run(run_id)
    assert row.status == "failed" and row.error.startswith("What is stored of this run is damaged")
    assert {found.id for found in service.runs()} == {run_id, other}
    for act in (service.resume, service.stop, service.pause, service.single_step, service.delete):
        act(run_id)
    with pytest.raises(NotFound):
        service.run(run_id)


@pytest.mark.parametrize("value", BROKEN)
def test_a_damaged_event_is_counted_and_the_others_are_read(
    service: Service, value: str | bytes
) -> None:
    run_id = service.start(tiny())
    evals = service.told(run_id).evals
    put(service, "events", "payload", value, "type = 'eval' and step = 20")
    fresh = Store(service.url)
    told = fresh.told(run_id)
    assert told.damaged == 1
    assert told.evals == tuple(found for found in evals if found.step != 20)
    assert len(fresh.events(run_id, [EvalDone])) == len(evals) - 1
    put(service, "events", "payload", value, "type = 'run_ended'")
    assert fresh.stage(run_id) == "" and fresh.curve(run_id)


@pytest.mark.parametrize("value", BROKEN)
def test_a_damaged_answer_is_said_and_found_anew(service: Service, value: str | bytes) -> None:
    asked = Sample("a-run", 1, "a"), Sample("a-run", 1, "b")
    kept = [service.ask(question).answer for question in asked]
    put(service, "jobs", "answer", value, f"id = '{asked[0].key()}'")
    put(service, "jobs", "ended", time.time(), f"id = '{asked[0].key()}'")
    jobs = service.ask_all(dict(enumerate(asked)))
    assert (jobs[0].status, jobs[0].answer) == ("failed", None) and "ask again" in jobs[0].error
    assert (jobs[1].status, jobs[1].answer) == ("done", kept[1])
    assert service.ask(asked[0], retry=True).answer == kept[0]


@pytest.mark.parametrize(
    ("column", "value"),
    [("status", "asleep"), ("answer", None), ("created", "x"), ("ended", b"x"), ("beats", "x")],
)
def test_a_damaged_job_can_be_asked_again(service: Service, column: str, value: object) -> None:
    question = Sample("a-run", 1, "a")
    answer = service.ask(question).answer
    put(service, "jobs", column, value)
    service.known(question)
    assert service.ask(question, retry=True).answer == answer


@pytest.mark.parametrize("value", BROKEN)
def test_a_damaged_question_stops_no_worker(service: Service, value: str | bytes) -> None:
    question = Sample("a-run", 1, "a")
    service.store.request([question])
    put(service, "jobs", "question", value)
    context = Context(service.home, service.store, CountingEngine(), "here:1:1")
    execute_job(context, question.key())
    job = service.known(question)
    assert job is not None and job.status == "failed" and "tinylm wrote" in job.error


@pytest.mark.parametrize("value", NO_JSON)
def test_a_damaged_answer_of_a_learner_is_left_out(service: Service, value: str | bytes) -> None:
    service.set_answer("ada", "first", 1)
    service.set_answer("ada", "second", {"guess": 2})
    put(service, "answers", "value", value, "key = 'first'")
    assert service.answers("ada") == {"second": {"guess": 2}}
    service.set_answer("ada", "first", 3)
    assert service.answers("ada")["first"] == 3


def test_a_damaged_dial_stands_where_it_began(service: Service) -> None:
    run_id = service.start(tiny())
    service.set_lr_factor(run_id, 0.5)
    put(service, "dials", "value", "loud")
    assert service.lr_factor(run_id) == 1.0


def test_a_worker_heeds_a_run_whose_wish_is_damaged(service: Service) -> None:
    run_id = service.store.create_run(tiny())
    claim = service.store.claim_run(run_id, "here:1:1")
    assert claim is not None
    put(service, "runs", "wish", "dance")
    wish = service.store.beat(claim)
    assert wish is not None and wish.command == "run"


def damage_in_the_middle(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[8192:] = b"\xa5" * (len(data) - 8192)
    path.write_bytes(bytes(data))


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: 3 * 4096])


@pytest.mark.parametrize("damage", [damage_in_the_middle, cut_short])
def test_a_damaged_file_is_a_sentence_at_every_door(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    service = Service(tmp_path)
    run_id = service.start(tiny())
    service.close()
    damage(tmp_path / "tinylm.db")
    with pytest.raises(StorageError, match="is damaged: move the file away"):
        Service(tmp_path).run(run_id)


# A busy one


def test_a_busy_database_is_said_within_two_seconds(service: Service) -> None:
    run_id = service.store.create_run(tiny())
    with closing(sqlite3.connect(service.home / "tinylm.db", isolation_level=None)) as other:
        other.execute("begin immediate")
        for act in (service.pause, service.single_step, service.delete, service.resume):
            began = time.monotonic()
            with pytest.raises(StorageError, match="busy: try again"):
                act(run_id)
            assert time.monotonic() - began < 2.0
        began = time.monotonic()
        assert service.run(run_id).status == "queued"  # reading waits for nobody
        assert time.monotonic() - began < 0.5
    service.stop(run_id)


def test_a_worker_waits_longer(service: Service) -> None:
    run_id = service.store.create_run(tiny())
    worker = Store(service.url, patience=30.0)
    with closing(
        sqlite3.connect(service.home / "tinylm.db", isolation_level=None, check_same_thread=False)
    ) as other:
        other.execute("begin immediate")
        timer = threading.Timer(2.0, lambda: other.execute("rollback"))
        timer.start()
        assert worker.claim_run(run_id, "here:1:1") is not None
        timer.join()


def test_runs_go_on_after_damage(service: Service) -> None:
    """A damaged run does not keep the worker from the next one."""
    first, second = (service.store.create_run(tiny()) for _ in range(2))
    put(service, "runs", "config", "{", f"id = '{first}'")
    context = Context(service.home, service.store, CountingEngine(), "here:1:1")
    for run_id in (first, second):
        execute_run(context, run_id)
    assert [service.run(one).status for one in (first, second)] == ["failed", "done"]
