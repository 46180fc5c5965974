"""`python -m tinylm settings`: lists what `--set` takes, with limits and what each is for."""

from __future__ import annotations

import argparse

from tinylm.cli.terminal import print_json
from tinylm.config import SETTINGS, RunConfig

PARTS = {"run": "", "model": "model", "train": "train", "text": "text"}  # by their words here


def run_settings(options: argparse.Namespace) -> None:
    """Print the settings that `--set` takes, or those of one part of the run."""
    usual = RunConfig()
    for words, part in PARTS.items():
        if options.part not in (None, words):
            continue
        for row in SETTINGS.values():
            if row.part != part or row.instead:
                continue
            default, about = row.of(usual), f"{row.label}. {row.help}"
            if options.json:
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
