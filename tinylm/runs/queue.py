"""Two queues of ids: `long` for runs and other long work, `short` for what a person waits for.

A message holds only the id of a row in the store, as JSON. The row says what is to be done, and
an id whose row no longer waits is ignored.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from huey import Huey, PostgresHuey
from huey.consumer import Consumer
from huey.exceptions import HueyException
from huey.registry import Message
from huey.serializer import Serializer
from sqlalchemy import make_url

from tinylm import sharing
from tinylm.errors import StorageError
from tinylm.runs.queue_file import FileHuey, is_damage
from tinylm.runs.store import postgresql
from tinylm.runs.store.database import sentence

Handler = Callable[[str], None]
T = TypeVar("T")

PATIENCE = 1.5  # seconds that a process waits while another one uses the queue
RETRY_EVERY = 2.0  # seconds between two looks at a server that does not answer
_TASK = f"{__name__}.work"

log = logging.getLogger("tinylm.queue")


class JsonSerializer(Serializer):  # type: ignore[misc]
    """Messages as JSON, not pickle: whoever can write to the queue must not be able to run code."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps(data.args[0]).encode("utf-8")

    def _deserialize(self, data: bytes) -> Message:
        try:
            item = msgspec.json.decode(bytes(data), type=str)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise HueyException(f"A message on the queue is not one of tinylm's: {error}") from None
        return Message(item, _TASK, retries=0, retry_delay=0, args=(item,), kwargs={})


class Queue:
    """One queue. It is thread-safe and opens its database at first use."""

    def __init__(self, name: str, home: Path, url: str, patience: float = PATIENCE) -> None:
        self.name = name
        self.renewed = threading.Event()  # the file was made anew, without its messages
        self.handler: Handler | None = None  # set in the process that works on the queue
        self.inline = False  # do the work at once, inside `put`
        self._home = home
        self._url = url
        self._patience = patience
        self._lock = threading.Lock()
        self._huey: Huey | None = None
        self._task: Any = None

    def put(self, item: str, priority: int = 0) -> None:
        """Put an item on the queue; a higher priority is taken first. Raises StorageError."""
        if self.inline:
            self._handle(item)
            return
        sharing.announce(self._home)  # what the item needs is there before whoever takes it
        self._do(lambda huey: huey.enqueue(self._task.s(item, priority=priority)))

    def pending(self) -> list[str]:
        """The items on the queue, in the order in which they will be taken. Raises StorageError."""
        return [task.args[0] for task in self._do(lambda huey: huey.pending())]

    def consumer(self) -> Consumer:
        """A consumer whose one thread, once started, takes items and gives them to `handler`."""
        # By default the pause between two looks grows to ten seconds, far too long for a person
        # who waits. A run can wait a little longer than an answer, and rarer looks spare the disk.
        delay = 0.05 if self.name == "short" else 0.25
        return _QuietConsumer(
            self._open(),
            workers=1,
            periodic=False,
            initial_delay=0.02,
            backoff=1.15,
            max_delay=delay,
            scheduler_interval=60,
        )

    def close(self) -> None:
        with self._lock:
            if self._huey is not None:
                self._huey.storage.close()
                self._huey = None

    def _handle(self, item: str) -> None:
        if self.handler is None:
            raise HueyException(f"Nothing here works on the queue {self.name!r}.")
        self.handler(item)

    def _do(self, use: Callable[[Huey], T]) -> T:
        """Use the queue; once more where its file was damaged, and is now a new one.

        A server that was started anew has closed its connections, of which huey learns by an error.
        """
        with self._translated():
            try:
                return use(self._open())
            except Exception as error:
                damaged = isinstance(error, sqlite3.DatabaseError) and is_damage(error)
                if not damaged and not _is_of_server(error):
                    raise
                return use(self._open())

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn the queue database's own errors into a StorageError."""
        try:
            yield
        except Exception as error:
            if _is_of_server(error):
                shown = postgresql.shown(make_url(self._url))
                raise StorageError(sentence(error, shown)) from error
            if not _is_of_database(error):
                raise
            raise StorageError(
                f"The queue of jobs cannot be used ({error}): free some space on the disk or "
                "check the permissions of TINYLM_HOME, then try again."
            ) from error

    def _open(self) -> Huey:
        with self._lock:
            if self._huey is None:
                huey = self._open_huey()

                def work(item: str) -> None:
                    self._handle(item)

                self._task = huey.task(name="work")(work)
                self._huey = huey
            return self._huey

    def _open_huey(self) -> Huey:
        for attempt in (1, 2, 3, 4):
            try:
                return self._make_huey()
            except Exception as error:
                # A damaged file is a new one now. When two processes begin at once, PostgreSQL
                # lets only one of them create the tables.
                if attempt == 4 or not _is_of_database(error):
                    raise
                threading.Event().wait(0.05)
        raise AssertionError("unreachable")

    def _make_huey(self) -> Huey:
        # Results are kept in the store; huey only carries ids.
        name, options = f"tinylm-{self.name}", {"results": False, "serializer": JsonSerializer()}
        parsed = make_url(self._url)
        if parsed.get_backend_name() == "sqlite":
            # The queue has its own file, so that its transactions never wait for the store's.
            path = str(self._home / "queue.db")
            waits = {"timeout": self._patience, "renewed": self.renewed.set}
            return FileHuey(name, filename=path, strict_fifo=True, **waits, **options)
        # By names, since the driver reads an address more strictly than SQLAlchemy writes it.
        server = parsed.translate_connect_args(username="user", database="dbname")
        server |= postgresql.connect_options(self._patience) | dict(parsed.query)
        huey = ServerHuey(name, table_prefix="tinylm_queue", **server, **options)
        huey.on_shutdown("close")(huey.storage.close)  # called in the thread that listened
        return huey


class Queues:
    """The two queues of one home."""

    def __init__(self, home: Path, url: str, patience: float = PATIENCE) -> None:
        self.long = Queue("long", home, url, patience)
        self.short = Queue("short", home, url, patience)

    def run_inline(self, long: Handler, short: Handler) -> None:
        """From now on do all work at once, in the thread that asks for it; for tests of pages."""
        for queue, handler in ((self.long, long), (self.short, short)):
            queue.handler, queue.inline = handler, True

    def close(self) -> None:
        self.long.close()
        self.short.close()


class _QuietConsumer(Consumer):  # type: ignore[misc]
    """A consumer that sets no signal handlers, because the worker handles signals itself."""

    def _set_signal_handlers(self) -> None:
        pass


class ServerHuey(PostgresHuey):  # type: ignore[misc]
    """huey on a server, for whose return it waits with a line in the log."""

    def dequeue(self) -> Any:
        try:
            return super().dequeue()
        except Exception as error:
            if not _is_of_server(error):
                raise
            log.warning("The queue cannot be read: %s", str(error).partition("\n")[0])
            threading.Event().wait(RETRY_EVERY)
            return None


def _is_of_database(error: BaseException) -> bool:
    return isinstance(error, sqlite3.Error) or _is_of_server(error)


def _is_of_server(error: BaseException) -> bool:
    # Compare names of modules, because the PostgreSQL driver may not be installed.
    return any(cls.__module__.partition(".")[0] == "psycopg" for cls in type(error).__mro__)
