"""Files for other programs, which a worker writes because they need the model."""

from __future__ import annotations

from typing import ClassVar

from tinylm.events import CurvePoint, EvalDone, Rewarded, RunStarted
from tinylm.questions.base import Answer, Question


class Result(Answer, frozen=True):
    """What was measured of a checkpoint on one task, as the card of an export tells it."""

    task: str
    num_fewshot: int
    n: int
    accuracy: float
    low: float  # of the 95 % interval
    high: float
    chance: float


class Exported(Answer, frozen=True):
    """A zip file with all files of one format, in the folder of the run."""

    name: str  # of the zip file
    bytes: int
    files: tuple[str, ...]


class Export(Question[Exported], frozen=True, tag="export"):
    """What are the files of a run in one format? The curve and the results stand in its card."""

    solver: ClassVar[str] = "tinylm.answers.exports:export"
    priority: ClassVar[int] = 1
    run: str
    step: int
    format: str
    title: str = ""
    curve: tuple[CurvePoint, ...] = ()
    evals: tuple[EvalDone, ...] = ()
    started: RunStarted | None = None
    results: tuple[Result, ...] = ()
    rewards: tuple[Rewarded, ...] = ()
    own_tasks: tuple[str, ...] | None = None  # names of those that may be in it; None: all
