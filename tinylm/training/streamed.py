"""The batches of a text that does not fit into memory, from token ids on the disk."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from filelock import FileLock

from tinylm.corpora.sources.large import LargeText
from tinylm.errors import StorageError
from tinylm.text.shards import TokenDocuments, open_shards, write_shards
from tinylm.text.tokenizer import Tokenizer
from tinylm.training.background import Report

STAGE = "Turning text into tokens"
SAMPLE = 100  # documents from which the room is estimated that the ids will take
SPARE = 1.2  # times the estimate


def token_documents(
    text: LargeText, tokenizer: Tokenizer, count: int, report: Report
) -> TokenDocuments:
    """The ids of the first `count` training documents (0: all), written if they are not there yet.

    Raises StorageError where there is no room for them, or where the text itself is needed and is
    not what it was.
    """
    digest = hashlib.sha256(tokenizer.to_json().encode()).hexdigest()
    folder = text.folder / digest[:16]
    report(STAGE, "checking what was written before")
    try:
        if (found := open_shards(folder, count)) is not None:
            return found
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock"):  # another run may be writing them
            _check_room(text, tokenizer, folder)
            write_shards(
                folder,
                text.blocks,
                tokenizer.encode_batch,
                lambda place: report(STAGE, f"{place / 1e6:,.0f} of {text.size / 1e6:,.0f} MB"),
            )
        found = open_shards(folder, count)
    except OSError as error:
        raise StorageError(
            f"The tokens of this text cannot be written ({error.strerror or error}): free some "
            "space or set TINYLM_HOME to another folder, then resume."
        ) from error
    if found is None:
        raise StorageError("The tokens of this text were changed while they were written: resume.")
    return found


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
