"""Where a model that was not trained here comes from, as its run's folder says it.

    <run>/elsewhere/{config.json, model.safetensors, tokenizer.json, origin.json}

This loads no torch, so that pages can show it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from tinylm import storage
from tinylm.errors import CheckpointError

FOLDER = "elsewhere"
ORIGIN = "origin.json"
FORMAT_VERSION = 1
STEP = 1  # of the only checkpoint: step 0 would be a model that has read nothing
MISSING = (
    "Models that were made elsewhere are computed by the package transformers, which is missing "
    'here: run pip install ".[elsewhere]" in the folder of tinylm.'
)
REMEDY = "import the model anew."

Count = Annotated[int, Meta(ge=0)]


class Origin(msgspec.Struct, frozen=True):
    """What is known of a model that was made elsewhere."""

    version: int
    source: str  # the name of the file or folder that it was imported from
    kind: str  # "gguf" | "folder"
    sha256: dict[str, str]  # of each file of weights that it was imported from
    kept: dict[str, str]  # the same of the files in the run's folder
    architecture: str  # the class that computes it, such as "LlamaForCausalLM"
    parameters: Count
    context: Count  # tokens that it can read at once elsewhere; 0: it does not say
    separator: Count  # the token that a text begins after


def is_elsewhere(run_folder: Path) -> bool:
    """Whether the model of the run in this folder was made elsewhere."""
    return (run_folder / FOLDER / ORIGIN).exists()


def share(run_folder: Path) -> None:
    """Take the files of an imported model to the place that several machines share, if any."""
    place = storage.shared()
    if place is not None:
        for path in (run_folder / FOLDER).iterdir():
            place.take(path, f"{_shared_name(run_folder)}/{path.name}")


def bring(run_folder: Path) -> None:
    """Bring the files of an imported model from the shared place, where they are missing here."""
    place = None if is_elsewhere(run_folder) else storage.shared()
    if place is not None:
        there = place.versions(_shared_name(run_folder))
        for name in sorted(there, key=lambda name: name.endswith(f"/{ORIGIN}")):  # it comes last
            place.bring(name, there[name], run_folder / FOLDER / name.rpartition("/")[2])


def _shared_name(run_folder: Path) -> str:
    return f"runs/{run_folder.name}/{FOLDER}"


def read_origin(run_folder: Path) -> Origin:
    """Where the model of this run comes from. Raises CheckpointError where that is lost."""
    try:
        return msgspec.json.decode((run_folder / FOLDER / ORIGIN).read_bytes(), type=Origin)
    except (OSError, msgspec.MsgspecError, RecursionError):
        raise CheckpointError(f"What is known of this model is lost: {REMEDY}") from None


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
