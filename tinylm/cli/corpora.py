"""`tinylm corpora`: lists the corpora, and downloads those that are not here yet."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from tinylm.cli.options import json_option
from tinylm.cli.reading import content_of, read_here
from tinylm.cli.terminal import print_json
from tinylm.corpora.corpus import CorpusInfo
from tinylm.corpora.files.report import plain_name
from tinylm.corpora.registry import corpora_of, info
from tinylm.corpora.sources import downloads
from tinylm.corpora.sources.base import owner
from tinylm.corpora.sources.large import is_large, keep_large
from tinylm.errors import BadRequest, Cancelled, NotFound
from tinylm.home import home_dir
from tinylm.runs.service import Service


@click.command()
@click.option(
    "--download",
    metavar="NAME",
    help=f"Fetch a text from the internet first: {' or '.join(downloads.SOURCES)}.",
)
@json_option
def corpora(download: str | None, as_json: bool) -> None:
    """List the corpora, or download one."""
    home = home_dir()
    found = list(corpora_of(home).values())
    if download:
        found = [_download(download, home)]
    for one in found:
        if as_json:
            print_json({"name": one.name, "title": one.title, "licence": one.licence})
        else:
            print(f"{one.name:20} {one.title}\n{'':20} {one.description}")
    missing = [name for name in downloads.SOURCES if not downloads.is_here(name, home)]
    if missing and not download and not as_json:
        print(f"Can be downloaded with --download: {', '.join(missing)}", file=sys.stderr)


def corpus_name(name: str, home: Path, column: str = "") -> str:
    """The name of a corpus, given by name, by title, or as a text file.

    A file is stored like an upload. Raises NotFound where `name` is neither a corpus nor a file,
    and BadRequest for a file that cannot be used.
    """
    known = corpora_of(home)
    path = Path(name)
    if column and (name in known or not os.path.isfile(path)):
        raise BadRequest(f"--column is for files with a table, and {name!r:.80} is none.")
    if name in known:
        return name
    if not os.path.isfile(path):  # where `is_file` raises OSError: a name that is too long
        titled = [one.name for one in known.values() if one.title.casefold() == name.casefold()]
        if len(titled) == 1:
            return titled[0]
        if owner(name) is not None:  # `info` raises and says how to get it
            return info(name, home).name
        names = ", ".join(known)
        raise NotFound(f"{name!r:.80} is neither a corpus ({names}) nor a file.")
    if is_large(path):
        if column:
            raise BadRequest("--column is for files with a table, and this one is too large.")
        return _read_large(path, home).name
    data = content_of(path)
    known_text = downloads.take_up(data, home)
    return (known_text or _read_file(plain_name(path.name), data, home, column)).name


def _read_large(path: Path, home: Path) -> CorpusInfo:
    """Read a text file of any size once, and keep what is known of it."""
    size, shows = path.stat().st_size, sys.stderr.isatty()

    def on_bytes(read: int) -> None:
        if shows:
            print(f"\rReading {path.name}: {read / size:.0%}", end="", file=sys.stderr)

    try:
        found = keep_large(path, home, on_bytes)
    finally:
        if shows:
            print(file=sys.stderr)
    print(f"{path.name}: {found.description}", file=sys.stderr)
    return Service(home).taken_in(found)


def _read_file(name: str, data: bytes, home: Path, column: str) -> CorpusInfo:
    """Read a file as the pages do, say what came out of it, and keep the text.

    Raises BadRequest, also for a table with several columns where none is named.
    """
    report, text = read_here(name, data, column)
    if column and report.table is None:
        raise BadRequest(f"{name} is no table: leave --column out.")
    columns = report.table.columns if report.table else ()
    if len(columns) > 1 and not column:
        raise BadRequest(
            f"{name} has the columns {', '.join(columns)}: say with --column NAME which "
            "one holds the text."
        )
    print(f"{name}: {report.summary}", *report.notes, file=sys.stderr)
    return Service(home).keep_text(text, name)


def _download(name: str, home: Path) -> CorpusInfo:
    size = downloads.source(name).size
    shows = sys.stderr.isatty()

    def on_bytes(received: int) -> None:
        if shows:
            print(f"\r{received / 1e6:.1f} of {size / 1e6:.1f} MB", end="", file=sys.stderr)

    try:
        return downloads.download(name, home, on_bytes)
    except KeyboardInterrupt:
        raise Cancelled("The download was cancelled: nothing of it is kept.") from None
    finally:
        if shows:
            print(file=sys.stderr)
