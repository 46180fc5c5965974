"""`python -m tinylm export`: writes a run as files for other programs."""

from __future__ import annotations

import argparse
from pathlib import Path

from tinylm.cli.options import add_step
from tinylm.cli.terminal import print_json
from tinylm.export import ExportedRun, format_named, formats, write_export
from tinylm.home import home_dir
from tinylm.runs.service import Service


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `export`."""
    known = "; ".join(f"{one.name}: {one.title}" for one in formats())
    parser.add_argument("run")
    parser.add_argument("--format", required=True, metavar="NAME", help=known)
    parser.add_argument("--out", required=True, type=Path, metavar="FOLDER", help="new or empty")
    add_step(parser)


def run_export(options: argparse.Namespace) -> None:
    """Write a run in one format, and print the paths of the files. Raises TinylmError."""
    service, made = Service(home_dir()), format_named(options.format)
    row = service.run(options.run)
    run = ExportedRun(
        folder=service.run_dir(row.id),
        step=options.step,
        curve=service.curve(row.id, max_points=row.num_steps),
        evals=service.evals(row.id),
    )
    written = [str(path) for path in write_export(made, run, options.out)]
    if options.json:
        print_json({"type": "result", "run": row.id, "format": made.name, "files": written})
    else:
        print(*written, sep="\n")
