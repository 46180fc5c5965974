"""What an import makes of a model, before it is stored as a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tinylm.config import RunConfig
from tinylm.events import Event


@dataclass(frozen=True)
class Prepared:
    """A run that is ready to be stored."""

    folder: Path  # becomes the folder of the run
    config: RunConfig
    title: str  # "": made from the settings
    events: Sequence[Event]
