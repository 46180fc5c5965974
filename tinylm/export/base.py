"""The data of a run that a format receives, and what a format has to provide."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tinylm.config import RunConfig
from tinylm.events import CurvePoint, EvalDone, Rewarded, RunStarted, Sampled
from tinylm.home import shown_id, without_names
from tinylm.predictions import Prediction
from tinylm.questions.exports import Export, Result


@dataclass(frozen=True)
class ExportedRun:
    """The data of a run that formats may write."""

    folder: Path  # the folder of the run, with its tokenizer and its checkpoints
    step: int  # step of the checkpoint that is written; -1: the last, 0: untrained
    curve: Sequence[CurvePoint]  # one point for every update, or as many as a page asks for
    evals: Sequence[EvalDone]
    started: RunStarted | None = None
    title: str = ""
    results: Sequence[Result] = ()  # what was measured of this checkpoint, and of controls
    rewards: Sequence[Rewarded] = ()  # of each update, where the run learns from rewards
    own_tasks: Collection[str] | None = None  # names of those that may be in it; None: all
    titles: Mapping[str, str] = field(default_factory=dict)  # the reader's, of texts and own tasks
    config: RunConfig = field(default_factory=RunConfig)
    seconds: float = 0.0  # of work on the run
    samples: Sequence[Sampled] = ()
    predictions: Sequence[Prediction] = ()
    explanation: str = ""

    @property
    def shown(self) -> str:
        """The run's id as files say it. They are handed on, and the whole id opens the run."""
        return shown_id(self.folder.name)

    @property
    def home(self) -> Path:
        """The folder of which the run's folder is a part."""
        return self.folder.parents[1]

    @staticmethod
    def of(asked: Export, folder: Path) -> ExportedRun:
        """The run that a question tells of, whose files lie in `folder`."""
        return ExportedRun(
            folder=folder,
            step=asked.step,
            curve=asked.curve,
            evals=asked.evals,
            started=asked.started,
            title=without_names(asked.title),
            results=asked.results,
            rewards=asked.rewards,
            own_tasks=asked.own_tasks,
            titles=dict(asked.titles),
            config=asked.config,
            seconds=asked.seconds,
            samples=asked.samples,
            predictions=asked.predictions,
            explanation=asked.explanation,
        )


@dataclass(frozen=True)
class Format:
    """A format. To add one, write a module in this package that has a `Format` named `FORMAT`."""

    order: int  # lists show lower numbers first
    name: str  # what `--format` takes
    title: str
    # Returns the data of each file by its name; raises a TinylmError that says what to do.
    files: Callable[[ExportedRun], dict[str, bytes]]
    packed: bool = True  # whether pages offer a zip file; else the one file, as it is
