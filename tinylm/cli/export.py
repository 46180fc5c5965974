"""`tinylm export`: writes a run as files for other programs."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem

from tinylm.cli.options import json_option, run_argument, step_option
from tinylm.cli.terminal import print_json
from tinylm.export import format_named, formats, write_export
from tinylm.home import home_dir
from tinylm.runs.exporting import exported_run
from tinylm.runs.service import Service


def _formats(
    _context: click.Context, _parameter: click.Parameter, begun: str
) -> list[CompletionItem]:
    return [CompletionItem(one.name, help=one.title) for one in formats() if begun in one.name]


@click.command()
@run_argument("The run to write.")
@click.option(
    "--format",
    "format_name",
    required=True,
    metavar="NAME",
    shell_complete=_formats,
    help="; ".join(f"{one.name}: {one.title}" for one in formats()),
)
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where the files go: a folder that is new or empty.",
)
@step_option
@json_option
def export(run: str, format_name: str, out: Path, step: int, as_json: bool) -> None:
    """Write a run for other programs."""
    service, made = Service(home_dir()), format_named(format_name)
    row = service.run(run)
    if step < 0:  # a run without a checkpoint still has a curve
        step = service.best_step(row.id) or step
    exported = exported_run(service, row.id, step)
    written = [str(path) for path in write_export(made, exported, out)]
    if as_json:
        print_json({"type": "result", "run": row.id, "format": made.name, "files": written})
    else:
        print(*written, sep="\n")
