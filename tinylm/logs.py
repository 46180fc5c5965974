"""The log of server, workers and terminal: what they do, one line for each thing.

A line has its time, its level, the room that it comes from and, where there is one, the run or the
job that it is about: as text, or as JSON where TINYLM_LOG=json asks for that. What learners write
and what lets somebody in stand in no line. So of an error that nobody foresaw the log has the kind
and the places in the code, and not the message, which may quote a text.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from datetime import datetime
from functools import partial
from typing import ParamSpec, TypeVar

from tinylm.learners import ALPHABET, GROUP, LENGTH

P = ParamSpec("P")
T = TypeVar("T")

FORMS = ("text", "json")
SECRETS = ("TINYLM_TEACHER_CODE",)  # settings of the environment that no line may hold
HIDDEN = "***"

_PART = f"[{ALPHABET}]{{{GROUP}}}"
# What no line may hold: passwords in addresses, our cookies, codes as people write them down.
_PRIVATE = (
    (re.compile(r'(://[^/:@\s"]*):[^/\s"]*@'), rf"\1:{HIDDEN}@"),
    (re.compile(r'(tinylm_\w+=)[^;\s"]+'), rf"\1{HIDDEN}"),
    (re.compile(rf"\b{_PART}(?:-{_PART}){{{LENGTH // GROUP - 1}}}\b"), HIDDEN),
)
_ABOUT: ContextVar[Mapping[str, str]] = ContextVar("about", default={})  # noqa: B039

log = logging.getLogger("tinylm")


@contextmanager
def about(**what: str) -> Iterator[None]:
    """Every line that is written inside `with` says what it is about: `run=`, `job=`."""
    token = _ABOUT.set({**_ABOUT.get(), **what})
    try:
        yield
    finally:
        _ABOUT.reset(token)


def carried(work: Callable[P, T]) -> Callable[P, T]:
    """`work` for another thread, where its lines are about the same as here."""
    return partial(copy_context().run, work)


def begin(level: int = logging.INFO) -> None:
    """Write the log of this process to standard error; of other programs, warnings alone."""
    log.setLevel(level)
    if logging.root.handlers:  # it has begun before
        return
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(as_json=form() == "json"))
    handler.addFilter(say_where)
    logging.root.addHandler(handler)
    logging.captureWarnings(True)
    sys.excepthook = lambda kind, error, _trace: _uncaught(error)
    threading.excepthook = lambda told: _uncaught(told.exc_value)
    if form() not in FORMS:
        log.warning("TINYLM_LOG must be text or json; the log is written as text.")


def formatter(*, as_json: bool) -> logging.Formatter:
    """What makes a line of a record."""
    if not as_json:
        return _Discreet("%(asctime)s %(levelname)s %(room)s%(where)s %(message)s")
    from pythonjsonlogger.core import RESERVED_ATTRS  # here: who reads text need not load it
    from pythonjsonlogger.json import JsonFormatter

    class Json(_Discreet, JsonFormatter):
        pass

    names = {"asctime": "time", "levelname": "level", "exc_info": "error"}
    return Json(
        ["asctime", "levelname", "room", "message"],
        rename_fields=names,
        reserved_attrs=[*RESERVED_ATTRS, "where", "color_message"],
    )


def trace(error: BaseException) -> str:
    """The kind of an error and its places in the code, as of the errors that led to it."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = f"{trace(cause)}\nand then\n" if cause is not None else ""
    places = "".join(traceback.format_tb(error.__traceback__))
    return f"{before}{places}{type(error).__qualname__}"


def form() -> str:
    """The form that TINYLM_LOG asks for; it may be one that is not known."""
    return os.environ.get("TINYLM_LOG", "").strip().lower() or "text"


def say_where(record: logging.LogRecord) -> bool:
    """Add to a record its room, and what it is about."""
    first, _, second = record.name.partition(".")
    record.room = second.partition(".")[0] if second and first == "tinylm" else first
    found = _ABOUT.get()
    record.where = "".join(f" {name}={value}" for name, value in found.items())
    record.__dict__.update(found)
    return True


class _Discreet(logging.Formatter):
    """Leaves out what no line may hold."""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # another formatter may have kept the message of the error there
        line = super().format(record)
        for pattern, shown in _PRIVATE:
            line = pattern.sub(shown, line)
        for name in SECRETS:
            if secret := os.environ.get(name, "").strip():
                for written in (secret, json.dumps(secret)[1:-1]):
                    line = line.replace(written, HIDDEN)
        return line

    def formatException(self, ei: object) -> str:
        error = ei[1] if isinstance(ei, tuple) else None
        return trace(error) if isinstance(error, BaseException) else ""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return datetime.fromtimestamp(record.created).astimezone().isoformat("T", "milliseconds")


def _uncaught(error: BaseException | None) -> None:
    if error is not None:
        log.critical("an error that nobody foresaw", exc_info=error)
