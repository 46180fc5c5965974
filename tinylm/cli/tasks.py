"""`tinylm tasks`: lists own tasks, makes one of a table, hands one out, deletes one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import cast, get_args

import click

from tinylm.cli.options import F, json_option, refuse
from tinylm.cli.reading import content_of, read_here
from tinylm.cli.terminal import print_json
from tinylm.corpora.files.report import plain_name
from tinylm.errors import BadRequest
from tinylm.evaluation.tasks.own import store
from tinylm.evaluation.tasks.own.rows import Kind, Parts, check_rows, kind_of, told
from tinylm.evaluation.tasks.own.store import Kept, kept_task, kept_tasks
from tinylm.evaluation.tasks.own.table import guessed_columns, pairs_of, read_cells
from tinylm.evaluation.tasks.own.template import TEMPLATES, Template, unescaped
from tinylm.home import home_dir
from tinylm.runs.service import Service

ACTIONS = ("list", "add", "show", "delete")
PARTS = {
    "before": "before the input",
    "between": "between input and answer",
    "answer_prefix": "before the answer's first letter",
    "after": "after the answer",
}


def _part_options(command: F) -> F:
    for part, about in reversed(PARTS.items()):
        option = f"--{part.replace('_', '-')}"
        about = f"The text {about}; \\n is a new line."
        command = click.option(option, metavar="TEXT", help=about)(command)
    return command


@click.command()
@click.argument(
    "action", type=click.Choice(ACTIONS), default="list", help="What to do.  [default: list]"
)
@click.argument(
    "what", default="", metavar="[FILE|NAME]", help="The table to add, or the name of a task."
)
@click.option("--input", metavar="COLUMN", help="The column that holds the inputs.")
@click.option("--answer", metavar="COLUMN", help="The column that holds the answers.")
@click.option("--title", metavar="TEXT", help="Its name in lists.  [default: that of the file]")
@click.option("--kind", type=click.Choice(get_args(Kind)), help="Found out where it is not given.")
@click.option("--template", type=click.Choice(tuple(TEMPLATES)), help="How a row is written down.")
@_part_options
@click.option("--csv", is_flag=True, help="With show: the rows as CSV, not as JSON.")
@json_option
def tasks(action: str, what: str, csv: bool, as_json: bool, **of_add: str | None) -> None:
    """List own tasks, or make one of a table.

    `add` makes one, `show` prints its rows, and `delete` deletes it.
    """
    if action != "add":
        refuse(tuple(of_add), "it belongs to tasks add")
    if action != "show":
        refuse(("csv",), "it belongs to tasks show")
    if bool(what) == (action == "list"):
        raise BadRequest("Say which: tasks add FILE, tasks show NAME, or tasks delete NAME.")
    home = home_dir()
    if action == "add":
        _print(_add(Path(what), home, **of_add), as_json)
    elif action == "show":
        kept = kept_task(what, home)
        print(store.as_csv(kept) if csv else store.as_json(kept), end="")
    elif action == "delete":
        Service(home).delete_task(what)
    else:
        for kept in kept_tasks(home):
            _print(kept, as_json)


def _add(
    path: Path,
    home: Path,
    input: str | None,
    answer: str | None,
    title: str | None,
    kind: str | None,
    template: str | None,
    **parts: str | None,
) -> Kept:
    """Make a task of a table in a file, and say on standard error what was found in it."""
    name = plain_name(path.name)
    report, data = read_here(name, content_of(path), whole=True)
    cells = read_cells(data)
    asked, answers = guessed_columns(cells.columns)
    asked, answers = input or asked, answer or answers
    checked = check_rows(pairs_of(cells, asked, answers))
    found = cast(Kind, kind) if kind else kind_of(checked.labels)
    kept = Service(home).keep_task(checked, found, _template(template, parts), title or path.stem)
    columns = f"The inputs are the column {asked!r:.80}, and the answers {answers!r:.80}."
    notes = (columns, *report.notes, *told(checked, found, Parts(kept.train, kept.test)))
    print(*notes, sep="\n", file=sys.stderr)
    return kept


def _template(name: str | None, parts: dict[str, str | None]) -> Template:
    ready = TEMPLATES[name] if name else Template()
    return Template(
        **{
            part: getattr(ready, part) if text is None else unescaped(text)
            for part, text in parts.items()
        }
    )


def _print(kept: Kept, as_object: bool) -> None:
    sizes = {"train": len(kept.train), "test": len(kept.test)}
    if as_object:
        print_json({"name": kept.name, "title": kept.title, "kind": kept.kind} | sizes)
    else:
        print(
            f"{kept.name}  {kept.title}\n{'':19}{kept.kind}, {sizes['train']} for training, "
            f"{sizes['test']} held out"
        )
