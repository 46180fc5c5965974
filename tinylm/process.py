"""Names a process, so that another process can tell whether it still runs."""

from __future__ import annotations

import os
import platform
import re
import sys
from functools import cache

import psutil

_TOLERANCE = 5.0  # seconds between two readings of one start time
_TOKEN = re.compile(r"(.+):([0-9]{1,9}):([0-9]{1,12})")


def own_token() -> str:
    """`host:pid:start` of this process; if its pid is used again, the token differs."""
    return f"{_here()}:{os.getpid()}:{int(_start(psutil.Process()))}"


def token_host(token: str) -> str:
    return token.rpartition(":")[0].rpartition(":")[0]


def token_pid(token: str) -> int:
    return int(token.rsplit(":", 2)[1])


def is_gone(token: str) -> bool:
    """Whether the process ran on this computer and has ended.

    False for a process of another computer, since nothing is known about it here.
    """
    parts = _TOKEN.fullmatch(token)
    if parts is None or parts[1] != _here():
        return False
    return not is_alive(int(parts[2]), float(parts[3]))


def is_alive(pid: int, start: float) -> bool:
    """Whether the process with this pid and `start_time` still runs."""
    try:
        process = psutil.Process(pid)
        same = abs(_start(process) - start) < _TOLERANCE
        return bool(same and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.AccessDenied:
        return True
    except psutil.Error:
        return False


def start_time(pid: int) -> float | None:
    """When this process began, or None if there is none."""
    try:
        return _start(psutil.Process(pid))
    except psutil.Error:
        return None


def _start(process: psutil.Process) -> float:
    """When a process began, in seconds that stay the same when somebody sets the clock.

    Linux counts them from its own start, and psutil adds when that was by today's clock.
    """
    created = float(process.create_time())
    return created - psutil.boot_time() if sys.platform == "linux" else created


@cache
def _here() -> str:
    """This computer; on Linux also the namespace of its pids: containers can share a name."""
    try:
        return f"{platform.node()}/{os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:
        return platform.node()


def usable_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


NICENESS = 10  # of workers: a page that needs a core then gets nine tenths of its time


def lower_priority() -> None:
    """Let the server and the browser go first; where the system refuses, nothing changes."""
    try:
        process = psutil.Process()
        if sys.platform == "win32":
            process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        elif process.nice() < NICENESS:
            process.nice(NICENESS)
    except (psutil.Error, OSError):
        pass
