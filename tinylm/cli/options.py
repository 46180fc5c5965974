"""What the options of the terminal take: every value is checked before anything is begun."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from tinylm.config import SETTINGS, RunConfig, parse_setting
from tinylm.errors import BadRequest, TinylmError
from tinylm.home import home_dir
from tinylm.runs.service import Service
from tinylm.setting import Setting, Value

SEEDS = int(SETTINGS["seed"].high)

F = TypeVar("F", bound=Callable[..., Any])


def number(
    option: str, low: float, high: float, kind: type[int | float] = int
) -> Callable[[str], Value]:
    """The type of an option that takes a number within these limits."""
    return Setting("", "", low, high, name=option, kind=kind).parse


def number_option(
    name: str, low: float, high: float, kind: type[int | float] = int, **rest: Any
) -> Callable[[F], F]:
    """An option that takes a number within these limits; `rest` is what click.option takes."""
    return click.option(name, type=number(name, low, high, kind), **rest)


def numbers(option: str, low: int, high: int) -> Callable[[str], list[int]]:
    """The type of an option that takes several numbers, like `--num-fewshot 0,1,4`."""
    one = number(option, low, high)

    def parse(text: str) -> list[int]:
        try:
            found = [int(one(part.strip())) for part in text.split(",")]
        except BadRequest as error:
            raise BadRequest(f"{error} Write numbers like 0,1,4.") from None
        if len(set(found)) < len(found):
            raise BadRequest(f"{option} names a number twice; got {text!r:.40}.")
        return found

    return parse


def text(written: str) -> str:
    """The type of an option that takes a text; bytes that are no text become question marks."""
    return written.encode("utf-8", "replace").decode("utf-8")


def setting_option(name: str, help: str = "") -> Callable[[F], F]:
    """An option that sets one setting of a run, and takes what the setting takes."""
    row = SETTINGS[name]
    default = "that of preset or task" if row.part else row.of(RunConfig())
    return click.option(
        f"--{name.replace('_', '-')}",
        name,
        type=row.parse,
        metavar="|".join(row.choices) or "N",
        help=f"{help or row.help}  [default: {default}]",
    )


def settings_options(command: F) -> F:
    """Add the options of every command that trains: --seed, --steps and --set."""
    for option in (
        click.option(
            "--set",
            "settings",
            multiple=True,
            metavar="KEY=VALUE",
            help="Change any setting that `settings` lists, for example n_layer=2. "
            "May be given several times.",
        ),
        setting_option("steps", "How many updates the training makes."),
        setting_option("seed", "The same seed gives the same curve."),
    ):
        command = option(command)
    return command


def given_settings(written: Iterable[str], **given: Value | None) -> dict[str, Value]:
    """The settings that --set and options of their own gave, each at most once.

    Raises BadRequest.
    """
    changes = {name: value for name, value in given.items() if value is not None}
    for name, value in map(parse_setting, written):
        if changes.setdefault(name, value) != value:
            raise BadRequest(f"{name} is given twice, with different values: leave one out.")
    return changes


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")

step_option = number_option(
    "--step",
    -1,
    SETTINGS["steps"].high,
    default="-1",
    metavar="N",
    help="Which checkpoint; 0 is the untrained model.  [default: the best by validation]",
)


def completed_runs(
    _context: click.Context, _parameter: click.Parameter, begun: str
) -> list[CompletionItem]:
    """The runs whose id begins so, for the completion of a shell."""
    try:
        runs = Service(home_dir()).runs(experiment=None)
    except TinylmError:
        return []
    return [CompletionItem(run.id, help=run.title) for run in runs if run.id.startswith(begun)]


def run_argument(help: str, *, metavar: str = "RUN", required: bool = True) -> Callable[[F], F]:
    """The argument that names a run."""
    return click.argument(
        "run",
        metavar=metavar,
        required=required,
        help=help,
        shell_complete=completed_runs,
    )


def refuse(names: tuple[str, ...], why: str) -> None:
    """Raise BadRequest where one of these options was given, which would change nothing."""
    context = click.get_current_context()
    for parameter in context.command.params:
        if parameter.name not in names:
            continue
        if context.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE:
            shown = parameter.human_readable_name
            if isinstance(parameter, click.Option):
                shown = parameter.opts[0]
            raise BadRequest(f"{shown} would change nothing here: {why}.")
