"""Single steps, and a learning rate that is changed while a run trains."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import tiny as small
from tests.runs.test_worker import working
from tests.runs_fakes import CountingEngine, FakeClock, started, step_done, tiny, wait_until
from tinylm.errors import BadRequest
from tinylm.events import LearningRateChanged, StepDone
from tinylm.runs.heartbeat import BEAT_EVERY
from tinylm.runs.service import Service
from tinylm.runs.store.line import MANY
from tinylm.runs.store.rows import Wish
from tinylm.runs.work.execute import HOLD_IN_CLASS, Context, RunWriter
from tinylm.training.loop import train


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path)
    yield service
    service.close()


def claimed(service: Service) -> tuple[str, RunWriter]:
    context = Context(service.home, service.store, CountingEngine(), "here:1:1")
    claim = service.store.create_claimed(tiny(), "", "", "here:1:1")
    writer = RunWriter(context, claim)
    writer.add(started(0, tiny()))
    return claim.run_id, writer


def test_a_single_step_lets_one_update_pass_and_then_holds(service: Service) -> None:
    run_id, writer = claimed(service)
    service.single_step(run_id)
    assert writer.control() == "run"
    writer.add(step_done(1))
    answers: list[str] = []
    held = threading.Thread(target=lambda: answers.append(writer.control()))
    held.start()
    wait_until(lambda: service.run(run_id).status == "holding")
    assert not answers and service.run(run_id).step == 1
    service.single_step(run_id)
    held.join(10)
    assert answers == ["run"] and service.run(run_id).status == "running"


@pytest.mark.parametrize(
    ("many", "owner", "busy", "answer"),
    [
        (True, "ben", "", "pause"),
        (True, "ben", "ben", "run"),  # he has one already, so the place would stay empty
        (True, "ada", "", "run"),
        (False, "ben", "", "run"),
    ],
)
def test_a_run_that_holds_gives_its_place_to_a_class_that_waits(
    service: Service, many: bool, owner: str, busy: str, answer: str
) -> None:
    """However often its learner asks for the next step: the time is counted over all of them."""
    service.store.set_note(MANY, many)
    claim = service.store.create_claimed(tiny(), "", "ada", "here:1:1")
    clock = FakeClock()
    context = Context(service.home, service.store, CountingEngine(), "here:1:1")
    writer = RunWriter(context, claim, clock=clock)
    if busy:
        service.store.create_claimed(tiny(), "", busy, "here:1:1")
    service.store.create_run(tiny(), owner=owner)
    for step in (1, 2):
        service.single_step(claim.run_id)
        writer.add(step_done(step))
        writer.flush()
        answers: list[str] = []
        held = threading.Thread(target=lambda into=answers: into.append(writer.control()))
        held.start()
        wait_until(lambda: service.run(claim.run_id).status == "holding")
        clock.now += 0.7 * HOLD_IN_CLASS
        if step == 1 or answer == "run":
            enough = 0.6 * step * HOLD_IN_CLASS
            wait_until(lambda enough=enough: writer._held_for > enough)
            service.single_step(claim.run_id)
        for _ in range(20 if step == 2 and answer == "pause" else 0):
            clock.now += 1.5 * BEAT_EVERY  # it looks twice
            held.join(0.1)
        held.join(10)
        assert answers == ["run" if step == 1 else answer]


@pytest.mark.parametrize(("press", "answer"), [("resume", "run"), ("pause", "pause")])
def test_a_run_that_holds_goes_on_or_rests_when_asked(
    service: Service, press: str, answer: str
) -> None:
    run_id, writer = claimed(service)
    service.single_step(run_id)
    writer.add(step_done(1))
    writer.flush()
    answers: list[str] = []
    held = threading.Thread(target=lambda: answers.append(writer.control()))
    held.start()
    wait_until(lambda: service.run(run_id).status == "holding")
    getattr(service, press)(run_id)
    held.join(10)
    assert answers == [answer]


def test_a_run_that_rests_is_queued_for_a_single_step(service: Service) -> None:
    run_id = service.start(tiny())
    service.pause(run_id)
    assert service.run(run_id).status == "paused"
    service.single_step(run_id)
    assert service.run(run_id).status == "queued"
    assert service.run(run_id).wish == Wish("run", hold_at=1)


def test_a_single_step_wished_for_while_queued_is_heeded_by_the_worker(service: Service) -> None:
    run_id = service.start(tiny())
    service.pause(run_id)
    service.single_step(run_id)
    with working(service.home, CountingEngine()):
        wait_until(lambda: service.run(run_id).status == "holding")
        assert service.run(run_id).step == 1
        service.resume(run_id)
        wait_until(lambda: service.run(run_id).status == "done")


def test_a_dial_reaches_the_training(service: Service) -> None:
    run_id, writer = claimed(service)
    assert writer.lr_factor() == 1.0
    service.set_lr_factor(run_id, 0.5)
    writer.control()
    assert writer.lr_factor() == service.lr_factor(run_id) == 0.5
    with pytest.raises(BadRequest):
        service.set_lr_factor(run_id, -1)


@pytest.mark.usefixtures("one_thread")
def test_the_factor_multiplies_the_schedule_from_its_update_on(tmp_path: Path) -> None:
    plain = {e.step: e for e in train(small.job(tmp_path / "a")) if isinstance(e, StepDone)}
    job = small.job(tmp_path / "b")
    done: list[int] = []
    job.lr_factor = lambda: 3.0 if len(done) >= 10 else 1.0
    changes, steps = [], {}
    for event in train(job):
        if isinstance(event, StepDone):
            done.append(event.step)
            steps[event.step] = event
        elif isinstance(event, LearningRateChanged):
            changes.append(event)
    assert changes == [LearningRateChanged(10, 3.0)]
    for step, event in steps.items():
        assert event.lr == pytest.approx(plain[step].lr * (3.0 if step > 10 else 1.0))
        assert (event.loss == plain[step].loss) == (step <= 11)
