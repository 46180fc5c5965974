"""The store: the life of a run, its curve, short jobs, and errors in words."""

from __future__ import annotations

import copy
import math
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from tests.fake_engine import FakeEngine
from tests.runs_fakes import FakeClock, save, started, step_done, tiny
from tinylm.config import RunConfig
from tinylm.errors import NotFound, StorageError
from tinylm.events import (
    EVENTS,
    CurvePoint,
    EvalDone,
    Event,
    NextTokenOdds,
    Preparing,
    Rewarded,
    RunEnded,
    Sampled,
)
from tinylm.home import database_url
from tinylm.process import own_token, token_host
from tinylm.questions.base import Answer, Question
from tinylm.questions.models import Continuation, Sample, Score
from tinylm.runs.store import Store
from tinylm.runs.store.database import Database
from tinylm.runs.store.database import sentence as sentence_of
from tinylm.runs.store.history import LostClaim, Told
from tinylm.runs.store.jobs import DEATHS
from tinylm.runs.store.rows import Claim, Wish, check_run_id, new_run_id, remaining_seconds
from tinylm.runs.store.tables import SCHEMA_VERSION, meta, runs

GONE = "another-computer:1:1"  # a worker about whose process nothing can be known here


only_a_file = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(database_address: str, clock: FakeClock) -> Iterator[Store]:
    store = Store(database_address, clock=clock, ticks=clock)
    yield store
    store.close()


def running(store: Store, worker: str = GONE) -> tuple[str, Claim]:
    run_id = store.create_run(tiny())
    claim = store.claim_run(run_id, worker)
    assert claim is not None
    return run_id, claim


# Runs


def test_a_new_run_waits_with_its_settings(store: Store) -> None:
    run_id = store.create_run(tiny(seed=7), title="  My\nfirst \x1b[31m run ", owner="ada")
    row = store.run(run_id)
    assert (row.status, row.kind, row.owner, row.step, row.num_steps) == (
        *("queued", "pretrain", "ada", 0, 60),
    )
    assert row.title == "My first [31m run"
    assert row.config == tiny(seed=7)
    assert run_id.startswith("world-tiny-")
    assert store.queued_runs() == [run_id]


@only_a_file
@pytest.mark.parametrize(
    "bad", ["", "nothing", "../etc/passwd", "world-tiny-aaaaaa", "A-b-c", "x" * 500, None, "a\0b-c"]
)
def test_an_unknown_id_is_one_sentence(store: Store, bad: object) -> None:
    with pytest.raises(NotFound, match=r"There is no run .*Pick one on the Runs page"):
        store.run(bad)  # type: ignore[arg-type]


@given(st.text(max_size=30), st.text(max_size=30))
def test_ids_are_fit_for_an_address_whatever_the_settings(corpus: str, preset: str) -> None:
    run_id = new_run_id(RunConfig(corpus=corpus, preset=preset))
    assert check_run_id(run_id) == run_id
    assert len(run_id) <= 80


def test_runs_are_listed_newest_first_by_kind(store: Store, clock: FakeClock) -> None:
    first = store.create_run(tiny())
    clock.now += 1
    second = store.create_run(tiny(kind="finetune", parent=first, task="facts", init="base"))
    assert [row.id for row in store.runs()] == [second, first]
    assert [row.id for row in store.runs("pretrain")] == [first]
    assert second.startswith("facts-base-")


def test_rename(store: Store) -> None:
    run_id = store.create_run(tiny())
    original = store.run(run_id).title
    store.rename(run_id, "n" * 200)
    assert store.run(run_id).title == "n" * 80
    store.rename(run_id, " ")
    assert store.run(run_id).title == original


def test_only_one_of_two_workers_gets_a_run(store: Store) -> None:
    run_id = store.create_run(tiny())
    assert store.claim_run(run_id, "a:1:1") is not None
    assert store.claim_run(run_id, "b:1:1") is None


