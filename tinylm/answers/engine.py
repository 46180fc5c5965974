"""Carries out a whole run, or answers one question, for workers and the terminal.

Workers and most commands reach torch only through the functions of this module.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from tinylm import speed
from tinylm.config import RunConfig
from tinylm.events import Event, Preparing, RunEnded
from tinylm.questions.base import A, Question
from tinylm.training.device import use_threads
from tinylm.training.job import TrainingJob
from tinylm.training.loop import train
from tinylm.training.prepare import prepare_finetuning, prepare_pretraining


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
    where there is none. Raises TinylmError.
    """
    chosen = config.train.threads

    def count() -> int:
        return chosen or (threads() if threads is not None else default_threads())

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
            prepared.threads, prepared.lr_factor = count, lr_factor
            yield from train(prepared, control=control)
            return
        if prepared.stage != stage:
            stage = prepared.stage
            yield prepared
        if (wish := control()) != "run":
            reason = "paused" if wish == "pause" else "stopped"
            yield RunEnded(prepared.step, reason, time.perf_counter() - began)
            return


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
