"""What the store's commonest operations cost on an SQLite file and on a PostgreSQL server.

    python -m benchmarks.speed.stores [--address postgresql://…] [--repeats 200] [--json]

Each operation is done that many times, one after the other, then by several threads at once.
Processor seconds do not depend on what else runs; of a server that this command starts itself they
are counted too, so without `--address`. Seconds on the wall mean something on an idle machine only.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

import psutil

from tests.postgres import running_server
from tests.runs_fakes import started, step_done
from tinylm.home import database_url
from tinylm.presets import preset_config
from tinylm.process import own_token
from tinylm.questions.models import NextToken
from tinylm.runs.store import Store
from tinylm.runs.store.line import MANY
from tinylm.runs.store.rows import Claim

CURVE = 3_000  # steps of the run that is read
WAITING, LEARNERS = 200, 30  # runs that wait in a class, and whose they are
AT_ONCE = 8  # threads that write or read at the same time


@dataclass(frozen=True)
class Cost:
    """One operation on one store; milliseconds each."""

    store: str
    operation: str
    processor: float  # of this process and, where it was started here, of the server
    wall: float
    wall_at_once: float  # with AT_ONCE threads: the time of all, divided by their number


def operations(store: Store) -> dict[str, Callable[[int], object]]:
    """What is measured, by name; each takes another number at each call."""
    config = preset_config("tiny")
    read = store.create_run(config)
    store.add_events(read, [started(0, config), *(step_done(n) for n in range(1, CURVE + 1))])
    store.curve(read)
    asked = NextToken(read, 60, "known")
    store.request([asked])
    written = store.create_run(config)
    claim = store.claim_run(written, "elsewhere:1:1")
    assert claim is not None
    return {
        "read a run": lambda _: store.run(read),
        "read a known answer": lambda _: store.jobs([asked]),
        "read a curve that has not changed": lambda _: store.curve(read),
        "list the runs": lambda _: store.runs(limit=50),
        "write ten steps": lambda n: store.add_events(
            written, [step_done(10 * n + k) for k in range(1, 11)], claim
        ),
        "write ten steps for a checkpoint": lambda n: store.add_events(
            written, [step_done(10 * n + k) for k in range(1, 11)], claim, durable=True
        ),
        "a sign of life": lambda _: store.beat(claim),
        "ask a new question": lambda n: store.request([NextToken(read, 60, f"new {n}")]),
        "keep a learner's answer": lambda n: store.set_answer("ada", f"key {n}", n),
    }


def measure(
    name: str, address: str, repeats: int, server: Sequence[psutil.Process]
) -> Iterator[Cost]:
    store = Store(address, patience=60.0)
    numbers = count(1)
    try:
        for operation, work in operations(store).items():
            for _ in range(5):
                work(next(numbers))
            before, began = _processor(server), time.perf_counter()
            for _ in range(repeats):
                work(next(numbers))
            wall, processor = time.perf_counter() - began, _processor(server) - before
            began = time.perf_counter()
            with ThreadPoolExecutor(AT_ONCE) as pool:
                list(pool.map(work, [next(numbers) for _ in range(repeats)]))
            at_once = time.perf_counter() - began
            each = [1000 * seconds / repeats for seconds in (processor, wall, at_once)]
            yield Cost(name, operation, *each)
    finally:
        store.close()


def measure_claims(
    name: str, address: str, repeats: int, server: Sequence[psutil.Process]
) -> Iterator[Cost]:
    """What a worker needs to take the run whose turn it is, in a class with many that wait."""
    store = Store(address, patience=60.0)
    config = preset_config("tiny")
    store.set_note(MANY, True)
    for n in range(WAITING):
        store.create_run(config, owner=f"learner {n % LEARNERS}")

    def take(_: int) -> Claim:
        claim = store.claim_next(own_token())
        assert isinstance(claim, Claim)
        return claim

    try:
        processor = wall = 0.0
        for n in range(repeats):
            before, began = _processor(server), time.perf_counter()
            claim = take(n)
            wall += time.perf_counter() - began
            processor += _processor(server) - before
            store.put_back(claim)
        began = time.perf_counter()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            claims = list(pool.map(take, range(LEARNERS)))
        at_once = (time.perf_counter() - began) / len(claims)
        each = [1000 * seconds for seconds in (processor / repeats, wall / repeats, at_once)]
        yield Cost(name, f"take the next of {WAITING} waiting runs", *each)
    finally:
        store.close()


def _processor(server: Sequence[psutil.Process]) -> float:
    """Processor seconds so far of this process, and of the server with all its connections."""
    processes = [child for one in server for child in (one, *one.children(recursive=True))]
    return time.process_time() + sum(sum(process.cpu_times()[:2]) for process in processes)


@contextmanager
def _server(address: str) -> Iterator[tuple[str, list[psutil.Process]]]:
    if address:
        yield address, []
        return
    with running_server(fsync=True) as server:
        yield server.new_database(), [psutil.Process(server.pid)]


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed.stores", description=__doc__)
    parser.add_argument("--address", default="", help="a database that may be filled")
    parser.add_argument("--repeats", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    costs: list[Cost] = []
    with tempfile.TemporaryDirectory(dir=os.getcwd()) as folder:
        here = database_url(Path(folder))
        for part in (measure, measure_claims):
            costs += part("SQLite", here, options.repeats, [])
    with _server(options.address) as (address, server):
        for part in (measure, measure_claims):
            costs += part("PostgreSQL", address, options.repeats, server)
    if options.json:
        print(json.dumps([asdict(cost) for cost in costs]))
        return
    print(f"{'':46}{'processor':>12}{'wall':>10}{f'{AT_ONCE} at once':>12}   ms each")
    for cost in costs:
        print(
            f"{cost.store:12}{cost.operation:34.34}{cost.processor:12.2f}{cost.wall:10.2f}"
            f"{cost.wall_at_once:12.2f}"
        )


if __name__ == "__main__":
    main()