def test_pause_and_resume_while_waiting(store: Store) -> None:
    run_id = store.create_run(tiny())
    store.wish(run_id, "pause")
    store.wish(run_id, "pause")  # a double click
    assert store.run(run_id).status == "paused"
    assert store.claim_run(run_id, GONE) is None
    assert store.wish(run_id, "run")
    assert not store.wish(run_id, "run")
    assert store.run(run_id).status == "queued"


def test_a_wish_is_shown_until_the_worker_has_done_it(store: Store) -> None:
    run_id, claim = running(store)
    store.wish(run_id, "pause")
    assert store.run(run_id).status == "pausing"
    store.wish(run_id, "stop")
    store.wish(run_id, "pause")  # does not weaken the stop
    assert store.run(run_id).status == "stopping"
    assert store.read_wish(claim) == Wish("stop")
    assert store.finish_run(claim, "stopped") == "stopped"
    assert store.run(run_id).status == "stopped"


def test_a_pause_taken_back_too_late_waits_again(store: Store) -> None:
    run_id, claim = running(store)
    store.wish(run_id, "pause")
    store.wish(run_id, "run")
    assert store.finish_run(claim, "paused") == "queued"


def test_a_silent_worker_shows_as_interrupted(store: Store, clock: FakeClock) -> None:
    run_id, claim = running(store)
    store.run(run_id)
    clock.now += 14
    assert store.run(run_id).status == "running"
    clock.now += 2
    assert store.run(run_id).status == "interrupted"
    assert store.beat(claim) == Wish("run")  # only asleep, e.g. a closed lid
    assert store.run(run_id).status == "running"


def test_a_dead_process_of_this_computer_shows_at_once(store: Store) -> None:
    host = token_host(own_token())
    run_id, _ = running(store, f"{host}:999999999:1")
    alive, _ = running(store, own_token())
    assert store.run(run_id).status == "interrupted"
    assert store.run(alive).status == "running"
    assert store.count_running(host) == 1


def test_after_a_resume_the_earlier_worker_writes_no_more(store: Store, clock: FakeClock) -> None:
    run_id, old = running(store)
    store.run(run_id)
    clock.now += 20
    assert store.wish(run_id, "run")
    new = store.claim_run(run_id, "b:1:1")
    assert new is not None
    with pytest.raises(LostClaim):
        store.add_events(run_id, [step_done(1)], old)
    assert (store.beat(old), store.finish_run(old, "done")) == (None, "lost")
    assert store.curve(run_id) == ()
    assert store.run(run_id).status == "running"


def test_stop_gives_up_an_interrupted_run(store: Store, clock: FakeClock) -> None:
    run_id, _ = running(store)
    store.run(run_id)
    clock.now += 20
    store.wish(run_id, "pause")
    assert store.run(run_id).status == "interrupted"
    store.wish(run_id, "stop")
    assert store.run(run_id).status == "stopped"


def test_a_deleted_run_is_gone_for_readers_and_comes_to_rest(store: Store) -> None:
    run_id, claim = running(store)
    store.add_events(run_id, [started(0, tiny()), step_done(1)], claim)
    assert not store.delete_run(run_id)  # its worker must stop first
    for call in (store.run, store.delete_run):
        with pytest.raises(NotFound):
            call(run_id)
    assert store.read_wish(claim) == Wish("stop")
    assert store.deleted_at_rest() == []
    assert store.finish_run(claim, "stopped") == "deleted"
    assert store.deleted_at_rest() == [run_id]
    store.forget_run(run_id)
    assert store.deleted_at_rest() == [] and store.curve(run_id) == ()


