"""`python -m tinylm experiment NAME`: measures a claim from the terminal."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from typing import Any

from msgspec import to_builtins

from tinylm.cli.carry_out import carry_out
from tinylm.cli.options import SEEDS, fill, number, numbers, refuse
from tinylm.cli.terminal import figures, no_tasks, other_metrics, print_json, saved_step
from tinylm.cli.trials import run_trials
from tinylm.config import SETTINGS
from tinylm.errors import BadRequest
from tinylm.evaluation.tasks import task as find_task
from tinylm.evaluation.tasks import taught_by
from tinylm.evaluation.tasks.base import Task
from tinylm.experiments import fewshot, transfer
from tinylm.experiments.registry import experiments
from tinylm.home import home_dir
from tinylm.questions.models import Measurement, Tuned
from tinylm.runs.service import Service
from tinylm.runs.store.rows import RunRow

OF_RUN = ("fewshot", "transfer")  # these measure a run that is named
OWN = {"fewshot": ("seed", "limit", "all_steps"), "transfer": ("seeds", "sizes")}  # options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `experiment`."""
    known = (*OF_RUN, *experiments())
    parser.add_argument("name", choices=known, metavar="NAME", help=", ".join(known))
    parser.add_argument("run", metavar="RUN", nargs="?", help="the pre-trained run to measure")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--live", action="store_true", help="train and measure now, and print it")
    how.add_argument("--recorded", action="store_true", help="print what was recorded (default)")
    parser.add_argument("--task", action="append", metavar="NAME", help="default: see the README")
    for option, taken, metavar, help in (
        ("--step", number("--step", -1, SETTINGS["steps"].high), "N", "default: the last"),
        ("--seed", number("--seed", 0, SEEDS), "S", "few-shot: of the choice of examples"),
        ("--seeds", numbers("--seeds", 0, SEEDS), "S,S", "with --live, and transfer: 1,2,3"),
        ("--sizes", numbers("--sizes", 0, 1_000_000), "N,N", "transfer: numbers of labels"),
        ("--limit", number("--limit", 0, 1_000_000), "N", "few-shot: items a task; 0: all"),
        ("--processes", number("--processes", 0, 64), "N", "default: one a core"),
    ):
        parser.add_argument(option, type=taken, metavar=metavar, help=help)
    parser.add_argument("--all-steps", action="store_true", help="few-shot: at every checkpoint")


def run_experiment(options: argparse.Namespace) -> None:
    """Measure one experiment and print its results, as text or as JSON. Raises TinylmError."""
    if options.name not in OF_RUN:
        of_run = ("task", "step", "seed", "sizes", "limit", "all_steps")
        refuse(options, of_run, f"it belongs to the experiments {' and '.join(OF_RUN)}")
        run_trials(options)
        return
    if options.run is None:
        raise BadRequest(f"The experiment {options.name} needs a run after its name.")
    refuse(options, ("live", "recorded"), f"{options.name} always measures the run that is named")
    for name, others in OWN.items():
        if name != options.name:
            refuse(options, others, f"it belongs to the experiment {name}")
    fill(options, step=-1, seed=1, seeds=[1, 2, 3], sizes=transfer.SIZES, limit=0, processes=0)
    service = Service(home_dir())
    run = service.run(options.run)
    step = saved_step(service, run, options.step)
    began = time.perf_counter()
    measure = _fewshot if options.name == "fewshot" else _transfer
    result = measure(options, service, run, step)
    result |= {"experiment": options.name, "run": run.id, "step": step}
    result["seconds"] = time.perf_counter() - began
    if options.json:
        print_json({"type": "result"} | result)


# Few-shot ------------------------------------------------------------------------------------


def _fewshot(
    options: argparse.Namespace, service: Service, run: RunRow, step: int
) -> dict[str, Any]:
    models = four_models(service, run, step)
    tasks = _tasks(options, run, [t.name for t in taught_by(run.corpus) if t.name != "questions"])
    questions = {
        (task.name, cell): question
        for task in tasks
        for cell, question in fewshot.questions(
            models, task, limit=options.limit, seed=options.seed
        ).items()
    }
    results: dict[str, dict[fewshot.Cell, Measurement]] = {task.name: {} for task in tasks}
    for (name, cell), row in carry_out(questions, service.home, options.processes):
        results[name][cell] = row
        _progress(options, sum(map(len, results.values())), len(questions))
    tables = {
        name: [cell._asdict() | figures(row) for cell, row in sorted(found.items())]
        for name, found in results.items()
    }
    found = {
        name: [one._asdict() for one in fewshot.differences(rows, options.seed)]
        for name, rows in results.items()
    }
    appeared = _over_time(options, service, run, tasks) if options.all_steps else {}
    if not options.json:
        for name, rows in tables.items():
            print(f"{name}, n = {rows[0]['n']}")
            for cell, row in sorted(results[name].items()):
                print(_fewshot_line(cell, row))
    return {"models": models, "tables": tables, "differences": found, "over_time": appeared}


