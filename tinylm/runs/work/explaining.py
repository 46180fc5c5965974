"""What is said of an error that ended some work: a sentence for the user, a place in the log."""

from __future__ import annotations

import errno
import logging
from pathlib import Path

from tinylm import logs
from tinylm.errors import TinylmError
from tinylm.home import logs_dir

_DISK_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))

log = logging.getLogger("tinylm.worker")


def explain(problem: Exception, home: Path, name: str) -> str:
    """A sentence for the user; where an unexpected error came from is also logged, in a file."""
    if isinstance(problem, TinylmError):
        return str(problem)
    if isinstance(problem, MemoryError) or "can't allocate memory" in str(problem):
        return "There was not enough memory: choose a smaller model, batch or context."
    if isinstance(problem, OSError) and problem.errno in _DISK_FULL:
        return "The disk is full: free some space, then resume."
    log.error("an error that nobody foresaw", exc_info=problem)
    path = logs_dir(home) / f"{name}.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(f"{logs.trace(problem)}\n")
    except OSError as error:
        log.error("%s", error)
    first_line = str(problem).partition("\n")[0][:200]
    return (
        f"An unexpected error ended this: {type(problem).__name__}: {first_line}. "
        f"The details are in {path.parent.name}/{path.name} in TINYLM_HOME."
    )
