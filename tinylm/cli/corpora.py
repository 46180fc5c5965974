"""`python -m tinylm corpora`: lists the corpora, and downloads those that are not here yet."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from tinylm.cli.terminal import print_json
from tinylm.corpora.corpus import CorpusInfo
from tinylm.corpora.registry import corpora_of, info
from tinylm.corpora.sources import downloads, uploads
from tinylm.corpora.sources.base import owner
from tinylm.errors import BadRequest, Cancelled, NotFound
from tinylm.home import home_dir


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `corpora`."""
    parser.add_argument(
        "--download",
        metavar="NAME",
        help=f"fetch a text from the internet first: {' or '.join(downloads.SOURCES)}",
    )


def run_corpora(options: argparse.Namespace) -> None:
    """Print the corpora of this home; with `--download`, fetch one and print only that one."""
    home = home_dir()
    found = list(corpora_of(home).values())
    if options.download:
        found = [_download(options.download, home)]
    for one in found:
        if options.json:
            print_json({"name": one.name, "title": one.title, "licence": one.licence})
        else:
            print(f"{one.name:20} {one.title}\n{'':20} {one.description}")
    missing = [name for name in downloads.SOURCES if not downloads.is_here(name, home)]
    if missing and not options.download and not options.json:
        print(f"Can be downloaded with --download: {', '.join(missing)}", file=sys.stderr)


def corpus_name(name: str, home: Path) -> str:
    """The name of a corpus, given by name, by title, or as a text file.

    A file is stored like an upload. Raises NotFound where `name` is neither a corpus nor a file,
    and BadRequest for a file that cannot be used.
    """
    known = corpora_of(home)
    if name in known:
        return name
    path = Path(name)
    if not os.path.isfile(path):  # where `is_file` raises OSError: a name that is too long
        titled = [one.name for one in known.values() if one.title.casefold() == name.casefold()]
        if len(titled) == 1:
            return titled[0]
        if owner(name) is not None:  # `info` raises and says how to get it
            return info(name, home).name
        names = ", ".join(known)
        raise NotFound(f"{name!r:.80} is neither a corpus ({names}) nor a file.")
    try:
        if path.stat().st_size > uploads.MAX_BYTES:
            raise BadRequest(
                f"{name} is larger than {uploads.MAX_BYTES // 1_000_000} MB: use a part of it."
            )
        data = path.read_bytes()
    except OSError as error:
        raise BadRequest(f"{name} cannot be read ({error.strerror}): check the file.") from None
    found = downloads.take_up(data, home) or uploads.save_upload(data, path.name, home)
    return found.name


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