def four_models(service: Service, run: RunRow, step: int) -> dict[str, tuple[str, int]]:
    """The models to compare, each as (run id, step): untrained, base, fine-tuned and scratch.

    The last two are the newest fine-tuning runs made from `run`, where there are any.
    """
    models = {"untrained": (run.id, 0), "base": (run.id, step)}
    for name, init in (("fine-tuned", "base"), ("scratch", "random")):
        for tuned in service.runs("finetune"):
            saved = service.checkpoints(tuned.id)
            if tuned.parent == run.id and tuned.config.init == init and saved:
                models[name] = (tuned.id, saved[-1])
                break
    return models


def _over_time(
    options: argparse.Namespace, service: Service, run: RunRow, tasks: Sequence[Task]
) -> dict[str, list[dict[str, Any]]]:
    steps = [0, *service.checkpoints(run.id)]
    found: dict[str, list[dict[str, Any]]] = {}
    for task in tasks:
        wanted = fewshot.over_time(run.id, steps, task, limit=options.limit, seed=options.seed)
        rows = dict(carry_out(wanted, service.home, options.processes))
        found[task.name] = [
            {"step": step, "num_fewshot": k, "examples_read": row.examples.mean, "n": row.n}
            | to_builtins(row.leading)
            for (step, k), row in sorted(rows.items())
        ]
    return found


def _fewshot_line(cell: fewshot.Cell, row: Measurement) -> str:
    spoiled = f" ({cell.control})" if cell.control else ""
    return (
        f"  {cell.model + spoiled:22} k = {row.examples.in_words()}   "
        f"accuracy {row.accuracy:.3f} [{row.low:.3f}, {row.high:.3f}]   {other_metrics(row)}"
    ).rstrip()


# Transfer ------------------------------------------------------------------------------------


def _transfer(
    options: argparse.Namespace, service: Service, run: RunRow, step: int
) -> dict[str, Any]:
    task, *more = _tasks(options, run, [transfer.TASK])
    if more:
        raise BadRequest("The experiment transfer measures one task: give one --task.")
    most = len(task.train)
    if max(options.sizes) > most:
        raise BadRequest(f"Task {task.name!r} has {most} labelled examples: ask for 0 to {most}.")
    questions = transfer.questions(
        run.id, step, task.name, sizes=options.sizes, seeds=options.seeds
    )
    results: dict[transfer.Point, Tuned] = {}
    for point, tuned in carry_out(questions, service.home, options.processes):
        results[point] = tuned
        if options.json:
            print_json({"type": "point"} | point._asdict() | to_builtins(tuned))
        _progress(options, len(results), len(questions))
    rows = transfer.summary(results)
    saved = transfer.labels_saved(rows)
    if not options.json:
        for row in rows:
            print(
                f"  {row.init:8} {row.labels:4} labels   accuracy {row.accuracy:.3f}   "
                f"seeds {row.lowest:.3f} to {row.highest:.3f}   n = {row.n}"
            )
        for one in saved:
            if one.labels:  # where the base has no labels, it cannot save any
                print("  " + transfer.in_words(one))
    table = [row._asdict() for row in rows]
    return {"task": task.name, "table": table, "labels_saved": [one._asdict() for one in saved]}


# Both ----------------------------------------------------------------------------------------


def _tasks(options: argparse.Namespace, run: RunRow, names: Sequence[str]) -> list[Task]:
    if not options.task and not taught_by(run.corpus):
        raise BadRequest(f"{no_tasks(run.corpus)} Or train on the made world.")
    return [find_task(run.corpus, name) for name in options.task or names]


def _progress(options: argparse.Namespace, done: int, of: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} of {of} measured", end="\n" if done == of else "", file=sys.stderr)
