"""The queues: ids in order, as JSON, and nothing else."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from huey.exceptions import HueyException

from tests.runs_fakes import wait_until
from tinylm.errors import StorageError
from tinylm.home import database_url
from tinylm.runs.cleaning import requeue
from tinylm.runs.queue import JsonSerializer, Queue, Queues


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
    assert bytes(data).startswith(b'["') and b"world-quick-k7f3q2" in bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x04\x95",  # a pickle
        b"{}",
        b"3",
        b'["id", "work", null, 0, 0, 0, [{"a": 1}], {}]',
        b'["id", "work", null, 0, 0, 0, ["a"], {}, ["another", "message"]]',
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


def test_an_unusable_queue_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "queue.db").write_bytes(b"not a database " * 100)
    with pytest.raises(StorageError, match="queue of jobs cannot be used"):
        queue_in(tmp_path).put("a")
