"""`tinylm settings`: lists what `--set` takes, with limits and what each is for."""

from __future__ import annotations

import click

from tinylm.cli.options import json_option
from tinylm.cli.terminal import print_json
from tinylm.config import SETTINGS, RunConfig

PARTS = {"run": "", "model": "model", "train": "train", "text": "text"}  # by their words here


@click.command()
@click.argument(
    "part", type=click.Choice(tuple(PARTS)), required=False, help="Only the settings of this part."
)
@json_option
def settings(part: str | None, as_json: bool) -> None:
    """List what --set takes, with limits and what each is for."""
    usual = RunConfig()
    for words, place in PARTS.items():
        if part not in (None, words):
            continue
        for row in SETTINGS.values():
            if row.part != place or row.instead:
                continue
            default, about = row.of(usual), f"{row.label}. {row.help}"
            if as_json:
                print_json(
                    {
                        "name": row.name,
                        "part": words,
                        "default": default,
                        "limits": row.limits,
                        "help": about,
                    }
                )
            else:
                print(f"{row.name} = {default}   ({row.limits})\n    {about}")
