"""Names a process, so that another process can tell whether it still runs."""

from __future__ import annotations

import os
import platform
import sys

import psutil

# Seconds. When the clock is corrected, the start times that the system reports move too.
_CREATED_TOLERANCE = 5.0


def own_token() -> str:
    """`host:pid:start time` of this process; if its pid is used again, the token differs."""
    return f"{platform.node()}:{os.getpid()}:{int(psutil.Process().create_time())}"


def token_host(token: str) -> str:
    return token.rpartition(":")[0].rpartition(":")[0]


def token_pid(token: str) -> int:
    return int(token.rsplit(":", 2)[1])


def is_gone(token: str) -> bool:
    """Whether the process ran on this computer and has ended.

    False for a process of another computer, since nothing is known about it here.
    """
    if not token or token_host(token) != platform.node():
        return False
    return not is_alive(token_pid(token), float(token.rpartition(":")[2]))


def is_alive(pid: int, created: float) -> bool:
    """Whether the process with this pid and start time (seconds since 1970) still runs."""
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - created) < _CREATED_TOLERANCE
        return bool(same and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.AccessDenied:
        return True
    except psutil.Error:
        return False


def start_time(pid: int) -> float | None:
    """When the process began, in seconds since 1970; None where there is no such process."""
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return None


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