class RunLife(RuleBasedStateMachine):
    """Whatever people and workers do, in whatever order, the run stays in a known state."""

    folder: Path

    @initialize()
    def begin(self) -> None:
        self.clock = FakeClock()
        self.store = Store("sqlite://", clock=self.clock, ticks=self.clock)
        self.run_id = self.store.create_run(tiny())
        self.claims: list[Claim] = []

    @rule(wish=st.sampled_from(["pause", "stop", "run"]))
    def press(self, wish: str) -> None:
        before = self.store.run(self.run_id).status
        waits = self.store.wish(self.run_id, wish)
        after = self.store.run(self.run_id).status
        assert waits == (after == "queued" and before != "queued")
        if before == "done":
            assert after == "done"
        if wish == "stop" and before not in ("done", "failed"):
            assert after in ("stopping", "stopped")

    @rule()
    def work(self) -> None:
        waiting = self.store.run(self.run_id).status == "queued"
        claim = self.store.claim_run(self.run_id, GONE)
        assert (claim is not None) == waiting
        if claim is not None:
            self.claims.append(claim)

    @rule(status=st.sampled_from(["done", "paused", "stopped", "failed", "interrupted"]))
    def finish(self, status: str) -> None:
        before = self.store.run(self.run_id)
        for claim in self.claims[:-1]:
            assert self.store.finish_run(claim, status) == "lost"
        assert self.store.run(self.run_id) == before
        if self.claims:
            final = self.store.finish_run(self.claims[-1], status)
            expected = {"lost": before.status}.get(final, final)
            assert self.store.run(self.run_id).status == expected
            assert final in ("lost", "queued", status)

    @rule(seconds=st.sampled_from([1.0, 20.0]))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    @rule()
    def beat(self) -> None:
        live = [claim for claim in self.claims if self.store.beat(claim) is not None]
        assert live in ([], self.claims[-1:])

    @invariant()
    def known(self) -> None:
        row = self.store.run(self.run_id)
        assert row.active != (row.resumable or row.status == "done")
        assert (self.run_id in self.store.queued_runs()) == (row.status == "queued")


TestRunLife = RunLife.TestCase
TestRunLife.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)


# Events and curves


def test_events_come_back_in_order_and_update_the_run(store: Store) -> None:
    run_id, claim = running(store)
    config = tiny()
    written: list[Event] = [
        *(started(0, config), step_done(1, config, 5.0), step_done(2, config, 4.5)),
        *(EvalDone(2, 512, 4.0, 54.6, 2.0, 99), Sampled(2, "a", "b", 1, 0.8)),
    ]
    store.add_events(run_id, written, claim)
    assert store.events(run_id, EVENTS) == [written[0], *written[3:]]
    assert store.events(run_id, [Sampled]) == written[-1:]
    assert store.latest(run_id, Sampled) == written[-1]
    assert store.latest(run_id, NextTokenOdds) is None
    row = store.run(run_id)
    assert (row.step, row.tokens_seen, row.last_loss, row.last_val) == (2, 512, 4.5, 4.0)
    assert row.progress == pytest.approx(2 / 60)
    assert remaining_seconds(row) == pytest.approx(58 * 256 / 1000)


def test_what_a_run_prepares_is_said_until_it_trains(store: Store) -> None:
    run_id = store.create_run(tiny())
    assert store.stage(run_id) == ""
    store.add_events(run_id, [Preparing(0, "Reading"), Preparing(0, "Learning")])
    assert store.stage(run_id) == "Learning"
    store.add_events(run_id, [started(0, tiny())])
    assert store.stage(run_id) == ""


def test_remaining_time_is_unknown_without_speed_and_zero_at_the_end(store: Store) -> None:
    run_id, claim = running(store)
    assert remaining_seconds(store.run(run_id)) is None
    store.add_events(run_id, [step_done(60, tiny())], claim)
    store.finish_run(claim, "done")
    assert remaining_seconds(store.run(run_id)) == 0.0


