"""`tinylm import`: takes in a model from a folder or a file, as a run."""

from __future__ import annotations

from pathlib import Path

import click

from tinylm.cli.options import json_option
from tinylm.cli.options import text as parsed
from tinylm.cli.terminal import print_json, program
from tinylm.config import ELSEWHERE
from tinylm.elsewhere import prepared
from tinylm.home import home_dir
from tinylm.runs.adopting import adopt, names_here
from tinylm.runs.service import Service


@click.command("import")
@click.argument(
    "source",
    metavar="FOLDER|FILE.gguf",
    type=click.Path(path_type=Path),
    help="What to take in: an exported folder, a folder for transformers, or a GGUF file.",
)
@click.option("--title", type=parsed, default="", metavar="TEXT", help="What lists call it.")
@json_option
def import_model(source: Path, title: str, as_json: bool) -> None:
    """Take in an export of a run, or a model made elsewhere.

    It takes a folder that `export --format hf` wrote, the folder of a small language model for
    Hugging Face's transformers, or a GGUF file. What was made elsewhere can be prompted, measured
    and looked into, but not trained. Code and pickles in a folder are never run.
    """
    service = Service(home_dir())
    known = names_here(service.home, service.store)
    with prepared(source, service.home, known) as made:
        row = adopt(service.home, service.store, made, title)
    if as_json:
        print_json({"type": "result", "run": row.id, "kind": row.kind, "title": row.title})
        return
    what = "was made elsewhere" if row.kind == ELSEWHERE else "is the run that was exported"
    print(
        f"{row.id} {what}. Try: {program()} eval {row.id} --task facts --num-fewshot 4 --limit 50"
    )
