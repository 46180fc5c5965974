"""Files for other programs and to take home, which a worker writes because they need the model."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from tinylm.config import RunConfig
from tinylm.events import CurvePoint, EvalDone, Rewarded, RunStarted, Sampled
from tinylm.predictions import Prediction
from tinylm.questions.base import Answer, Question


class Result(Answer, frozen=True):
    """What was measured of a checkpoint on one task."""

    task: str
    num_fewshot: int
    n: int
    accuracy: float
    low: float  # of the 95 % interval
    high: float
    chance: float
    # What it is compared with: spoiled examples, "shuffled" or "other", or the same model
    # "untrained"; "": nothing, these are the model's own.
    control: str = ""


class Exported(Answer, frozen=True):
    """A file in the folder of the run: a zip file with all files of one format, or its only one."""

    name: str
    bytes: int
    files: tuple[str, ...]


class Export(Question[Exported], frozen=True, tag="export"):
    """What are the files of a run in one format? They tell what else is given here."""

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
    # What the reader calls texts and own tasks, by name: whoever first brought them may call them
    # otherwise.
    titles: tuple[tuple[str, str], ...] = ()
    config: RunConfig = msgspec.field(default_factory=RunConfig)
    seconds: float = 0.0  # of work on the run
    samples: tuple[Sampled, ...] = ()
    predictions: tuple[Prediction, ...] = ()  # of the learner who takes it home
    explanation: str = ""  # what that learner wrote in "Explain it"
    reader: str = ""  # whose the file is, where it tells what belongs to a learner; "": anybody's