def test_a_resume_forgets_what_lay_beyond_its_checkpoint(store: Store, tmp_path: Path) -> None:
    run_id, _ = running(store)
    config = tiny()
    for step in range(1, 31):
        new: list[Event] = [step_done(step)]
        if step % 10 == 0:
            new += [EvalDone(step, step, 1.0, 2.7, 1.4, 9), save(tmp_path, step)]
        store.add_events(run_id, [*new, Rewarded(step, step / 100)])
    store.add_events(run_id, [RunEnded(30, "paused", 1.0), started(20, config)])
    assert store.checkpoints(run_id) == [10, 20]
    assert [found.step for found in store.told(run_id).evals] == [10, 20]
    assert [found.reward for found in store.told(run_id).rewards][-2:] == [0.19, 0.2]
    assert store.curve(run_id)[-1].step == 20
    assert store.run(run_id).step == 20
    store.add_events(run_id, [started(0, config)])
    assert store.checkpoints(run_id) == []
    assert store.curve(run_id) == ()


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(count=st.integers(1, 700), points=st.integers(1, 60))
def test_a_curve_is_the_means_of_equal_buckets(count: int, points: int) -> None:
    store = Store("sqlite://")
    run_id = store.create_run(tiny())
    losses = [((7 * step) % 13) / 3 for step in range(1, count + 1)]
    store.add_events(run_id, [step_done(i + 1, loss=loss) for i, loss in enumerate(losses)])
    curve = store.curve(run_id, points)
    assert len(curve) <= points
    assert curve[-1].step == count
    width = curve[0].step
    for i, point in enumerate(curve):
        part = losses[i * width : (i + 1) * width]
        assert point.loss == pytest.approx(sum(part) / len(part))
        assert point.tokens_seen == point.step * 100
    store.close()


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(parts=st.lists(st.integers(1, 60), max_size=8), points=st.integers(1, 40))
def test_a_curve_read_as_the_run_goes_is_the_curve_read_at_once(
    parts: list[int], points: int
) -> None:
    often = Store("sqlite://")
    run_id = often.create_run(tiny())
    step = 0
    for part in parts:
        new = [step_done(step + i, loss=(7 * (step + i)) % 13) for i in range(1, part + 1)]
        often.add_events(run_id, [started(step, tiny()), *new] if part % 5 == 0 else new)
        step += part
        assert often.curve(run_id, points) == read_at_once(often, run_id, points)
    if step > 10:  # back to an earlier checkpoint, then forward again with other losses
        again = [step_done(i, loss=50.0) for i in range(step - 8, step + 1)]
        often.add_events(run_id, [started(step - 9, tiny()), *again])
        assert often.curve(run_id, points) == read_at_once(often, run_id, points)
    often.close()


def read_at_once(store: Store, run_id: str, points: int) -> tuple[CurvePoint, ...]:
    """The curve as one reads it who never looked before."""
    fresh = copy.copy(store)
    fresh.__dict__.pop("_curves", None)
    return fresh.curve(run_id, points)


def test_what_a_run_told_is_read_again_only_when_there_is_more(store: Store) -> None:
    run_id = store.create_run(tiny())
    assert store.told(run_id) == Told()
    store.add_events(
        run_id,
        [
            started(0, tiny()),
            step_done(1),
            EvalDone(1, 1, 2.0, 7.4, 2.9, 9),
            Sampled(1, "One", "two", 0, 0.8),
        ],
    )
    first = store.told(run_id)
    assert [found.loss for found in first.evals] == [2.0]
    assert [found.text for found in first.samples] == ["two"]
    assert first.film == () and first.started and first.started.step == 0
    store.add_events(run_id, [step_done(2)])
    assert store.told(run_id) is first
    # As many events as before, under the same numbers: the run began again.
    store.add_events(run_id, [started(0, tiny()), EvalDone(0, 0, 5.0, 148.4, 7.2, 9)])
    assert [found.loss for found in store.told(run_id).evals] == [5.0]
    assert store.told(run_id).samples == ()


def test_a_figure_that_is_not_finite_is_one_for_every_reader(store: Store) -> None:
    run_id = store.create_run(tiny())
    new = [step_done(1, loss=math.nan), EvalDone(1, 1, 900.0, math.inf, math.nan, 1)]
    store.add_events(run_id, new)
    (point,), (found,) = store.curve(run_id), store.told(run_id).evals
    assert math.isnan(point.loss) and point.lr == 0.01
    assert found.perplexity == math.inf and math.isnan(found.bits_per_byte)
    assert store.run(run_id).last_loss is None  # databases differ on these numbers


