"""`tinylm bench`: measures how fast this machine is."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tinylm.cli.options import json_option, number_option, refuse
from tinylm.config import SETTINGS
from tinylm.places import ROOT


@click.command()
@click.option(
    "--parts",
    default="all",
    show_default=True,
    metavar="NAME,NAME",
    help="Which parts are measured: machine, training, shakespeare, sampling or scoring.",
)
@number_option(
    "--rounds",
    1,
    1000,
    default="5",
    show_default=True,
    metavar="N",
    help="How often each is timed.",
)
@click.option(
    "--threads",
    type=SETTINGS["threads"].parse,
    default="0",
    metavar="N",
    help="How many threads compute.  [default: one for each core]",
)
@click.option(
    "--precision",
    type=SETTINGS["precision"].parse,
    default="auto",
    show_default=True,
    metavar="|".join(SETTINGS["precision"].choices),
    help="In which precision our models are trained.",
)
@click.option(
    "--shakespeare",
    "path",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The file of Tiny Shakespeare, for the part that needs it.",
)
@click.option("--quick", is_flag=True, help="Measure once, and little: does it run?")
@json_option
def bench(
    parts: str,
    rounds: int,
    threads: int,
    precision: str,
    path: Path | None,
    quick: bool,
    as_json: bool,
) -> None:
    """Measure how fast this machine is."""
    if quick:
        refuse(("rounds",), "--quick measures once")
    if str(ROOT) not in sys.path:  # an installed package has benchmarks/ in a folder of its own
        sys.path.append(str(ROOT))
    from tinylm.cli.benching import run_bench  # only this command needs torch at once

    run_bench(
        parts=parts,
        rounds=rounds,
        threads=threads,
        precision=precision,
        path=path,
        quick=quick,
        as_json=as_json,
    )
