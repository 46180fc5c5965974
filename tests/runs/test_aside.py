"""A question that takes long holds up nobody: the next ones are answered meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fake_engine import FakeEngine
from tests.runs_fakes import CountingEngine, wait_until
from tinylm.questions.base import A, Question
from tinylm.questions.models import NextToken
from tinylm.questions.tokens import Merges
from tinylm.runs.service import Service
from tinylm.runs.store.line import ANY_PRIORITY, DRAWN_AT_ONCE, PERSON_WAITS
from tinylm.runs.work.aside import AT_ONCE, PATIENT, Threads, Work
from tinylm.runs.work.worker import Worker


class SlowMerges(CountingEngine):
    """Answers questions about merges only once `gate` is open."""

    def answer(self, question: Question[A], home: Path) -> A:
        self.asked.append(question)
        if isinstance(question, Merges):
            self.gate.wait(10)
        return FakeEngine().answer(question, home)


@contextmanager
def answering(home: Path, engine: SlowMerges) -> Iterator[Worker]:
    worker = Worker(home, "short", engine=engine, poll=0.02)
    thread = threading.Thread(target=worker.serve)
    thread.start()
    try:
        yield worker
    finally:
        engine.gate.set()
        worker.stop.set()
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path)
    yield service
    service.close()


def test_short_questions_are_answered_while_a_long_one_is_computed_once(service: Service) -> None:
    engine = SlowMerges()
    long = Merges("names", False)
    with answering(service.home, engine):
        service.ask(long)
        wait_until(lambda: long in engine.asked)
        short = {text: NextToken("a-run", 0, text) for text in "abc"}
        found = service.ask_all(short, wait=10)
        assert [job.status for job in found.values()] == ["done"] * 3
        assert service.ask(long).status == "running"
        engine.gate.set()
        wait_until(lambda: service.ask(long).status == "done")
    assert engine.asked.count(long) == 1


def test_a_worker_that_has_to_end_leaves_what_it_could_not_begin(service: Service) -> None:
    engine = SlowMerges()
    with answering(service.home, engine) as worker:
        long = [Merges(f"text-{i}", False) for i in range(PATIENT + 1)]
        service.ask_all(dict(enumerate(long)))
        wait_until(lambda: len(engine.asked) == PATIENT)
        worker.stop.set()
        engine.gate.set()
    statuses = sorted(service.ask(question).status for question in long)
    assert statuses == ["done"] * PATIENT + ["queued"]


def test_an_urgent_question_finds_a_place_where_others_hold_all_of_theirs(
    service: Service,
) -> None:
    engine = SlowMerges()
    with answering(service.home, engine):
        service.ask_all({n: Merges(f"text-{n}", False) for n in range(PATIENT + 1)})
        wait_until(lambda: len(engine.asked) == PATIENT)
        urgent = service.ask_all({"": NextToken("a-run", 0, "a")}, wait=10)[""]
        assert urgent.status == "done"
        assert len(engine.asked) == PATIENT + 1


def test_so_many_go_on_at_once_and_no_more() -> None:
    gate, begun = threading.Event(), threading.Semaphore(0)

    def work() -> None:
        begun.release()
        gate.wait(10)

    threads = Threads(lambda: False, moment=0.0)
    for _ in range(AT_ONCE):
        assert threads.in_turn(lambda _: (work, DRAWN_AT_ONCE))
    one_more = threading.Thread(target=until_taken, args=(threads, work))
    one_more.start()
    assert all(begun.acquire(timeout=10) for _ in range(AT_ONCE))
    assert not begun.acquire(timeout=0.05)
    gate.set()
    assert begun.acquire(timeout=10)
    one_more.join(10)
    wait_until(lambda: not threads.alive())


def until_taken(threads: Threads, work: Work) -> None:
    """Look again and again until there is a place for this work."""
    waits = [work]
    while waits:
        threads.in_turn(lambda _: (waits.pop(), DRAWN_AT_ONCE))


@pytest.mark.parametrize(
    ("given", "least"),
    [
        ([0] * PATIENT, PERSON_WAITS),
        ([0] * PATIENT + [PERSON_WAITS], DRAWN_AT_ONCE),
        ([PERSON_WAITS] * 5, DRAWN_AT_ONCE),
        ([DRAWN_AT_ONCE] * 5, ANY_PRIORITY),
    ],
)
def test_what_is_less_urgent_leaves_places_free(given: list[int], least: int) -> None:
    asked: list[int] = []
    gate = threading.Event()
    threads = Threads(lambda: False, moment=0.0)
    waiting = list(given)

    def take(least: int) -> tuple[Work, int] | None:
        asked.append(least)
        return (lambda: gate.wait(10), waiting.pop(0)) if waiting else None

    while threads.in_turn(take):
        pass
    gate.set()
    assert asked[0] == ANY_PRIORITY and asked[-1] == least
    wait_until(lambda: not threads.alive())
    assert not threads.in_turn(take) and asked[-1] == ANY_PRIORITY


def test_a_thread_that_cannot_be_started_keeps_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(work: Work) -> threading.Thread:
        raise RuntimeError("can't start new thread")

    threads, done = Threads(lambda: False, moment=10.0), list[str]()
    with monkeypatch.context() as patch:
        patch.setattr(threads, "begin", refuse)
        for _ in range(AT_ONCE):
            with pytest.raises(RuntimeError):
                threads.in_turn(lambda _: (lambda: None, 0))
    assert threads.in_turn(lambda least: (lambda: done.append(f"{least}"), 0))
    assert done == [f"{ANY_PRIORITY}"]


def test_quick_work_is_done_on_return() -> None:
    done: list[str] = []
    Threads(lambda: False, moment=10.0).in_turn(lambda _: (lambda: done.append("work"), 0))
    assert done == ["work"]