# Short jobs, workers, answers


def asked(text: str = "a") -> Sample:
    return Sample("a-run", 1, text)


ANSWER = Continuation(" and so on", 3)


def test_one_question_is_one_job(store: Store) -> None:
    assert store.request([asked()]) == [asked()]
    assert store.request([asked(), asked("b")]) == [asked("b")]
    job_id = asked().key()
    assert store.claim_job(job_id, GONE)
    assert not store.claim_job(job_id, GONE)
    store.finish_job(job_id, ANSWER)
    job = store.job(job_id)
    assert (job.question, job.answer) == (asked(), ANSWER)
    assert store.request([asked()]) == []


def test_jobs_that_are_over_are_counted(store: Store, clock: FakeClock) -> None:
    """Done, failed, lost with its worker, or removed; what waits or is computed is not over."""
    kinds = ("done", "failed", "lost", "removed", "running", "queued")
    ids = {kind: asked(kind).key() for kind in kinds}
    store.request([asked(kind) for kind in kinds])
    store.cancel_jobs([ids["removed"]])
    for kind in ("done", "failed", "lost"):
        store.claim_job(ids[kind], GONE)
    store.finish_job(ids["done"], ANSWER)
    store.finish_job(ids["failed"], None, "No.")
    assert store.job(ids["lost"]).status == "running"
    clock.now += 20
    store.claim_job(ids["running"], own_token())
    assert [store.num_over([one]) for one in ids.values()] == [1, 1, 1, 1, 0, 0]
    assert store.num_over(ids.values()) == 4


def test_a_failed_or_lost_job_can_be_asked_again(store: Store, clock: FakeClock) -> None:
    store.request([asked()])
    job_id = asked().key()
    store.claim_job(job_id, GONE)
    assert store.job(job_id).status == "running"
    clock.now += 20
    assert store.job(job_id).status == "failed"
    assert store.request([asked()]) == [asked()]
    store.claim_job(job_id, GONE)
    store.finish_job(job_id, None, "No.")
    assert (store.job(job_id).status, store.job(job_id).error) == ("failed", "No.")
    assert store.request([asked()]) == []  # a page that asks on every rerun
    assert store.request([asked()], retry=True) == [asked()]
    store.finish_job(job_id, None, "No.")
    clock.now += 61
    assert store.request([asked()]) == [asked()]


def test_a_job_that_ends_its_workers_is_not_tried_without_end(
    store: Store, clock: FakeClock
) -> None:
    job_id = asked().key()

    def its_worker_ends() -> None:
        store.claim_job(job_id, GONE)
        assert store.job(job_id).status == "running"
        clock.now += 20
        assert store.job(job_id).status == "failed"

    store.request([asked()])
    its_worker_ends()
    assert store.request([asked()]) == [asked()]
    its_worker_ends()
    for _ in range(3):  # a page that asks on every rerun
        assert store.request([asked()]) == []
        assert "Two workers in turn have ended" in store.job(job_id).error
        clock.now += 100
    assert store.request([asked()], retry=True) == [asked()]  # a person pressed the button
    its_worker_ends()
    assert store.request([asked()]) == []
    assert store.request([asked()], retry=True) == [asked()]
    store.finish_job(job_id, ANSWER)
    assert store.dial(job_id, DEATHS) == 0
    assert store.job(job_id).answer == ANSWER


def test_what_a_worker_that_ends_was_computing_waits_again(store: Store) -> None:
    store.request([asked(), asked("b"), asked("c")])
    store.claim_job(asked().key(), GONE)
    store.claim_job(asked("b").key(), own_token())
    assert store.put_back_jobs(GONE) == 1
    assert [store.job(asked(text).key()).status for text in ("a", "b", "c")][1:] == [
        "running",
        "queued",
    ]
    store.finish_job(asked().key(), ANSWER, worker=GONE)  # it is nobody's to finish any more
    assert store.job(asked().key()).status == "queued"
    assert store.dial(asked().key(), DEATHS) == 0


