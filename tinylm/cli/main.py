"""The commands of the terminal program, among them train, eval, finetune, generate and runs.

With `--json`, standard output has one JSON object per line: events first, the result last. Words
for people go to standard error. The exit status is 0 for success, 2 for a request that makes no
sense, and 1 for a failure; after the last two, one line says what to do.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from msgspec import to_builtins

from tinylm.cli import corpora as corpora_command
from tinylm.cli import experiments as experiment
from tinylm.cli import export as export_command
from tinylm.cli.corpora import corpus_name
from tinylm.cli.terminal import figures, numbers, print_json, run_here, saved_step
from tinylm.config import finetune_config, parse_setting
from tinylm.errors import BadRequest, NotFound, TinylmError
from tinylm.evaluation.metrics import perplexity
from tinylm.home import home_dir
from tinylm.openmp import share_processors
from tinylm.presets import PRESETS, preset_config
from tinylm.questions.base import A, Question
from tinylm.questions.models import LadderOf, Loss, Measurement, Sample, Score
from tinylm.runs.service import Service
from tinylm.runs.store.rows import RunRow
from tinylm.runs.work import worker


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    options = _parser().parse_args(argv)
    share_processors()
    try:
        return int(options.command(options) or 0)
    except BadRequest as error:
        print(f"tinylm: {error}", file=sys.stderr)
        return 2
    except TinylmError as error:
        print(f"tinylm: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the program that reads our output has ended
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tinylm",
        description="Train a tiny language model and measure what pre-training does for it.",
        epilog="TINYLM_HOME sets the folder where runs live.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    add = _command(
        commands, "corpora", "List the corpora, or download one.", corpora_command.run_corpora
    )
    corpora_command.add_arguments(add)
    _add_train(commands)
    _add_eval(commands)
    _add_ladder(commands)
    _add_finetune(commands)
    _add_generate(commands)
    add = _command(
        commands, "experiment", "Measure a claim with its controls.", experiment.run_experiment
    )
    experiment.add_arguments(add)
    add = _command(commands, "export", "Write a run for other programs.", export_command.run_export)
    export_command.add_arguments(add)
    _add_runs(commands)
    _add_bench(commands)
    add = commands.add_parser("worker", help="work on what the pages ask for")
    worker.add_arguments(add)
    add.set_defaults(command=_worker)
    return parser


Commands = Any  # argparse has no public type for the parsers of commands


def _command(
    commands: Commands, name: str, help: str, function: Callable[[argparse.Namespace], int | None]
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help, description=help)
    parser.set_defaults(command=function)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    return parser


# train -------------------------------------------------------------------------------------


def _add_train(commands: Commands) -> None:
    parser = _command(commands, "train", "Pre-train a model on a corpus.", _train)
    parser.add_argument("--corpus", default="world", metavar="NAME|FILE")
    parser.add_argument("--preset", default="quick", help=f"one of {', '.join(PRESETS)}")
    parser.add_argument("--seed", type=int, help="same seed, same curve")
    parser.add_argument("--steps", type=int, help="optimizer updates, instead of the preset's")
    _add_set(parser)


def _add_set(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="settings",
        help="change any setting, e.g. n_layer=2; may be given several times",
    )


def _train(options: argparse.Namespace) -> int:
    service = Service(home_dir())
    changes = _changes(options) | {"corpus": corpus_name(options.corpus, service.home)}
    return run_here(service, preset_config(options.preset, **changes), options.json)


def _changes(options: argparse.Namespace) -> dict[str, Any]:
    changes = dict(parse_setting(text) for text in options.settings)
    for name in ("seed", "steps", "method", "lora_rank", "lora_matrices", "replay"):
        if getattr(options, name, None) is not None:
            changes[name] = getattr(options, name)
    return changes


# eval --------------------------------------------------------------------------------------


def _add_eval(commands: Commands) -> None:
    parser = _command(commands, "eval", "Measure a run on tasks, from a few examples.", _eval)
    parser.add_argument("run")
    parser.add_argument("--task", action="append", metavar="NAME", help="default: all tasks")
    parser.add_argument("--num-fewshot", default="0,1,4,8", metavar="K,K", help="default 0,1,4,8")
    parser.add_argument("--step", type=int, default=-1, help="checkpoint; 0: untrained")
    parser.add_argument("--seed", type=int, default=1, help="of the choice of examples")
    parser.add_argument("--limit", type=int, default=0, help="only so many items; 0: all")
    parser.add_argument(
        "--loss",
        action="store_true",
        help="the loss on the text of pre-training, and no task unless one is named",
    )


def _eval(options: argparse.Namespace) -> None:
    from tinylm.evaluation.tasks import tasks_for

    service = Service(home_dir())
    run = service.run(options.run)
    known = {task.name: task.max_fewshot for task in tasks_for(run.corpus)}
    step = saved_step(service, run, options.step)
    losses: dict[str, float] = {}
    if options.loss:
        found = _answer(service, Loss(run.id, step))
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
        raise BadRequest(f"The corpus {run.corpus!r} has no tasks: look at its val/loss instead.")
    tables = []
    for name in names:
        for k in numbers(options.num_fewshot, "--num-fewshot"):
            if not options.task and k > known[name]:
                continue  # by default, leave out more examples than the task allows
            question = Score(run.id, step, name, k, limit=options.limit, seed=options.seed)
            row = _answer(service, question)
            tables.append({"task": name, "num_fewshot": k} | figures(row))
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
    return (
        f"{question.task:12} k = {question.num_fewshot}   accuracy {row.accuracy:.2f} "
        f"[{row.low:.2f}, {row.high:.2f}]   {ranked}"
        f"chance {row.chance:.2f}   majority {row.majority:.2f}   n = {row.n}{few}"
    )


# ladder ------------------------------------------------------------------------------------


def _add_ladder(commands: Commands) -> None:
    parser = _command(
        commands, "ladder", "The loss of n-gram models and the true entropy, for a run.", _ladder
    )
    parser.add_argument("run")


def _ladder(options: argparse.Namespace) -> None:
    service = Service(home_dir())
    run = service.run(options.run)
    config = run.config
    found = _answer(service, LadderOf(run.id, config.corpus, config.documents))
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


# finetune ----------------------------------------------------------------------------------


def _add_finetune(commands: Commands) -> None:
    parser = _command(
        commands, "finetune", "Adapt a run to a task, or train the task from scratch.", _finetune
    )
    parser.add_argument("run", metavar="RUN|scratch")
    parser.add_argument("--task", required=True)
    parser.add_argument("--examples", type=int, required=True, help="labelled examples")
    parser.add_argument(
        "--like", metavar="RUN", help="with scratch: whose shape and tokenizer; default: newest"
    )
    parser.add_argument("--method", choices=("full", "lora"), help="default full")
    parser.add_argument("--lora-rank", type=int, metavar="R", help="default 8")
    parser.add_argument(
        "--lora-matrices", choices=("all", "attention", "mlp"), help="which get an adapter"
    )
    parser.add_argument(
        "--replay", type=float, metavar="SHARE", help="share of updates that read the corpus again"
    )
    parser.add_argument("--seed", type=int)
    parser.add_argument("--steps", type=int)
    _add_set(parser)


def _finetune(options: argparse.Namespace) -> int:
    service = Service(home_dir())
    scratch = options.run == "scratch"
    base = _newest(service, options.like) if scratch else service.run(options.run)
    config = finetune_config(
        base.config,
        base.id,
        options.task,
        options.examples,
        "scratch" if scratch else "base",
        **_changes(options),
    )
    return run_here(service, config, options.json)


def _newest(service: Service, wanted: str | None) -> RunRow:
    if wanted:
        return service.run(wanted)
    runs = [run for run in service.runs("pretrain") if service.checkpoints(run.id)]
    if not runs:
        raise NotFound("There is no pre-trained run whose shape could be taken: train one first.")
    return runs[0]


# generate ----------------------------------------------------------------------------------


def _add_generate(commands: Commands) -> None:
    parser = _command(commands, "generate", "Let a run continue a text.", _generate)
    parser.add_argument("run")
    parser.add_argument("--prompt", required=True)
    parser.add_argument("--num-tokens", type=int, default=100)
    parser.add_argument("--temperature", type=float, default=0.8, help="0: most probable token")
    parser.add_argument("--top-k", type=int, default=0, help="0: all tokens")
    parser.add_argument("--top-p", type=float, default=1.0, help="1: all tokens")
    parser.add_argument("--step", type=int, default=-1, help="checkpoint; 0: untrained")
    parser.add_argument("--seed", type=int, default=1)


def _generate(options: argparse.Namespace) -> None:
    service = Service(home_dir())
    run = service.run(options.run)
    names = ("prompt", "num_tokens", "temperature", "top_k", "top_p", "seed")
    settings = {name: getattr(options, name) for name in names}
    question = Sample(run.id, saved_step(service, run, options.step), **settings)
    answer = _answer(service, question)
    if options.json:
        print_json({"type": "result"} | to_builtins(question) | to_builtins(answer))
    else:
        print(question.prompt + answer.text)


def _answer(service: Service, question: Question[A]) -> A:
    from tinylm.answers.engine import answer, default_threads

    return answer(question, service.home, threads=default_threads())


# runs and worker ---------------------------------------------------------------------------


def _add_runs(commands: Commands) -> None:
    _command(commands, "runs", "List the runs, newest first.", _runs)


def _runs(options: argparse.Namespace) -> None:
    found = Service(home_dir()).runs()
    if not found and not options.json:
        print("There is no run yet. Try: python -m tinylm train", file=sys.stderr)
    for run in found:
        if options.json:
            print_json(
                {"run": run.id, "title": run.title, "kind": run.kind, "status": run.status}
                | {"step": run.step, "steps": run.num_steps, "val/loss": run.last_val}
            )
        else:
            shown = "" if run.last_val is None else f"perplexity {perplexity(run.last_val):.2f}"
            print(f"{run.id:28} {run.status:12} {run.step:>6}/{run.num_steps:<6} {shown}")


def _worker(options: argparse.Namespace) -> int:
    home = options.home.absolute() if options.home else home_dir()
    return worker.run_worker(
        home, options.queue, options.parent, until_stdin_closes=options.until_stdin_closes
    )


# bench -------------------------------------------------------------------------------------


def _add_bench(commands: Commands) -> None:
    parser = _command(commands, "bench", "Measure how fast this machine is.", _bench)
    parser.add_argument("--parts", default="all", metavar="NAME,NAME", help="default: all")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is timed")
    parser.add_argument("--threads", type=int, default=0, help="default: all cores")
    parser.add_argument("--precision", default="auto", help="of ours: auto, fp32 or bf16")
    parser.add_argument("--shakespeare", type=Path, metavar="PATH", help="Tiny Shakespeare")
    parser.add_argument("--quick", action="store_true", help="once, and little: does it run?")


def _bench(options: argparse.Namespace) -> None:
    from tinylm.cli.bench import run_bench

    run_bench(options)
