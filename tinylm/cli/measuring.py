"""`tinylm eval` and `tinylm ladder`: what a run can do, and what n-gram models can."""

from __future__ import annotations

import click
from msgspec import to_builtins

from tinylm.cli.options import (
    SEEDS,
    json_option,
    number_option,
    numbers,
    refuse,
    run_argument,
    step_option,
)
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

EACH_TASK = "A task; may be given several times.  [default: all of the text, no own ones]"


@click.command("eval")
@run_argument("The run to measure.")
@click.option("--task", "names", multiple=True, metavar="NAME", help=EACH_TASK)
@click.option(
    "--num-fewshot",
    type=numbers("--num-fewshot", 0, 100),
    default="0,1,4,8",
    show_default=True,
    metavar="K,K",
    help="How many examples stand before each question.",
)
@step_option
@number_option(
    "--seed",
    0,
    SEEDS,
    default="1",
    show_default=True,
    metavar="N",
    help="Of the choice of examples.",
)
@click.option(
    "--control",
    type=click.Choice([control for control in CONTROLS if control]),
    help="Spoil the examples: shuffled answers, or examples of another task.",
)
@number_option(
    "--limit",
    0,
    1_000_000,
    default="0",
    metavar="N",
    help="Measure only so many items.  [default: all]",
)
@click.option(
    "--loss",
    is_flag=True,
    help="Measure the loss on the text of pre-training, and no task unless one is named.",
)
@json_option
def evaluate(
    run: str,
    names: tuple[str, ...],
    num_fewshot: list[int],
    step: int,
    seed: int,
    control: str | None,
    limit: int,
    loss: bool,
    as_json: bool,
) -> None:
    """Measure a run on tasks, from a few examples."""
    if loss and not names:
        refuse(("num_fewshot", "seed", "limit", "control"), "name a --task, or leave --loss out")
    service = Service(home_dir())
    row = service.run(run)
    known = {task.name: task.max_fewshot for task in taught_by(row.corpus)}
    step = saved_step(service, row, step)
    losses: dict[str, float] = {}
    if loss:
        found = answer_here(service, Loss(row.id, step))
        losses = {
            "val/loss": found.loss,
            "val/perplexity": found.perplexity,
            "val/bits_per_byte": found.bits_per_byte,
            "val/tokens": found.tokens,
        }
        if not as_json:
            print(*(f"{key} {_figure(value)}" for key, value in losses.items()), sep="   ")
    asked = names or (() if loss else tuple(known))
    if not asked and not loss:
        raise BadRequest(f"{no_tasks(row.corpus)} Or look at the --loss.")
    tables = []
    for name in asked:
        for k in num_fewshot:
            if not names and k > known[name]:
                continue  # by default, leave out more examples than the task allows
            question = Score(
                *(row.id, step, name, k), limit=limit, seed=seed, control=control or ""
            )
            measured = answer_here(service, question)
            tables.append(
                {"task": name, "num_fewshot": k, "control": question.control} | figures(measured)
            )
            if as_json:
                print_json({"type": "score", "run": row.id, "step": step} | tables[-1])
            else:
                print(_score_line(question, measured))
    if as_json:
        print_json({"type": "result", "run": row.id, "step": step, "scores": tables} | losses)


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


@click.command()
@run_argument("The run whose text and tokenizer are taken.")
@json_option
def ladder(run: str, as_json: bool) -> None:
    """Measure n-gram models beside the true entropy."""
    service = Service(home_dir())
    row = service.run(run)
    config = row.config
    found = answer_here(service, LadderOf(row.id, config.corpus, config.documents))
    if as_json:
        print_json({"type": "result", "run": run} | to_builtins(found))
        return
    rungs = dict(found.models)
    if found.entropy:
        rungs["true entropy"] = found.entropy
    for name, rung in rungs.items():
        print(
            f"{name:14} {rung.loss:.4f} nats a token   perplexity {rung.perplexity:10.2f}   "
            f"{rung.bits_per_byte:.4f} bits per byte"
        )