def test_the_dials_of_what_is_gone_go_too(store: Store) -> None:
    run_id, job_id = store.create_run(tiny()), asked().key()
    store.request([asked()])
    for item in (run_id, job_id, "gone"):
        store.turn(item, "any", 1.0)
    store.trim_jobs()
    assert [store.dial(item, "any") for item in (run_id, job_id, "gone")] == [1.0, 1.0, 0.0]
    store.cancel_jobs([job_id])
    store.trim_jobs()
    assert [store.dial(item, "any") for item in (run_id, job_id)] == [1.0, 0.0]


def test_old_jobs_are_forgotten(store: Store, clock: FakeClock) -> None:
    questions = [asked(str(number)) for number in range(6)]
    for question in questions:
        store.request([question])
        clock.now += 1
        store.finish_job(question.key(), ANSWER)
    store.trim_jobs(keep=4)
    with pytest.raises(NotFound, match="ask it again"):
        store.job(questions[1].key())
    assert store.job(questions[2].key()).status == "done"


def test_writers_of_one_process_wait_in_a_line_and_not_for_ever(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waits has begun nothing: SQLite has no line, and would let some wait again and again."""
    monkeypatch.setattr("tinylm.runs.store.database.IN_LINE", 0.05)
    database = store._db

    def write(patience: float) -> int:
        with database.write(patience):
            return database._engine.pool.checkedout()  # type: ignore[attr-defined]

    with ThreadPoolExecutor(3) as pool:
        with database.write():
            waiting = [pool.submit(write, 60.0) for _ in range(2)]
            with pytest.raises(StorageError, match="The database is busy: try again"):
                pool.submit(write, 0.05).result()
            assert database._engine.pool.checkedout() == 1  # type: ignore[attr-defined]
        assert [one.result() for one in waiting] == [1, 1]


def test_what_was_measured_outlives_what_is_quickly_asked_again(
    store: Store, clock: FakeClock
) -> None:
    """Before, a class that asked for odds pushed its scores out of reports and off the board."""
    scores = [Score("r", step, "facts") for step in range(3)]

    def answered(question: Question[Any]) -> Answer:
        return FakeEngine().answer(question, Path())

    for question in (*scores, *(asked(str(number)) for number in range(6))):
        store.request([question])
        clock.now += 1
        store.finish_job(question.key(), answered(question))
    store.trim_jobs(keep=2)
    assert [store.job(one.key()).status for one in scores] == ["done"] * 3
    with pytest.raises(NotFound):
        store.job(asked("3").key())
    store.trim_jobs(keep=2, results=2)
    with pytest.raises(NotFound):
        store.job(scores[0].key())
    assert store.job(scores[1].key()).status == store.job(asked("5").key()).status == "done"


def test_workers_are_known_while_they_live(store: Store, clock: FakeClock) -> None:
    store.beat_worker(own_token(), "short")
    store.beat_worker(own_token(), "short")
    assert [row.queue for row in store.workers()] == ["short"]
    clock.now += 20
    assert store.workers() == []
    store.beat_worker(own_token(), "short")
    assert len(store.workers()) == 1
    clock.now += 20
    store.forget_silent_workers()
    clock.now += 20
    store.beat_worker(own_token(), "short")  # it was only asleep
    assert len(store.workers()) == 1
    store.remove_worker(own_token())
    assert store.workers() == []


def test_answers_belong_to_their_owner(store: Store) -> None:
    store.set_answer("ada", "q1", {"guess": 3})
    store.set_answer("ada", "q1", {"guess": 4})
    store.set_answer("bob", "q1", "ünïcode")
    assert store.answers("ada") == {"q1": {"guess": 4}}
    assert store.answers("bob") == {"q1": "ünïcode"}


# The database


def test_two_stores_on_one_file_write_at_once(tmp_path: Path) -> None:
    stores = [Store(database_url(tmp_path)) for _ in range(2)]
    run_ids = [stores[0].create_run(tiny()) for _ in range(4)]
    problems: list[Exception] = []

    def write(number: int) -> None:
        try:
            for step in range(1, 26):
                stores[number % 2].add_events(run_ids[number], [step_done(step)])
                stores[(number + 1) % 2].run(run_ids[number])
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert all(len(stores[0].curve(run_id)) == 25 for run_id in run_ids)


def test_many_processes_may_begin_at_once(tmp_path: Path) -> None:
    problems: list[Exception] = []

    def begin() -> None:
        try:
            Store(database_url(tmp_path)).runs()
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


@only_a_file
@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ("database or disk is full", "The disk is full"),
        ("database is locked", "busy: try again"),
        ("attempt to write a readonly database", "check the permissions"),
        ("database disk image is malformed", "is damaged"),
        ("something else", "something else"),
    ],
)
def test_database_errors_are_sentences(store: Store, message: str, sentence: str) -> None:
    run_id = store.create_run(tiny())
    problem = OperationalError("insert", {}, sqlite3.OperationalError(message))
    with pytest.raises(StorageError, match=sentence), store._db.write() as connection:
        connection.execute(update(runs).values(status="done"))
        raise problem
    assert store.run(run_id).status == "queued"


@only_a_file
def test_a_real_full_disk_is_a_sentence_and_nothing_is_half_written(store: Store) -> None:
    run_id = store.create_run(tiny())
    with store._db.write() as connection:  # SQLite's own limit stands in for the disk's
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StorageError, match="The disk is full"):
        store.add_events(run_id, [step_done(step) for step in range(1, 5000)])
    assert store.curve(run_id) == ()
    assert store.run(run_id).step == 0


def test_a_file_that_is_no_database_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "tinylm.db").write_bytes(b"not a database " * 100)
    with pytest.raises(StorageError, match="is damaged"):
        Store(database_url(tmp_path))


def test_a_newer_database_is_refused_in_words(tmp_path: Path) -> None:
    database = Database(database_url(tmp_path))
    with database.write() as connection:
        connection.execute(update(meta).values(value="99"))
    with pytest.raises(StorageError, match=f"version 99.*reads version {SCHEMA_VERSION}"):
        Database(database_url(tmp_path))


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/name", "oracle://x", "sqlite+no:///x"])
def test_an_address_that_cannot_be_used_is_a_sentence(url: str) -> None:
    with pytest.raises(StorageError, match="TINYLM_DATABASE"):
        Store(url)


def test_an_address_survives_odd_folder_names(tmp_path: Path) -> None:
    folder = tmp_path / "a b?c%20#d"
    folder.mkdir()
    Store(database_url(folder)).close()
    assert (folder / "tinylm.db").exists()


@pytest.mark.parametrize(("free", "words"), [(0, "The disk is full"), (10**9, "disk I/O error")])
def test_a_disk_without_room_is_said_to_be_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, words: str
) -> None:
    """SQLite calls it an I/O error where its log cannot grow."""
    usage = SimpleNamespace(total=10**9, used=10**9 - free, free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage)
    error = sqlite3.OperationalError("disk I/O error")
    assert words in sentence_of(error, f"sqlite:///{tmp_path / 'tinylm.db'}")


def test_learners_are_met_called_and_listed(store: Store, clock: FakeClock) -> None:
    store.meet("ada", "start")
    clock.now += 5
    store.meet("bob", "tokens")
    clock.now += 5
    store.meet("ada", "pretrain")
    store.call("ada", "Ada L.")
    first, second = store.learners()
    assert (first.name, first.shown, first.place) == ("ada", "Ada L.", "pretrain")
    assert first.seen - first.created == 10
    assert second.name == "bob"
    assert store.knows("bob") and not store.knows("eve")


def test_a_note_of_the_class_is_replaced_and_removed(store: Store) -> None:
    assert store.note("plan") is None
    store.set_note("plan", {"lessons": ["start"]})
    store.set_note("plan", {"lessons": ["tokens"]})
    assert store.note("plan") == {"lessons": ["tokens"]}
    store.set_note("plan", None)
    assert store.note("plan") is None
