"""`python -m tinylm corpora`: list what can be trained on, and download what is not here yet."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tinylm.cli.terminal import print_json
from tinylm.corpora.corpus import CorpusInfo
from tinylm.corpora.registry import corpora_of
from tinylm.corpora.sources import downloads, own_worlds, uploads
from tinylm.errors import BadRequest, Cancelled, NotFound
from tinylm.home import home_dir


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `corpora`."""
    parser.add_argument(
        "--download",
        metavar="NAME",
        help=f"fetch a text from the internet first: {' or '.join(downloads.SOURCES)}",
    )


def run_corpora(options: argparse.Namespace) -> None:
    """Print the corpora of this home; with `--download`, fetch one and print only that."""
    home = home_dir()
    found = list(corpora_of(home).values())
    if options.download:
        found = [_download(options.download, home)]
    for info in found:
        if options.json:
            print_json({"name": info.name, "title": info.title, "licence": info.licence})
        else:
            print(f"{info.name:20} {info.title}\n{'':20} {info.description}")
    missing = [name for name in downloads.SOURCES if not downloads.is_here(name, home)]
    if missing and not options.download and not options.json:
        print(f"Can be downloaded with --download: {', '.join(missing)}", file=sys.stderr)


def corpus_name(name: str, home: Path) -> str:
    """A corpus by its name or title, or a text file, which is taken up as an upload is.

    Raises NotFound for a name that is neither, BadRequest for a file that cannot be used.
    """
    known = corpora_of(home)
    if name in known or uploads.is_upload(name) or own_worlds.is_own_world(name):
        return name
    path = Path(name)
    titled = [one.name for one in known.values() if one.title.casefold() == name.casefold()]
    if len(titled) == 1 and not path.is_file():
        return titled[0]
    if downloads.is_download(name) and not path.is_file():
        return downloads.download_info(name, home).name
    if not path.is_file():
        names = ", ".join(known)
        raise NotFound(f"{name!r} is neither a corpus ({names}) nor a file: check the spelling.")
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
