"""Rows of the store: cells that hold something else than what was written."""

from __future__ import annotations

import json
import secrets
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from benchmarks.fuzz.damage import WEIRD, Trial, another, damaged, target
from tinylm.errors import TinylmError
from tinylm.events import EvalDone, LearningRateChanged, RunEnded, RunStarted, Sampled, StepDone
from tinylm.presets import preset_config
from tinylm.questions.models import Continuation, Sample
from tinylm.runs.store import Store
from tinylm.runs.store.rows import remaining_seconds

HERE = "elsewhere:1:1"
NOW = 1764300000.0


def begin(folder: Path) -> Trial:
    """A store with three runs, jobs and a worker; each trial damages some cells and reads all.

    Its ids and times are always the same, so that a trial by its number is always the same too.
    """
    file, dice = folder / "tinylm.db", Random(0)
    with (
        patch.object(secrets, "choice", dice.choice),
        patch.object(secrets, "token_hex", lambda size: dice.randbytes(size).hex()),
        closing(_opened(file)) as store,
    ):
        runs = _filled(store)
    whole = file.read_bytes()

    def trial(dice: Random) -> None:
        for ending in ("", "-wal", "-shm"):
            file.with_name(file.name + ending).unlink(missing_ok=True)
        file.write_bytes(whole)
        with closing(sqlite3.connect(file)) as connection, connection:
            for _ in range(dice.choice((1, 1, 2, 5))):
                _damage(connection, dice)
        with closing(_opened(file)) as store:
            _read_all(store, runs)

    return trial


def _opened(file: Path) -> Store:
    return Store(f"sqlite:///{file.as_posix()}", clock=lambda: NOW, ticks=lambda: 0.0)


def _filled(store: Store) -> list[str]:
    config = preset_config("tiny")
    started = RunStarted(0, 60, 256, 1, 256, 1, 1, 1, 1, "fp32", "cpu")
    runs = []
    for number in range(3):
        run_id = store.create_run(config, f"Run {number}", "ada")
        runs.append(run_id)
        claim = store.claim_run(run_id, HERE)
        assert claim is not None
        events = [
            started,
            *(StepDone(step, step * 100, 5.0, 0.01, 1.0, 1000.0) for step in range(1, 6)),
            EvalDone(5, 500, 1.0, 2.7, 1.4, 100),
            Sampled(5, "once", " upon", 1, 1.0),
            LearningRateChanged(5, 0.5),
        ]
        store.add_events(run_id, events, claim)
        if number:
            store.add_events(run_id, [RunEnded(5, "done", 1.0)], claim)
            store.finish_run(claim, ("done", "paused")[number - 1])
        store.turn(run_id, "lr_factor", 0.5)
    for number, run_id in enumerate(runs):
        question = Sample(run_id, 5, "once")
        store.request([question])
        store.claim_job(question.key(), HERE)
        if number:
            store.finish_job(question.key(), Continuation(" upon", 1))
    store.beat_worker(HERE, "long")
    store.set_answer("ada", "first", {"guess": 3})
    return runs


def _damage(connection: sqlite3.Connection, dice: Random) -> None:
    tables = ("runs", "events", "jobs", "steps", "dials", "workers", "answers")
    table = dice.choice((*tables, "runs", "events", "jobs"))
    connection.row_factory = sqlite3.Row
    rows = connection.execute(f"select rowid as place, * from {table}").fetchall()
    row = dice.choice(rows)
    column = dice.choice([name for name in row.keys() if name != "place"])  # noqa: SIM118
    value = _another_cell(row[column], dice)
    with suppress(sqlite3.IntegrityError, OverflowError, UnicodeEncodeError):  # it cannot hold it
        change = f'update {table} set "{column}" = ? where rowid = ?'
        connection.execute(change, (value, row["place"]))


def _another_cell(value: Any, dice: Random) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "[") and dice.random() < 0.8:
        with suppress(ValueError):  # it was damaged before
            return another(json.loads(value), dice).decode("utf-8", "replace")
    if isinstance(value, str) and dice.random() < 0.3:
        data = damaged(value.encode("utf-8"), dice)
        return data if dice.random() < 0.3 else data.decode("utf-8", "replace")
    found = dice.choice((*WEIRD, b"\xff\x00", NOW, -5, 3))
    return json.dumps(found) if isinstance(found, list | dict) else found


def _read_all(store: Store, runs: list[str]) -> None:
    """What pages and workers do; where one thing says that it cannot, the others are still done."""
    said: list[TinylmError] = []
    for found in store.runs():
        remaining_seconds(found)
        assert found.status and 0 <= found.progress <= 1
    for run_id in runs:
        question = Sample(run_id, 5, "once")
        for act, *arguments in (
            *((read, run_id) for read in (store.run, store.told, store.stage, store.checkpoints)),
            (store.curve, run_id),
            (store.dial, run_id, "lr_factor"),
            (store.jobs, [question]),
            (store.job, question.key()),
            (store.num_over, [question.key()]),
            (store.request, [question]),
            (store.single_step, run_id),
            (store.wish, run_id, "stop"),
            (store.wish, run_id, "run"),
            (_work, store, run_id),
            (store.delete_run, run_id),
        ):
            try:
                act(*arguments)
            except TinylmError as problem:
                said.append(problem)
    store.queued_runs()
    store.claim_next(HERE)
    store.claim_question(HERE)
    store.count_running("elsewhere")
    store.workers()
    store.forget_silent_workers()
    store.answers("ada")
    store.deleted_at_rest()
    store.trim_jobs(1, 1)
    if said:
        raise said[0]


def _work(store: Store, run_id: str) -> None:
    claim = store.claim_run(run_id, HERE)
    if claim is not None:
        store.beat(claim)
        store.add_events(run_id, [StepDone(6, 600, 5.0, 0.01, 1.0, 1000.0)], claim)
        store.finish_run(claim, "paused")


TARGET = target("rows", begin)
