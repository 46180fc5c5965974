"""The process that reads one file: `python -m tinylm.corpora.files.child`, started by reading.py.

It takes a task on its standard input, gives itself limits, and writes the text to the task's
file and the report to its standard output. However it ends, only this process ends.
"""

from __future__ import annotations

import math
import sys
import time
from functools import cache
from pathlib import Path, PurePath

import msgspec

from tinylm.corpora.files.plain import READER as PLAIN
from tinylm.corpora.files.report import MAX_BYTES, Brought, Reader, Report, Tell, length
from tinylm.discovery import offered
from tinylm.errors import BadRequest
from tinylm.logs import trace
from tinylm.process import lower_priority

BEGINNING = 400  # characters of a text that a page shows
_TOLD_EVERY = 0.1  # seconds
COMMAND = [sys.executable, "-m", "tinylm.corpora.files.child"]


class Task(msgspec.Struct, frozen=True):
    """A file to read, where its text goes, where it is told how far it is, and the limits."""

    brought: Brought
    text: str
    progress: str
    seconds: float
    memory: int


@cache
def readers() -> dict[str, Reader]:
    """The readers by the endings of their files."""
    found = offered(__package__ or "", "READER")
    return {end: one for one in found if isinstance(one, Reader) for end in one.endings}


def kind_of(name: str) -> str:
    """The ending of a file's name, without its dot and in lower case."""
    return PurePath(name).suffix.lower().removeprefix(".")


def extract(brought: Brought, tell: Tell) -> tuple[str, Report]:
    """The text of a file and what is to be told of it. Raises BadRequest in a sentence."""
    name = brought.name
    try:
        size = Path(brought.path).stat().st_size
        if size > MAX_BYTES:
            raise BadRequest(
                f"{name} has {size / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:.0f} MB can be used: "
                "take a part of it."
            )
        if not size:
            raise BadRequest(f"{name} is empty: nothing can be read from it.")
        text, report = readers().get(kind_of(name), PLAIN).read(brought, tell)
    except OSError as error:
        raise BadRequest(f"{name} cannot be read ({error.strerror}): check the file.") from None
    text = text.encode("utf-8", "replace").decode("utf-8")  # a half of a character becomes a ?
    return text, msgspec.structs.replace(report, length=length(text), beginning=text[:BEGINNING])


def read_file(brought: Brought, tell: Tell) -> tuple[str, Report]:
    """The text of a file, or "" and a report that says in a sentence why there is none."""
    try:
        return extract(brought, tell)
    except BadRequest as error:
        sentence = str(error)
    except MemoryError:
        sentence = too_large(brought.name)
    except Exception as error:  # whatever a parser raises: the file is one that nobody foresaw
        print(trace(error), file=sys.stderr)
        sentence = broke_off(brought.name)
    return "", Report(brought.name, problem=sentence)


def too_large(name: str) -> str:
    """What is said of a file that takes more memory than one may."""
    return f"{name} needs more memory than one file may have: take a part of it."


def too_slow(name: str) -> str:
    """What is said of a file that takes longer than one may."""
    return (
        f"{name} takes longer to read than a file may: take a part of it, or save it in another "
        "form."
    )


def broke_off(name: str) -> str:
    """What is said of a file that ended its reader."""
    return (
        f"{name} cannot be read, and may be damaged: open it and save it again, or bring it as "
        "plain text."
    )


def restrict(seconds: float, memory: int) -> None:
    """Let the system end this process where it takes too much; not every system can."""
    try:
        import resource
    except ImportError:  # Windows, where the parent alone looks
        return
    limits = {
        resource.RLIMIT_CPU: math.ceil(seconds),
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_FSIZE: 4 * MAX_BYTES,
        resource.RLIMIT_CORE: 0,
    }
    for kind, limit in limits.items():
        try:
            resource.setrlimit(kind, (limit, limit + 1))
        except (ValueError, OSError):  # macOS refuses some
            continue


def main() -> None:
    """Read the one file of a task."""
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    restrict(task.seconds, task.memory)
    lower_priority()
    told = 0.0

    def tell(share: float) -> None:
        nonlocal told
        if time.monotonic() - told > _TOLD_EVERY:
            told = time.monotonic()
            Path(task.progress).write_text(f"{share:.3f}", encoding="ascii")

    text, report = read_file(task.brought, tell)
    Path(task.text).write_bytes(text.encode("utf-8"))
    report = msgspec.structs.replace(report, seconds=time.process_time())
    sys.stdout.buffer.write(msgspec.json.encode(report))


if __name__ == "__main__":
    main()
