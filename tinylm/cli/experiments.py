"""`tinylm experiment NAME`: measures a claim from the terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click
from msgspec import to_builtins

from tinylm.cli.carry_out import carry_out
from tinylm.cli.options import SEEDS, json_option, number_option, numbers, refuse, run_argument
from tinylm.cli.terminal import figures, no_tasks, other_metrics, print_json, saved_step
from tinylm.cli.trials import run_trials, show_recorded
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
NAMES = (*OF_RUN, *experiments())


@dataclass(frozen=True)
class Wanted:
    """What is asked of an experiment that measures a run."""

    service: Service
    run: RunRow
    step: int
    tasks: tuple[str, ...]
    seed: int
    seeds: Sequence[int]
    sizes: Sequence[int]
    limit: int
    all_steps: bool
    processes: int
    as_json: bool


@click.command()
@click.argument("name", type=click.Choice(NAMES), metavar="NAME", help=f"{', '.join(NAMES)}.")
@run_argument("The pre-trained run to measure.", required=False, metavar="[RUN]")
@click.option("--live", is_flag=True, help="Train and measure now.")
@click.option("--recorded", is_flag=True, help="Print what was recorded, as without --live.")
@click.option(
    "--task",
    "tasks",
    multiple=True,
    metavar="NAME",
    help="fewshot, transfer: a task; may be given several times with fewshot.",
)
@number_option(
    "--step",
    -1,
    SETTINGS["steps"].high,
    default="-1",
    metavar="N",
    help="fewshot, transfer: which checkpoint.  [default: the best by validation]",
)
@number_option(
    "--seed",
    0,
    SEEDS,
    default="1",
    show_default=True,
    metavar="S",
    help="fewshot: of the choice of examples.",
)
@click.option(
    "--seeds",
    type=numbers("--seeds", 0, SEEDS),
    metavar="S,S",
    help="transfer, and the others with --live.  [default: 1,2,3, or those of the recording]",
)
@click.option(
    "--sizes",
    type=numbers("--sizes", 0, 1_000_000),
    default=",".join(map(str, transfer.SIZES)),
    show_default=True,
    metavar="N,N",
    help="transfer: numbers of labels.",
)
@number_option(
    "--limit",
    0,
    1_000_000,
    default="0",
    metavar="N",
    help="fewshot: measure only so many items a task.  [default: all]",
)
@click.option("--all-steps", is_flag=True, help="fewshot: measure at every checkpoint.")
@number_option(
    "--processes",
    0,
    64,
    default="0",
    metavar="N",
    help="How many measure at once.  [default: one for each core]",
)
@json_option
def experiment(
    name: str,
    run: str | None,
    live: bool,
    recorded: bool,
    step: int,
    seeds: list[int] | None,
    processes: int,
    as_json: bool,
    **of_run: Any,
) -> None:
    """Measure a claim with its controls.

    Without --live, what was recorded of it is printed.
    """
    if live and recorded:
        raise BadRequest("--live and --recorded exclude each other: leave one out.")
    if name not in OF_RUN:
        belongs = f"it belongs to the experiments {' and '.join(OF_RUN)}"
        refuse(("step", *of_run), belongs)
        if live:
            run_trials(name, run, seeds, processes, as_json)
        else:
            refuse(("seeds", "run", "processes"), "it belongs to --live")
            show_recorded(name, as_json)
        return
    if run is None:
        raise BadRequest(f"The experiment {name} needs a run after its name.")
    refuse(("live", "recorded"), f"{name} always measures the run that is named")
    for other, options in OWN.items():
        if other != name:
            refuse(options, f"it belongs to the experiment {other}")
    service = Service(home_dir())
    row = service.run(run)
    step = saved_step(service, row, step)
    wanted = Wanted(
        service, row, step, seeds=seeds or [1, 2, 3], processes=processes, as_json=as_json, **of_run
    )
    began = time.perf_counter()
    result = _fewshot(wanted) if name == "fewshot" else _transfer(wanted)
    result |= {"experiment": name, "run": row.id, "step": step}
    result["seconds"] = time.perf_counter() - began
    if as_json:
        print_json({"type": "result"} | result)


# Few-shot ------------------------------------------------------------------------------------


def _fewshot(wanted: Wanted) -> dict[str, Any]:
    models = four_models(wanted.service, wanted.run, wanted.step)
    taught = taught_by(wanted.run.corpus)
    tasks = _tasks(wanted, [task.name for task in taught if task.name != "questions"])
    questions = {
        (task.name, cell): question
        for task in tasks
        for cell, question in fewshot.questions(
            models, task, limit=wanted.limit, seed=wanted.seed
        ).items()
    }
    results: dict[str, dict[fewshot.Cell, Measurement]] = {task.name: {} for task in tasks}
    for (name, cell), row in carry_out(questions, wanted.service.home, wanted.processes):
        results[name][cell] = row
        _progress(sum(map(len, results.values())), len(questions))
    tables = {
        name: [cell._asdict() | figures(row) for cell, row in sorted(found.items())]
        for name, found in results.items()
    }
    found = {
        name: [one._asdict() for one in fewshot.differences(rows, wanted.seed)]
        for name, rows in results.items()
    }
    appeared = _over_time(wanted, tasks) if wanted.all_steps else {}
    if not wanted.as_json:
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


def _over_time(wanted: Wanted, tasks: Sequence[Task]) -> dict[str, list[dict[str, Any]]]:
    service, run = wanted.service, wanted.run
    steps = [0, *service.checkpoints(run.id)]
    found: dict[str, list[dict[str, Any]]] = {}
    for task in tasks:
        asked = fewshot.over_time(run.id, steps, task, limit=wanted.limit, seed=wanted.seed)
        rows = dict(carry_out(asked, service.home, wanted.processes))
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


def _transfer(wanted: Wanted) -> dict[str, Any]:
    task, *more = _tasks(wanted, [transfer.TASK])
    if more:
        raise BadRequest("The experiment transfer measures one task: give one --task.")
    most = len(task.train)
    if max(wanted.sizes) > most:
        raise BadRequest(f"Task {task.name!r} has {most} labelled examples: ask for 0 to {most}.")
    questions = transfer.questions(
        wanted.run.id, wanted.step, task.name, sizes=wanted.sizes, seeds=wanted.seeds
    )
    results: dict[transfer.Point, Tuned] = {}
    for point, tuned in carry_out(questions, wanted.service.home, wanted.processes):
        results[point] = tuned
        if wanted.as_json:
            print_json({"type": "point"} | point._asdict() | to_builtins(tuned))
        _progress(len(results), len(questions))
    rows = transfer.summary(results)
    saved = transfer.labels_saved(rows)
    if not wanted.as_json:
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


def _tasks(wanted: Wanted, names: Sequence[str]) -> list[Task]:
    corpus = wanted.run.corpus
    if not wanted.tasks and not taught_by(corpus):
        raise BadRequest(f"{no_tasks(corpus)} Or train on the made world.")
    return [find_task(corpus, name) for name in wanted.tasks or names]


def _progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} of {of} measured", end="\n" if done == of else "", file=sys.stderr)
