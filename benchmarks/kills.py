"""Kills workers and servers while they train, resumes the runs, and compares them.

    python -m benchmarks.kills [--count 200] [--seed 1]

Each trial starts a server process with its supervisor and workers, and a run. Then the worker, the
server, or both are killed (SIGKILL): in half of the trials at a random moment of the run, in the
others at a random one of the calls by which the worker writes (a file or folder is flushed,
renamed, made or removed, a transaction begins, commits or is over). The run is resumed until it is
done. Its steps, validation, texts and weights at every checkpoint must be those of a run that
nobody disturbed, and its folder must have no file too many or too few. POSIX only.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.trials import (
    LOOK_EVERY,
    TRIAL,
    Parent,
    differences,
    finished,
    kept,
    kill,
    leftovers,
    new_home,
    pause,
    remove_home,
    untidy,
)
from tinylm.runs.service import Service

KILLED = ".killed"  # a file in the home: the call came, and the kill with it
VICTIMS = ("worker", "server", "both")


# The server, in a forked process ----------------------------------------------------------


class Forked:
    """A worker that was forked; it offers what the supervisor uses of a Popen."""

    stdin = None

    def __init__(self, work: Callable[[], object]) -> None:
        self.returncode: int | None = None
        self.pid = os.fork()
        if not self.pid:
            try:
                work()
            finally:
                os._exit(0)

    def poll(self) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


def serve(home: Path, victim: str, call: int) -> None:
    """Be a server; at its `call`-th writing call (-1: at none), the first worker kills `victim`."""
    from tinylm.runs.work.supervisor import Supervisor
    from tinylm.runs.work.worker import run_worker

    server, first = os.getpid(), [True]

    class ForkingSupervisor(Supervisor):
        def _look_after(self, slot: Any) -> None:
            if slot.queue == "long":  # nobody asks a question here
                super()._look_after(slot)

        def _spawn(self, slot: Any) -> Any:
            deadly, first[0] = first[0] and call >= 0, False

            def work() -> None:
                if deadly:
                    kill_at(call, victims(victim, server, os.getpid()), home / KILLED)
                run_worker(home, slot.queue, server)

            return Forked(work)

    supervisor = ForkingSupervisor(home, slots=1, stagger=0.0, poll=0.1)
    supervisor.start()
    while True:
        pause(60)


def victims(victim: str, server: int, worker: int) -> list[int]:
    """The processes to kill, the server first."""
    return [server] * (victim != "worker") + [worker] * (victim != "server")


def kill_at(call: int, pids: list[int], mark: Path) -> None:
    """Make this process kill `pids` at the `call`-th of the calls by which it writes."""
    from tinylm.runs.store.database import Database

    left = [call]

    def count() -> None:
        left[0] -= 1
        if left[0] == -1:
            mark.touch()
            for pid in pids:
                kill(pid)

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **options: Any) -> Any:
            count()
            return real(*args, **options)

        return wrapped

    for name in ("fsync", "rename", "replace", "mkdir", "unlink"):
        setattr(os, name, counted(getattr(os, name)))
    write = Database.write

    @contextmanager
    def writing(database: Database, *args: Any, **options: Any) -> Iterator[Any]:
        count()
        with write(database, *args, **options) as connection:
            yield connection
            count()  # not yet committed
        count()

    Database.write = writing  # type: ignore[method-assign]


# The trials --------------------------------------------------------------------------------


def workers(service: Service) -> dict[str, int]:
    return {row.queue: row.pid for row in service.workers()}


def wait_for_worker(service: Service) -> int:
    """The process id of the worker for runs, once there is one."""
    while not (pid := workers(service).get("long")):
        pause(LOOK_EVERY)
    return pid


def end_server(service: Service, server: int) -> None:
    kill(server)
    for pid in workers(service).values():
        kill(pid)


def trial(
    parent: Parent, service: Service, draw: random.Random, seconds: float, calls: int
) -> tuple[str, str, str]:
    """One run that is killed and resumed; returns its id, who was killed, and when."""
    victim, aimed = draw.choice(VICTIMS), draw.random() < 0.5
    call = draw.randrange(calls) if aimed else -1
    if aimed:
        run_id = service.start(TRIAL)
        server = parent.fork(service.home, victim=victim, call=call)
        deadline = time.monotonic() + 10 * seconds + 20
        while not (service.home / KILLED).exists() and time.monotonic() < deadline:
            if service.run(run_id).status == "done":
                break  # the run made fewer calls
            pause(LOOK_EVERY)
        (service.home / KILLED).unlink(missing_ok=True)
    else:
        server = parent.fork(service.home, victim=victim, call=-1)
        worker = wait_for_worker(service)
        run_id = service.start(TRIAL)
        pause(draw.uniform(0.0, seconds))
        for pid in victims(victim, server, worker):
            kill(pid)
    if service.run(run_id).status == "done":
        moment = "after the end"
    else:
        moment = "at a write" if aimed else "at a random moment"
    if victim != "worker":
        kill(server)
        server = parent.fork(service.home, victim="", call=-1)
    ended = finished(service, run_id)
    end_server(service, server)
    return run_id, f"{victim} {moment}", "" if ended else service.run(run_id).status


def main() -> int:
    """Print a line for each trial that is not as it should be, then the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    home = new_home()
    parent, service = Parent("benchmarks.kills"), Service(home)
    server = parent.fork(home, victim="", call=-1)
    wait_for_worker(service)
    times = []
    for _ in range(2):
        began = time.monotonic()
        undisturbed = service.start(TRIAL)
        assert finished(service, undisturbed)
        times.append(time.monotonic() - began)
    end_server(service, server)
    expected = kept(service, undisturbed)
    print(f"undisturbed: {times[-1]:.1f} s, {len(expected['steps'])} steps", flush=True)
    counts: Counter[str] = Counter()
    wrong = 0
    for number in range(options.count):
        run_id, what, stuck = trial(parent, service, draw, times[-1], CALLS)
        counts[what] += 1
        found = (
            [f"did not end: {stuck}"]
            if stuck
            else [*differences(kept(service, run_id), expected), *untidy(service, run_id)]
        )
        if found:
            wrong += 1
            print(f"trial {number}, {what}, {run_id}: {', '.join(found)}", flush=True)
        if (number + 1) % 10 == 0:
            print(f"{number + 1} trials, {wrong} of them wrong", flush=True)
    server = parent.fork(home, victim="", call=-1)
    wait_for_worker(service)
    pause(1.0)  # its first look at what is to be tidied
    end_server(service, server)
    left = leftovers(home)
    for what, number in sorted(counts.items()):
        print(f"{number:5d}  {what}")
    print(f"{wrong} of {options.count} runs differ from the undisturbed one")
    print(f"left over: {', '.join(left) or 'nothing'}")
    parent.close()
    service.close()
    if not wrong and not left:
        remove_home(home)
        return 0
    print(f"kept for a look: {home}")
    return 1


CALLS = 200  # about as many as an undisturbed run makes

if __name__ == "__main__":
    sys.exit(main())
