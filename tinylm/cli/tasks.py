"""`python -m tinylm tasks`: lists own tasks, makes one of a table, hands one out, deletes one."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import get_args

from tinylm.cli.options import refuse
from tinylm.cli.reading import content_of, read_here
from tinylm.cli.terminal import print_json
from tinylm.corpora.files.report import plain_name
from tinylm.errors import BadRequest
from tinylm.evaluation.tasks.own.rows import Kind, Parts, check_rows, kind_of, told
from tinylm.evaluation.tasks.own.store import (
    Kept,
    as_csv,
    as_json,
    delete_task,
    kept_task,
    kept_tasks,
    save_task,
)
from tinylm.evaluation.tasks.own.table import guessed_columns, pairs_of, read_cells
from tinylm.evaluation.tasks.own.template import TEMPLATES, Template, unescaped
from tinylm.home import home_dir

ACTIONS = ("list", "add", "show", "delete")
PARTS = {
    "before": "before the input",
    "between": "between input and answer",
    "answer_prefix": "before the answer's first letter",
    "after": "after the answer",
}
OF_ADD = ("input", "answer", "title", "kind", "template", *PARTS)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `tasks`."""
    parser.add_argument("action", nargs="?", choices=ACTIONS, default="list")
    parser.add_argument("what", nargs="?", default="", metavar="FILE|NAME")
    parser.add_argument("--input", metavar="COLUMN", help="holds the inputs")
    parser.add_argument("--answer", metavar="COLUMN", help="holds the answers")
    parser.add_argument("--title", help="default: the name of the file")
    parser.add_argument("--kind", choices=get_args(Kind), help="default: found out")
    parser.add_argument("--template", choices=TEMPLATES, help="how a row is written down")
    for part, help in PARTS.items():
        option = f"--{part.replace('_', '-')}"
        parser.add_argument(option, metavar="TEXT", help=f"the text {help}; \\n is a new line")
    parser.add_argument("--csv", action="store_true", help="show: the rows as CSV, not as JSON")


def run_tasks(options: argparse.Namespace) -> None:
    """Carry out one action on the own tasks of this home. Raises TinylmError."""
    if options.action != "add":
        refuse(options, OF_ADD, "it belongs to tasks add")
    if options.action != "show":
        refuse(options, ("csv",), "it belongs to tasks show")
    if bool(options.what) == (options.action == "list"):
        raise BadRequest("Say which: tasks add FILE, tasks show NAME, or tasks delete NAME.")
    home = home_dir()
    if options.action == "add":
        _print(_add(options, home), options.json)
    elif options.action == "show":
        kept = kept_task(options.what, home)
        print(as_csv(kept) if options.csv else as_json(kept), end="")
    elif options.action == "delete":
        delete_task(options.what, home)
    else:
        for kept in kept_tasks(home):
            _print(kept, options.json)


def _add(options: argparse.Namespace, home: Path) -> Kept:
    """Make a task of a table in a file, and say on standard error what was found in it."""
    path = Path(options.what)
    name = plain_name(path.name)
    report, data = read_here(name, content_of(path), whole=True)
    cells = read_cells(data)
    asked, answer = guessed_columns(cells.columns)
    asked, answer = options.input or asked, options.answer or answer
    checked = check_rows(pairs_of(cells, asked, answer))
    kind: Kind = options.kind or kind_of(checked.labels)
    kept = save_task(checked, kind, _template(options), options.title or path.stem, home)
    columns = f"The inputs are the column {asked!r:.80}, and the answers {answer!r:.80}."
    notes = (columns, *report.notes, *told(checked, kind, Parts(kept.train, kept.test)))
    print(*notes, sep="\n", file=sys.stderr)
    return kept


def _template(options: argparse.Namespace) -> Template:
    ready = TEMPLATES[options.template] if options.template else Template()
    texts = {part: getattr(options, part) for part in PARTS}
    return Template(
        **{
            part: getattr(ready, part) if text is None else unescaped(text)
            for part, text in texts.items()
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
