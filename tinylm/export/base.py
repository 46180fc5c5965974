"""The data of a run that a format receives, and what a format has to provide."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from tinylm.events import CurvePoint, EvalDone, Rewarded, RunStarted
from tinylm.questions.exports import Result


@dataclass(frozen=True)
class ExportedRun:
    """The data of a run that formats may write."""

    folder: Path  # the folder of the run, with its tokenizer and its checkpoints
    step: int  # step of the checkpoint that is written; -1: the last, 0: untrained
    curve: Sequence[CurvePoint]  # one point for every update
    evals: Sequence[EvalDone]
    started: RunStarted | None = None
    title: str = ""
    results: Sequence[Result] = ()  # what was measured of this checkpoint
    rewards: Sequence[Rewarded] = ()  # of each update, where the run learns from rewards
    own_tasks: Collection[str] | None = None  # names of those that may be in it; None: all


@dataclass(frozen=True)
class Format:
    """A format. To add one, write a module in this package that has a `Format` named `FORMAT`."""

    order: int  # lists show lower numbers first
    name: str  # what `--format` takes
    title: str
    # Returns the data of each file by its name; raises a TinylmError that says what to do.
    files: Callable[[ExportedRun], dict[str, bytes]]
    packed: bool = True  # whether pages offer a zip file; else the one file, as it is
