"""`python -m tinylm eval` and `ladder`: what a run can do, and what n-gram models can."""

from __future__ import annotations

import argparse

from msgspec import to_builtins

from tinylm.cli.options import SEEDS, add_step, fill, number, numbers, refuse
from tinylm.cli.terminal import (
    answer_here,
    figures,
    no_tasks,
    other_metrics,
    print_json,
    saved_step,
)
from tinylm.errors import BadRequest
from tinylm.evaluation.prompts import CONTROLS
from tinylm.evaluation.tasks import taught_by
from tinylm.home import home_dir
from tinylm.questions.models import LadderOf, Loss, Measurement, Score
from tinylm.runs.service import Service

EACH_TASK = "default: all tasks of the text; own tasks are measured only if they are named"


def add_eval_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `eval`."""
    parser.add_argument("run")
    parser.add_argument("--task", action="append", metavar="NAME", help=EACH_TASK)
    several = numbers("--num-fewshot", 0, 100)
    parser.add_argument("--num-fewshot", type=several, metavar="K,K", help="default 0,1,4,8")
    add_step(parser)
    parser.add_argument("--seed", type=number("--seed", 0, SEEDS), help="of the choice of examples")
    parser.add_argument(
        "--control",
        choices=[control for control in CONTROLS if control],
        help="spoil the examples: shuffled answers, or examples of another task",
    )
    limit = number("--limit", 0, 1_000_000)
    parser.add_argument("--limit", type=limit, help="only so many items; default 0: all")
    parser.add_argument(
        "--loss",
        action="store_true",
        help="the loss on the text of pre-training, and no task unless one is named",
    )


def run_eval(options: argparse.Namespace) -> None:
    """Measure a run on tasks, and print each result at once. Raises TinylmError."""
    if options.loss and not options.task:
        refuse(
            options,
            ("num_fewshot", "seed", "limit", "control"),
            "name a --task, or leave --loss out",
        )
    fill(options, num_fewshot=[0, 1, 4, 8], seed=1, limit=0, control="")
    service = Service(home_dir())
    run = service.run(options.run)
    known = {task.name: task.max_fewshot for task in taught_by(run.corpus)}
    step = saved_step(service, run, options.step)
    losses: dict[str, float] = {}
    if options.loss:
        found = answer_here(service, Loss(run.id, step))
        losses = {
            "val/loss": found.loss,
            "val/perplexity": found.perplexity,
            "val/bits_per_byte": found.bits_per_byte,
            "val/tokens": found.tokens,
        }
        if not options.json:
            print(*(f"{key} {_figure(value)}" for key, value in losses.items()), sep="   ")
    names = options.task or ([] if options.loss else list(known))
    if not names and not options.loss:
        raise BadRequest(f"{no_tasks(run.corpus)} Or look at the --loss.")
    tables = []
    for name in names:
        for k in options.num_fewshot:
            if not options.task and k > known[name]:
                continue  # by default, leave out more examples than the task allows
            question = Score(
                *(run.id, step, name, k),
                limit=options.limit,
                seed=options.seed,
                control=options.control,
            )
            row = answer_here(service, question)
            tables.append(
                {"task": name, "num_fewshot": k, "control": options.control} | figures(row)
            )
            if options.json:
                print_json({"type": "score", "run": run.id, "step": step} | tables[-1])
            else:
                print(_score_line(question, row))
    if options.json:
        print_json({"type": "result", "run": run.id, "step": step, "scores": tables} | losses)


def _figure(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4f}"


def _score_line(question: Score, row: Measurement) -> str:
    few = "" if row.n >= 50 else "   (few items: the interval is wide)"
    ranked = f"ranked {row.ranked.accuracy:.2f}   " if row.ranked else ""
    spoiled = f"   ({question.control} examples)" if question.control else ""
    return (
        f"{question.task:12} k = {row.examples.in_words()}   accuracy {row.accuracy:.2f} "
        f"[{row.low:.2f}, {row.high:.2f}]   {other_metrics(row)}{ranked}"
        f"chance {row.chance:.2f}   majority {row.majority:.2f}   n = {row.n}{spoiled}{few}"
    )


def run_ladder(options: argparse.Namespace) -> None:
    """Print the losses of n-gram models beside the true entropy. Raises TinylmError."""
    service = Service(home_dir())
    run = service.run(options.run)
    config = run.config
    found = answer_here(service, LadderOf(run.id, config.corpus, config.documents))
    if options.json:
        print_json({"type": "result", "run": options.run} | to_builtins(found))
        return
    rungs = dict(found.models)
    if found.entropy:
        rungs["true entropy"] = found.entropy
    for name, row in rungs.items():
        print(
            f"{name:14} {row.loss:.4f} nats a token   perplexity {row.perplexity:10.2f}   "
            f"{row.bits_per_byte:.4f} bits per byte"
        )
