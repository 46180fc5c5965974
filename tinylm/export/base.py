"""What a format is given of a run, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tinylm.events import CurvePoint, EvalDone


@dataclass(frozen=True)
class ExportedRun:
    """What formats may write of a run."""

    folder: Path  # holds its tokenizer and its checkpoints
    step: int  # of the checkpoint whose model is written; -1: the last, 0: untrained
    curve: Sequence[CurvePoint]  # every update
    evals: Sequence[EvalDone]


@dataclass(frozen=True)
class Format:
    """What a module of this package offers under the name `FORMAT`; adding the file is enough."""

    order: int  # lists show lower ones first
    name: str  # what `--format` takes
    title: str
    files: Callable[[ExportedRun], dict[str, bytes]]  # by name; raises what a person can act on
