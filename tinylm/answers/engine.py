"""Carries out a whole run, or answers one question, for workers and the terminal.

Workers and most commands reach torch only through the functions of this module.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import TypedDict

from tinylm import speed, torchrun
from tinylm.config import ELSEWHERE, RunConfig
from tinylm.errors import BadRequest
from tinylm.events import Event, Preparing, RunEnded
from tinylm.questions.base import A, Question
from tinylm.training.device import use_threads
from tinylm.training.helping import help_to_train
from tinylm.training.job import TrainingJob
from tinylm.training.loop import train
from tinylm.training.prepare import prepare_finetuning, prepare_pretraining
from tinylm.training.team import Team, joined


def run(
    config: RunConfig,
    run_dir: Path,
    home: Path,
    *,
    resume: bool = False,
    control: Callable[[], str] = lambda: "run",
    threads: Callable[[], int] | None = None,
    lr_factor: Callable[[], float] = lambda: 1.0,
) -> Iterator[Event]:
    """Prepare and train a run in its folder, yielding events until RunEnded.

    Three functions are called before every step: `control` returns "run", "pause" or "stop";
    `threads` returns how many threads to use at the moment; `lr_factor` returns the factor for
    the learning rates of the schedule. While the run is being prepared, `control` is called
    several times a second, and a pause or a stop ends the run without a checkpoint.

    With `resume`, training goes on from the last checkpoint that can be read, or begins anew
    where there is none. Where torchrun has started several processes, this one leads, and each of
    the others calls `take_part`. Raises TinylmError.
    """
    ways: Ways = {"resume": resume, "control": control, "threads": threads, "lr_factor": lr_factor}
    if (place := torchrun.place()).size == 1:
        yield from _run(config, run_dir, home, None, **ways)
        return
    if place.helps:
        raise BadRequest(
            "Several processes train by the terminal alone: torchrun … -m tinylm train."
        )
    if config.method == "reward":
        raise BadRequest("Rewards are learned in one process: start this without torchrun.")
    with joined(place) as team:
        yield from _run(config, run_dir, home, team, **ways)


class Ways(TypedDict):
    """How a run is steered, as `run` explains."""

    resume: bool
    control: Callable[[], str]
    threads: Callable[[], int] | None
    lr_factor: Callable[[], float]


def _run(
    config: RunConfig,
    run_dir: Path,
    home: Path,
    team: Team | None,
    *,
    resume: bool,
    control: Callable[[], str],
    threads: Callable[[], int] | None,
    lr_factor: Callable[[], float],
) -> Iterator[Event]:
    if config.kind == ELSEWHERE:  # whoever imported it was ended in the middle
        raise BadRequest("The import of this model did not end: delete this run, and import anew.")
    chosen = config.train.threads

    def count() -> int:
        wanted = chosen or (threads() if threads is not None else default_threads())
        return torchrun.share_of(wanted)

    use_threads(count())
    if not speed.is_ready():
        yield Preparing(0, "Compiling for this processor, once: about half a minute")
        if not speed.compile_once(give_up=lambda: control() != "run"):
            yield Preparing(0, "Compiling did not succeed: training goes on without, more slowly")
    began, stage = time.perf_counter(), ""
    for prepared in (
        prepare_finetuning(config, run_dir, home, resume)
        if config.kind == "finetune"
        else prepare_pretraining(config, run_dir, home, resume)
    ):
        if isinstance(prepared, TrainingJob):
            prepared.threads, prepared.lr_factor, prepared.team = count, lr_factor, team
            if team:
                prepared.device = team.device(prepared.device.type)
            yield from train(prepared, control=control)
            return
        if prepared.stage != stage:
            stage = prepared.stage
            yield prepared
        if (wish := control()) != "run":
            reason = "paused" if wish == "pause" else "stopped"
            yield RunEnded(prepared.step, reason, time.perf_counter() - began)
            return


def take_part(begins: Callable[[], object]) -> None:
    """Compute a share of the gradients of the run that the first process of torchrun leads.

    `begins` is called once it trains. Returns when that run ends. Raises TinylmError.
    """
    with joined(torchrun.place()) as team:
        use_threads(torchrun.share_of(default_threads()))
        help_to_train(team, begins)


def default_threads() -> int:
    """Half of the logical processors; all of them where there are at most four."""
    count = os.cpu_count() or 1
    return count if count <= 4 else count // 2


def answer(question: Question[A], home: Path, *, threads: int = 1) -> A:
    """The answer to a question, which depends only on the question and the files in `home`.

    It uses one thread by default, because runs use the other cores at the same time. Raises
    TinylmError where there is no answer.
    """
    use_threads(threads)
    module, _, name = question.solver.partition(":")
    found: A = getattr(import_module(module), name)(question, home)
    return found
