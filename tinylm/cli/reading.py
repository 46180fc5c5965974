"""Reads a file that was named in the terminal, in a process of its own, as the pages do."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tinylm.corpora.files.reading import read_files, text_of
from tinylm.corpora.files.report import MAX_BYTES, Brought, Report
from tinylm.errors import BadRequest, Cancelled, StorageError


def content_of(path: Path) -> bytes:
    """The bytes of a file, or one more than a file may have. Raises BadRequest."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)  # one more than may be: the reader says so
    except OSError as error:
        raise BadRequest(f"{path} cannot be read ({error.strerror}): check the file.") from None


def read_here(
    name: str, data: bytes, column: str = "", *, whole: bool = False
) -> tuple[Report, bytes]:
    """What a reader says of a file, and the text that it found; with `whole`, the whole table.

    Raises BadRequest for a file that cannot be used, Cancelled, StorageError.
    """
    shows = sys.stderr.isatty()

    def on_progress(_number: int, share: float) -> None:
        if shows:
            print(f"\rReading {name}: {share:.0%}", end="", file=sys.stderr)

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "file"
        brought = Brought(name, str(copy), column, whole=whole)
        try:
            copy.write_bytes(data)
            report = read_files({0: brought}, Path(folder), on_progress)[0]
        except OSError as error:
            raise StorageError(
                f"{name} cannot be read here ({error.strerror}): free some space on the disk."
            ) from error
        except KeyboardInterrupt:
            raise Cancelled("The reading was cancelled: nothing of it is kept.") from None
        finally:
            if shows:
                print(file=sys.stderr)
        if report.problem:
            raise BadRequest(report.problem)
        return report, text_of(Path(folder), {0: report})
