"""The queues: ids in order, as JSON, and nothing else."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from huey.exceptions import HueyException

from tests.runs_fakes import CountingEngine, tiny, wait_until
from tinylm.errors import StorageError
from tinylm.home import database_url
from tinylm.questions.models import NextToken
from tinylm.runs.cleaning import requeue
from tinylm.runs.queue import JsonSerializer, Queue, Queues
from tinylm.runs.queue_file import QueueStorage
from tinylm.runs.service import Service
from tinylm.runs.work.worker import Worker


def queue_in(home: Path, name: str = "long") -> Queue:
    return Queue(name, home, database_url(home))


def test_items_come_in_order_and_urgent_ones_first(tmp_path: Path) -> None:
    queue = queue_in(tmp_path)
    for item, priority in (("a", 0), ("b", 0), ("c", 2), ("d", 1)):
        queue.put(item, priority)
    assert queue.pending() == ["c", "d", "a", "b"]
    assert queue_in(tmp_path).pending() == ["c", "d", "a", "b"]  # seen by another process
    assert queue_in(tmp_path, "short").pending() == []


def test_a_consumer_hands_items_to_the_handler(tmp_path: Path) -> None:
    taken: list[str] = []
    here = queue_in(tmp_path)
    here.handler = taken.append
    consumer = here.consumer()
    consumer.start()
    try:
        elsewhere = queue_in(tmp_path)
        for item in ("a", "b"):
            elsewhere.put(item)
        wait_until(lambda: taken == ["a", "b"])
    finally:
        consumer.stop(graceful=True)


def test_a_failing_handler_does_not_end_the_consumer(tmp_path: Path) -> None:
    done = threading.Event()

    def handle(item: str) -> None:
        if item == "bad":
            raise RuntimeError("as it may happen")
        done.set()

    queue = queue_in(tmp_path)
    queue.handler = handle
    consumer = queue.consumer()
    consumer.start()
    try:
        queue.put("bad")
        queue.put("good")
        assert done.wait(10)
    finally:
        consumer.stop(graceful=True)


def test_messages_are_json_that_says_only_an_id(tmp_path: Path) -> None:
    queue_in(tmp_path).put("world-quick-k7f3q2")
    with sqlite3.connect(tmp_path / "queue.db") as connection:
        (data,) = connection.execute("select data from task").fetchone()
    assert bytes(data) == b'"world-quick-k7f3q2"'


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x04\x95",  # a pickle
        b"{}",
        b"3",
        b'"unfinished',
        b'"\\ud800"',
        b"\xff",
        b'["id", "work", null, 0, 0, 0, ["a"], {}]',
        b"[" * 100_000,
        b"1" * 400,
    ],
)
def test_other_messages_are_refused(data: bytes) -> None:
    with pytest.raises(HueyException, match="not one of tinylm's"):
        JsonSerializer().deserialize(data)


def test_what_waits_without_a_message_is_announced_once(tmp_path: Path) -> None:
    queue = queue_in(tmp_path)
    queue.put("a")
    requeue(queue, ["a", "b"])
    requeue(queue, ["a", "b"])
    assert queue.pending() == ["a", "b"]


def test_inline_work_needs_no_consumer_and_no_file(tmp_path: Path) -> None:
    done: list[str] = []
    queues = Queues(tmp_path, database_url(tmp_path))
    queues.run_inline(done.append, lambda item: done.append(f"short {item}"))
    queues.long.put("a")
    queues.short.put("b")
    assert done == ["a", "short b"]
    assert not (tmp_path / "queue.db").exists()


def test_a_message_of_another_form_stops_nobody(tmp_path: Path) -> None:
    taken: list[str] = []
    queue = queue_in(tmp_path)
    queue.handler = taken.append
    queue.put("before")
    for data in (b"{", b"[" * 100_000, b'["a", "b"]', b'"' + b"x" * 100_000 + b'"'):
        queue._open().storage.enqueue(data)
    queue.put("after")
    assert [item[:6] for item in queue.pending()] == ["before", "xxxxxx", "after"]
    consumer = queue.consumer()
    consumer.start()
    try:
        wait_until(lambda: taken[-1:] == ["after"])
    finally:
        consumer.stop(graceful=True)


def garbage(path: Path) -> None:
    path.write_bytes(b"not a database " * 1000)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def of_others(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("create table task (another text)")


def removed(path: Path) -> None:
    path.unlink()


def renamed(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


DAMAGES = (garbage, cut, empty, of_others, removed, renamed)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("beside", [True, False], ids=["with its log", "without"])
def test_a_damaged_file_is_made_anew(
    damage: Callable[[Path], None], beside: bool, tmp_path: Path
) -> None:
    """Before it is opened, and while three processes have it open."""
    earlier = queue_in(tmp_path)
    earlier.put("lost")
    if not beside:
        earlier.close()
    damage(tmp_path / "queue.db")
    here, there = queue_in(tmp_path), queue_in(tmp_path)
    here.put("a")
    assert there.pending() in (["a"], ["lost", "a"])  # what SQLite's log had may be found again
    damage(tmp_path / "queue.db")
    there.put("b")  # may go the way of the file: it has not looked at it again
    here.put("c")
    earlier.put("d")
    assert {"c", "d"} <= set(here.pending())
    assert here.pending() == there.pending() == earlier.pending()
    for queue in (here, there, earlier):
        queue.close()


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_worker_outlives_a_damaged_queue(
    damage: Callable[[Path], None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What waited there is found in the store, and what comes later is taken as before."""
    service, engine = Service(tmp_path), CountingEngine(gate_at=15)
    worker = Worker(tmp_path, "both", engine=engine, poll=0.02)
    thread = threading.Thread(target=worker.serve)
    thread.start()
    try:
        first = service.start(tiny())
        assert engine.reached.wait(10)
        second = service.start(tiny())
        damage(tmp_path / "queue.db")
        answer = service.ask(NextToken("a-run", 0, "a"))
        engine.gate.set()
        wait_until(lambda: service.ask(answer.question).status == "done")
        for run_id in (first, second, service.start(tiny())):
            wait_until(lambda run_id=run_id: service.run(run_id).status == "done")
        assert thread.is_alive()
    finally:
        worker.stop.set()
        engine.gate.set()
        thread.join(10)
        service.close()


def test_two_threads_may_close_a_file_at_once(tmp_path: Path) -> None:
    storage = QueueStorage("queue", lambda: None, filename=str(tmp_path / "queue.db"))
    connection = storage.conn
    said: list[bool] = []
    other = threading.Thread(target=lambda: said.append(storage.close()))
    with storage.lock:
        other.start()
        other.join(0.1)  # long enough to look whether there is a connection
        connection.close()
        storage._conn = None
    other.join()
    assert said == [False]


def test_an_unusable_queue_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "queue.db").mkdir()
    with pytest.raises(StorageError, match="queue of jobs cannot be used"):
        queue_in(tmp_path).put("a")


def test_a_busy_queue_is_said_soon(tmp_path: Path) -> None:
    queue = Queue("long", tmp_path, database_url(tmp_path), patience=0.1)
    queue.put("a")
    with closing(sqlite3.connect(tmp_path / "queue.db")) as other:
        other.execute("begin exclusive")
        with pytest.raises(StorageError, match="locked"):
            queue.put("b")
    assert queue.pending() == ["a"]
