"""The batches of a text that does not fit into memory, from token ids on the disk.

Where machines share a place (tinylm/storage.py), the ids are copied there once they are whole, so
that a run on them goes on where the text itself is not.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from tinylm import storage
from tinylm.corpora.sources.large import LargeText
from tinylm.errors import StorageError
from tinylm.text.shards import TokenDocuments, open_shards, write_shards
from tinylm.text.tokenizer import Tokenizer
from tinylm.training.background import Report

STAGE = "Turning text into tokens"
SHARING = "Copying the tokens between this machine and the shared place"
SAMPLE = 100  # documents from which the room is estimated that the ids will take
SPARE = 1.2  # times the estimate


def token_documents(
    text: LargeText, tokenizer: Tokenizer, count: int, report: Report
) -> TokenDocuments:
    """The ids of the first `count` training documents (0: all), written if they are nowhere yet.

    Raises StorageError where there is no room for them, or where the text itself is needed and is
    not what it was.
    """
    digest = hashlib.sha256(tokenizer.to_json().encode()).hexdigest()
    folder = text.folder / digest[:16]
    report(STAGE, "checking what was written before")
    try:
        if (found := open_shards(folder, count)) is None:
            folder.mkdir(parents=True, exist_ok=True)
            with FileLock(folder / ".lock"):  # another run may be writing or bringing them
                _bring(folder, report)
                if (found := open_shards(folder, count)) is None:
                    _check_room(text, tokenizer, folder)
                    write_shards(
                        folder, text.blocks, tokenizer.encode_batch, _told(report, text.size)
                    )
                    found = open_shards(folder, count)
        if found is not None:
            _take(folder, report)
    except OSError as error:
        raise StorageError(
            f"The tokens of this text cannot be written ({error.strerror or error}): free some "
            "space or set TINYLM_HOME to another folder, then resume."
        ) from error
    if found is None:
        raise StorageError("The tokens of this text were changed while they were written: resume.")
    return found


def _told(report: Report, size: int) -> Callable[[int], None]:
    return lambda place: report(STAGE, f"{place / 1e6:,.0f} of {size / 1e6:,.0f} MB")


def _take(folder: Path, report: Report) -> None:
    """Take the ids of a text to the shared place, where there is one that lacks them."""
    if (place := storage.shared()) is None:
        return
    there = place.versions(storage.name_in_home(folder / "0").rpartition("/")[0])
    about = folder.parent.with_suffix(".json")
    # A header comes last, since it says that its shard is whole.
    files = [*sorted(folder.glob("*.npy")), *sorted(folder.glob("*.json")), about]
    for number, file in enumerate(files, 1):
        name = storage.name_in_home(file)
        if there.get(name) != storage.digest_of(file):
            report(SHARING, f"{number:,} of {len(files):,} files")
            place.take(file, name)


def _bring(folder: Path, report: Report) -> None:
    """Bring the ids of a text from the shared place, where there is one that has them."""
    if (place := storage.shared()) is None:
        return
    there = place.versions(storage.name_in_home(folder / "0").rpartition("/")[0])
    for number, name in enumerate(sorted(there, key=lambda name: name.endswith(".json")), 1):
        file = folder / name.rpartition("/")[2]
        if not file.exists() or storage.digest_of(file) != there[name]:
            report(SHARING, f"{number:,} of {len(there):,} files")
            place.bring(name, there[name], file)


def _check_room(text: LargeText, tokenizer: Tokenizer, folder: Path) -> None:
    """Raise StorageError where the disk has less room than the ids will take."""
    documents = next(text.blocks()).texts[:SAMPLE]
    tokens = sum(map(len, tokenizer.encode_batch(documents)))
    size = sum(len(one.encode()) for one in documents)
    written = sum(path.stat().st_size for path in folder.glob("*.npy"))
    needed = SPARE * 2 * text.size * tokens / max(1, size) - written
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise StorageError(
            f"The tokens of this text need about {needed / 1e9:.1f} GB, and {free / 1e9:.1f} GB "
            "are free: free some space or set TINYLM_HOME to another folder, then resume."
        )
