"""Measures one point of the transfer experiment: fine-tunes, and keeps only the figures."""

from __future__ import annotations

import os
import tempfile
import time
from collections import deque
from pathlib import Path

import torch
from filelock import FileLock

from tinylm import speed
from tinylm.config import RunConfig, with_changes
from tinylm.errors import BadRequest, NotFound
from tinylm.evaluation.measure import measure
from tinylm.evaluation.tasks import task as find_task
from tinylm.experiments.transfer import INITS, TENTH
from tinylm.files import flush_folder, part_prefix, write_whole
from tinylm.finetuning import finetune_config
from tinylm.home import run_dir
from tinylm.model.gpt import GPT
from tinylm.questions.models import TransferPoint, Tuned
from tinylm.text.tokenizer import Tokenizer
from tinylm.training.checkpoints import Checkpoint, CheckpointFolder
from tinylm.training.job import TrainingJob
from tinylm.training.loop import train
from tinylm.training.prepare import Prepared, prepare_finetuning, prepare_pretraining
from tinylm.training.stored_model import read_model

SHORTER = "tenth"  # folder of a shorter base, inside the base's folder and deleted with it


def measure_point(question: TransferPoint, home: Path) -> Tuned:
    """Accuracy on all held-out items after the fine-tuning, with greedy answers and zero-shot.

    Raises NotFound where the base does not exist, BadRequest for an unknown `init`.
    """
    if question.init not in INITS:
        raise BadRequest(f"A fine-tuning starts from {', '.join(INITS)}; got {question.init!r}.")
    speed.compile_once()
    began = time.perf_counter()
    parent, step = question.run, question.step
    base = _base(run_dir(home, parent), parent, step)
    config = base.config
    if question.init == "tenth":
        parent, step = _shorter_base(base, parent, home), -1
    task = find_task(config.corpus, question.task, home)
    model, tokenizer = _tuned(config, parent, step, question, home)
    found = measure(model.eval(), tokenizer, task, num_fewshot=0, ranked=False)
    return Tuned(
        found.n,
        found.correct,
        found.accuracy,
        found.low,
        found.high,
        metric=found.metric,
        metrics=found.metrics,
        seconds=time.perf_counter() - began,
    )


def _base(folder: Path, run: str, step: int) -> Checkpoint:
    checkpoints = CheckpointFolder(str(folder / "checkpoints"))
    if not checkpoints.steps():
        raise NotFound(f"There is no model of run {run!r}: train it first.")
    return checkpoints.load(step)


def _tuned(
    config: RunConfig, parent: str, step: int, question: TransferPoint, home: Path
) -> tuple[GPT, Tokenizer]:
    """The model after fine-tuning on the labels; without labels, the model as it starts."""
    init = "scratch" if question.init == "scratch" else "base"
    seed = question.seed
    if not question.labels:
        model, tokenizer, _ = read_model(run_dir(home, parent), step)
        return (model if init == "base" else type(model)(model.config, seed=seed)), tokenizer
    tuning = finetune_config(config, parent, question.task, question.labels, init, seed=seed)
    steps = tuning.train.steps
    tuning = with_changes(tuning, _without_stops(steps) | {"parent_step": step})
    with tempfile.TemporaryDirectory(prefix=part_prefix(), dir=_work_folder(home)) as folder:
        job = _trained(prepare_finetuning(tuning, Path(folder), home, resume=False))
    return job.model, job.tokenizer


def _shorter_base(base: Checkpoint, run: str, home: Path) -> str:
    """Train with a tenth of the steps that the base has, if not done yet; its id for `run_dir`.

    A base may be an earlier step of its run, which then has a shorter base of its own.
    """
    steps = max(1, base.step // TENTH)
    whole = base.step == base.config.train.steps
    place = f"{run}/{SHORTER}" if whole else f"{run}/{SHORTER}-{steps}"
    folder = run_dir(home, place)
    work = _work_folder(home)
    with FileLock(work / f"{run}-{folder.name}.lock"):
        if not folder.exists():
            short = with_changes(base.config, {"steps": steps} | _without_stops(steps))
            with tempfile.TemporaryDirectory(prefix=part_prefix(), dir=work) as scratch:
                made = Path(scratch) / folder.name
                made.mkdir()
                tokenizer = (run_dir(home, run) / "tokenizer.json").read_bytes()
                write_whole(made / "tokenizer.json", tokenizer)
                _trained(prepare_pretraining(short, made, home, resume=False))
                flush_folder(made)
                os.replace(made, folder)  # so that the folder is either complete or absent
                flush_folder(folder.parent)
    return place


def _without_stops(steps: int) -> dict[str, int]:
    """Settings for a run that nobody watches: no validation or checkpoint before the last step."""
    return {"eval_interval": steps, "checkpoint_interval": steps}


def _trained(prepared: Prepared) -> TrainingJob:
    """Train the one job that `prepared` yields to its end, and return it."""
    (job,) = [one for one in prepared if isinstance(one, TrainingJob)]
    threads = torch.get_num_threads()
    job.threads = lambda: threads
    deque(train(job), maxlen=0)
    return job


def _work_folder(home: Path) -> Path:
    folder = home / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
