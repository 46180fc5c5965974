"""The commands of the terminal program, among them train, eval, finetune, generate and runs.

With `--json`, standard output has one JSON object per line: events first, the result last. Words
for people go to standard error. The exit status is 0 for success, 2 for a request that makes no
sense, and 1 for a failure; after the last two, one line says what to do. Where the reader of the
output goes away, a run goes on to its end; any other command ends, with status 1.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import to_builtins

from tinylm.cli import corpora as corpora_command
from tinylm.cli import experiments as experiment
from tinylm.cli import export as export_command
from tinylm.cli import measuring, streams
from tinylm.cli import settings as settings_command
from tinylm.cli import tasks as tasks_command
from tinylm.cli.corpora import corpus_name
from tinylm.cli.options import SEEDS, Parser, add_step, number, refuse, text
from tinylm.cli.terminal import answer_here, carry_out_run, print_json, saved_step
from tinylm.config import SETTINGS, check_applies, parse_setting, with_changes
from tinylm.corpora.recipes import recipe_for
from tinylm.errors import BadRequest, NotFound, TinylmError
from tinylm.evaluation.metrics import perplexity
from tinylm.evaluation.tasks import is_own
from tinylm.evaluation.tasks import task as find_task
from tinylm.finetuning import finetune_config, tuned_title
from tinylm.home import home_dir
from tinylm.openmp import share_processors
from tinylm.presets import PRESETS, preset_config
from tinylm.questions.models import Sample
from tinylm.runs.service import Service
from tinylm.runs.store.rows import RunRow
from tinylm.runs.work import worker
from tinylm.runs.work.execute import explain
from tinylm.setting import Value


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    streams.prepare()
    share_processors()
    try:
        return _carry_out(argv)
    except BrokenPipeError:  # the program that reads our output has ended
        streams.give_up(sys.stdout, sys.stderr)
        return 1
    finally:
        streams.finish()


def _carry_out(argv: Sequence[str] | None) -> int:
    try:
        options = _parser().parse_args(argv)
        return int(options.command(options) or 0)
    except BrokenPipeError:
        raise
    except KeyboardInterrupt:
        status, said = 130, "Ended by Ctrl+C."
    except Exception as error:
        status = 2 if isinstance(error, BadRequest) else 1
        said = str(error) if isinstance(error, TinylmError) else explain(error, home_dir(), "cli")
    print(f"tinylm: {said}", file=sys.stderr)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
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
    about = "List own tasks, or make one of a table."
    tasks_command.add_arguments(_command(commands, "tasks", about, tasks_command.run_tasks))
    add = _command(
        commands, "eval", "Measure a run on tasks, from a few examples.", measuring.run_eval
    )
    measuring.add_eval_arguments(add)
    ladder = "The loss of n-gram models and the true entropy, for a run."
    _command(commands, "ladder", ladder, measuring.run_ladder).add_argument("run")
    _add_finetune(commands)
    _add_generate(commands)
    add = _command(
        commands, "experiment", "Measure a claim with its controls.", experiment.run_experiment
    )
    experiment.add_arguments(add)
    add = _command(commands, "settings", "List what --set takes.", settings_command.run_settings)
    add.add_argument("part", nargs="?", choices=settings_command.PARTS, help="only these")
    add = _command(commands, "export", "Write a run for other programs.", export_command.run_export)
    export_command.add_arguments(add)
    _add_runs(commands)
    _add_resume(commands)
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
    parser.add_argument("--column", default="", metavar="NAME", help="of a table: holds the text")
    parser.add_argument("--preset", default="quick", help=f"one of {', '.join(PRESETS)}")
    fit = "fit the settings of the preset to the text, and say why"
    parser.add_argument("--recipe", action="store_true", help=fit)
    _add_settings(parser)


def _add_settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=SETTINGS["seed"].parse, help="same seed, same curve")
    parser.add_argument("--steps", type=SETTINGS["steps"].parse, help="optimizer updates")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="settings",
        help="change any setting of `settings`, e.g. n_layer=2; may be given several times",
    )


def _train(options: argparse.Namespace) -> int:
    service = Service(home_dir())
    changes = _changes(options)
    config = preset_config(options.preset, **changes)
    check_applies(config, changes)
    corpus = corpus_name(options.corpus, service.home, options.column)
    config = with_changes(config, {"corpus": corpus})
    if options.recipe:
        fitted = recipe_for(corpus, options.preset, service.home)
        none = f"{corpus} has as much text as is asked for: the settings of the preset stay."
        print("\n".join(fitted.reasons or (none,)), file=sys.stderr)
        config = with_changes(fitted.config, changes)
    return carry_out_run(service, partial(service.run_here, config), options.json)


def _changes(options: argparse.Namespace) -> dict[str, Value]:
    """The settings that were given, each at most once. Raises BadRequest."""
    names = ("seed", "steps", "method", "lora_rank", "lora_matrices", "replay")
    given = {name: getattr(options, name, None) for name in names}
    changes = {name: value for name, value in given.items() if value is not None}
    for name, value in map(parse_setting, options.settings):
        if changes.setdefault(name, value) != value:
            raise BadRequest(f"{name} is given twice, with different values: leave one out.")
    return changes


# finetune ----------------------------------------------------------------------------------


def _add_finetune(commands: Commands) -> None:
    parser = _command(
        commands, "finetune", "Adapt a run to a task, or train the task from scratch.", _finetune
    )
    parser.add_argument("run", metavar="RUN|scratch")
    parser.add_argument("--task", required=True)
    examples = number("--examples", 1, SETTINGS["num_examples"].high)
    parser.add_argument("--examples", type=examples, required=True, help="labelled examples")
    parser.add_argument(
        "--like", metavar="RUN", help="with scratch: whose shape and tokenizer; default: newest"
    )
    for name in ("method", "lora_rank", "lora_matrices", "replay"):
        row, option = SETTINGS[name], f"--{name.replace('_', '-')}"
        parser.add_argument(option, type=row.parse, metavar="|".join(row.choices), help=row.help)
    _add_settings(parser)


def _finetune(options: argparse.Namespace) -> int:
    service = Service(home_dir())
    scratch = options.run == "scratch"
    if not scratch:
        refuse(options, ("like",), "the run itself gives shape and tokenizer")
    base = _newest(service, options.like) if scratch else service.run(options.run)
    changes = _changes(options)
    config = finetune_config(
        base.config,
        base.id,
        options.task,
        options.examples,
        "scratch" if scratch else "base",
        **changes,
    )
    check_applies(config, changes)
    # The name of an own task is a hash, which tells nobody which one was learned.
    own = is_own(options.task)
    title = tuned_title(config, find_task(base.corpus, options.task).title) if own else ""
    return carry_out_run(service, partial(service.run_here, config, title), options.json)


def _newest(service: Service, wanted: str | None) -> RunRow:
    if wanted:
        return service.run(wanted)
    runs = [run for run in service.runs("pretrain") if service.checkpoints(run.id)]
    if not runs:
        raise NotFound("There is no pre-trained run whose shape could be taken: train one first.")
    return runs[0]


# generate ----------------------------------------------------------------------------------


SAMPLING: tuple[tuple[str, float, float, type[int | float], float, str], ...] = (
    ("--num-tokens", 1, 100_000, int, 100, "how long"),
    ("--temperature", 0, 100, float, 0.8, "0: the most probable token"),
    ("--top-k", 0, SETTINGS["vocab_size"].high, int, 0, "0: all tokens"),
    ("--top-p", 0, 1, float, 1.0, "1: all tokens"),
    ("--seed", 0, SEEDS, int, 1, "same seed, same text"),
)


def _add_generate(commands: Commands) -> None:
    parser = _command(commands, "generate", "Let a run continue a text.", _generate)
    parser.add_argument("run")
    parser.add_argument("--prompt", type=text, required=True)
    for option, low, high, kind, default, help in SAMPLING:
        taken = number(option, low, high, kind)
        parser.add_argument(option, type=taken, default=default, help=f"{help}; default {default}")
    add_step(parser)


def _generate(options: argparse.Namespace) -> None:
    service = Service(home_dir())
    run = service.run(options.run)
    names = ("prompt", "num_tokens", "temperature", "top_k", "top_p", "seed")
    settings = {name: getattr(options, name) for name in names}
    question = Sample(run.id, saved_step(service, run, options.step), **settings)
    answer = answer_here(service, question)
    if options.json:
        print_json({"type": "result"} | to_builtins(question) | to_builtins(answer))
    else:
        print(question.prompt + answer.text)


# runs and worker ---------------------------------------------------------------------------


def _add_runs(commands: Commands) -> None:
    _command(commands, "runs", "List the runs, newest first.", _runs)


def _runs(options: argparse.Namespace) -> None:
    found = Service(home_dir()).runs(experiment=None)
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


def _add_resume(commands: Commands) -> None:
    parser = _command(commands, "resume", "Go on with a run that is not done.", _resume)
    parser.add_argument("run")


def _resume(options: argparse.Namespace) -> int:
    service = Service(home_dir())
    return carry_out_run(service, partial(service.resume_here, options.run), options.json)


def _worker(options: argparse.Namespace) -> int:
    home = options.home.absolute() if options.home else home_dir()
    return worker.run_worker(
        home, options.queue, options.parent, until_stdin_closes=options.until_stdin_closes
    )


# bench -------------------------------------------------------------------------------------


def _add_bench(commands: Commands) -> None:
    parser = _command(commands, "bench", "Measure how fast this machine is.", _bench)
    parser.add_argument("--parts", default="all", metavar="NAME,NAME", help="default: all")
    rounds = number("--rounds", 1, 1000)
    parser.add_argument("--rounds", type=rounds, help="how often each is timed; default 5")
    parser.add_argument("--threads", type=SETTINGS["threads"].parse, help="default: all cores")
    parser.add_argument("--precision", type=SETTINGS["precision"].parse, default="auto")
    parser.add_argument("--shakespeare", type=Path, metavar="PATH", help="Tiny Shakespeare")
    parser.add_argument("--quick", action="store_true", help="once, and little: does it run?")


def _bench(options: argparse.Namespace) -> None:
    from tinylm.cli.bench import run_bench

    run_bench(options)
