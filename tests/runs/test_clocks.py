"""What depends on passing time depends on no clock that somebody can set."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from tests.runs_fakes import CountingEngine, FakeClock, started, step_done, tiny
from tinylm.home import database_url
from tinylm.process import is_gone, own_token, start_time, token_host
from tinylm.questions.models import Continuation, Sample
from tinylm.runs.service import Service
from tinylm.runs.store import Store
from tinylm.runs.store.rows import Claim, Wish
from tinylm.runs.work.execute import Context, execute_run
from tinylm.runs.work.worker import _orphan_check

ELSEWHERE = "another-computer:1:1"  # a worker about whose process nothing can be known here
MINUTE, DAY = 60.0, 86_400.0


@pytest.fixture
def clock() -> FakeClock:
    """The clock on the wall, which people set."""
    return FakeClock()


@pytest.fixture
def ticks() -> FakeClock:
    """Seconds that pass."""
    return FakeClock(100.0)


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock, ticks: FakeClock) -> Store:
    return Store(database_url(tmp_path), clock=clock, ticks=ticks)


def running(store: Store, worker: str = ELSEWHERE) -> tuple[str, Claim]:
    run_id = store.create_run(tiny())
    claim = store.claim_run(run_id, worker)
    assert claim is not None
    return run_id, claim


@pytest.mark.parametrize("set_by", [-DAY, -MINUTE, MINUTE, DAY])
def test_a_clock_that_is_set_neither_kills_nor_revives(
    store: Store, clock: FakeClock, ticks: FakeClock, set_by: float
) -> None:
    run_id, claim = running(store)
    for _ in range(20):  # alive: it beats, whatever the clock says
        clock.now += set_by
        ticks.now += 10
        assert store.run(run_id).status == "running"
        assert store.beat(claim) == Wish("run")
    assert store.run(run_id).status == "running"
    clock.now += set_by
    ticks.now += 16  # dead: it has been seen silent
    assert store.run(run_id).status == "interrupted"
    assert store.wish(run_id, "run")
    new = store.claim_run(run_id, ELSEWHERE)
    assert new is not None and store.run(run_id).status == "running"
    store.add_events(run_id, [started(0, tiny()), step_done(1)], new)
    clock.now -= 2 * set_by
    ticks.now += 7
    store.add_events(run_id, [step_done(2)], new)
    assert store.run(run_id).seconds == 7.0  # of work, not of the clock
    assert store.finish_run(new, "done") == "done"


def test_who_has_only_just_begun_to_look_says_running(
    tmp_path: Path, store: Store, clock: FakeClock, ticks: FakeClock
) -> None:
    run_id, _ = running(store)
    store.run(run_id)
    ticks.now += 1000
    assert store.run(run_id).status == "interrupted"
    later = FakeClock(5.0)  # another process: its seconds begin elsewhere
    fresh = Store(database_url(tmp_path), clock=clock, ticks=later)
    assert fresh.run(run_id).status == "running"
    later.now += 14
    assert fresh.run(run_id).status == "running" and not fresh.wish(run_id, "run")
    later.now += 2
    assert fresh.run(run_id).status == "interrupted" and fresh.wish(run_id, "run")


def test_who_looks_rarely_is_not_deceived_by_what_was_between(
    store: Store, ticks: FakeClock
) -> None:
    run_id, claim = running(store)
    store.run(run_id)
    ticks.now += 14
    store.beat(claim)
    ticks.now += 1000
    assert store.run(run_id).status == "running"  # this count is new to it
    ticks.now += 16
    assert store.run(run_id).status == "interrupted"


def test_a_sign_of_life_between_look_and_press_keeps_the_run(
    tmp_path: Path, store: Store, ticks: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id, claim = running(store)
    store.run(run_id)
    ticks.now += 20
    found = store.run(run_id)
    assert found.status == "interrupted"
    assert store.beat(claim) == Wish("run")
    monkeypatch.setattr(store, "run", lambda _: found)
    assert not store.wish(run_id, "run")
    assert store.beat(claim) == Wish("run")


def test_a_killed_run_of_this_computer_is_resumed_whatever_the_clock(tmp_path: Path) -> None:
    clock = FakeClock()
    service = Service(tmp_path, clock=clock)
    run_id = service.start(tiny())
    service.store.claim_run(run_id, f"{token_host(own_token())}:999999999:1")
    clock.now -= MINUTE
    assert service.run(run_id).status == "interrupted"
    service.resume(run_id)
    assert service.store.queued_runs() == [run_id]
    context = Context(tmp_path, service.store, CountingEngine(), own_token())
    execute_run(context, run_id)
    assert service.run(run_id).status == "done"
    service.close()


def test_a_failed_question_can_be_asked_again_after_the_clock_was_set_back(
    store: Store, clock: FakeClock
) -> None:
    question = Sample("a-run", 1, "a")
    store.request([question])
    store.finish_job(question.key(), None, "No.")
    assert store.request([question]) == []
    clock.now -= DAY
    assert store.request([question]) == [question]
    store.finish_job(question.key(), Continuation("", 0))
    assert store.job(question.key()).status == "done"


# Processes


def set_clock(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """What a clock that is set changes for psutil on Linux: when the system began."""
    import psutil._pslinux as linux

    before = psutil.boot_time()
    monkeypatch.setattr(linux, "boot_time", lambda: before + seconds)


@pytest.mark.skipif(not hasattr(psutil, "LINUX") or not psutil.LINUX, reason="as Linux counts")
@pytest.mark.parametrize("seconds", [-DAY, -MINUTE, MINUTE])
def test_a_process_is_known_whatever_the_clock(
    monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    token, orphaned = own_token(), _orphan_check(os.getpid())
    set_clock(monkeypatch, seconds)
    assert not is_gone(token) and own_token() == token
    assert not orphaned()  # workers would end otherwise


def test_tokens_of_others_say_nothing() -> None:
    host, pid, start = own_token().rsplit(":", 2)
    assert not is_gone(own_token())
    assert is_gone(f"{host}:{pid}:{int(start) + 60}")  # its pid, but not itself
    assert is_gone(f"{host}:999999999:{start}")
    for token in ("", "x", ELSEWHERE, f"{host}:x:1", f"{host}:1", f"{host}/1:{pid}:1", ":1:1"):
        assert not is_gone(token)
    assert start_time(999_999_999) is None
