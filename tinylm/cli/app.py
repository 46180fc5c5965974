"""`tinylm app`: starts the pages, and with them the workers."""

from __future__ import annotations

import runpy
import sys

import click

from tinylm.places import APP


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument(
    "arguments",
    metavar="[OPTIONS OF STREAMLIT]...",
    nargs=-1,
    type=click.UNPROCESSED,
    help="Are passed on, for example --server.port 8600 or --server.headless true.",
)
def app(arguments: tuple[str, ...]) -> None:
    """Start the pages, which a browser shows.

    Everybody who opens the address that is printed sees the same runs. Ctrl+C ends it.
    """
    sys.argv = ["streamlit", "run", str(APP), *arguments]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
