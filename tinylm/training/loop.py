"""The training loop: one iterator of events, for both pre-training and fine-tuning."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from tinylm.errors import CheckpointError, PeerLost, TrainingDiverged
from tinylm.events import (
    CheckpointDue,
    CheckpointSaved,
    EvalDone,
    Event,
    LearningRateChanged,
    Rewarded,
    RunEnded,
    RunStarted,
    StepDone,
    ThreadsChanged,
)
from tinylm.model.gpt import GPT
from tinylm.model.lora import has_adapters, num_trainable, plain_weights
from tinylm.text.batches import ValidationSet
from tinylm.training.best import Best, Copy, copied
from tinylm.training.checkpoints import Checkpoint, checkpoint_name
from tinylm.training.forward import begun
from tinylm.training.job import TrainingJob
from tinylm.training.looks import data_for_look, look
from tinylm.training.optimizer import Optimizer
from tinylm.training.reward import Done, reinforce
from tinylm.training.update import Forward, update

HELD = 0.5  # seconds; if `control` takes longer to answer, its time does not count for the speed


def train(job: TrainingJob, *, control: Callable[[], str] = lambda: "run") -> Iterator[Event]:
    """Train `job.model` in place and yield an event for everything that happens.

    `control` is called before every update and answers "run", "pause" or "stop". On "pause" and
    "stop" a checkpoint is saved before the training ends. While `control` does not return, the
    training waits. Pre-training also keeps a checkpoint of its best validation and, with
    `patience`, ends with the reason "turned" after so many validations that were not better. The
    same seed, settings and number of threads give the same events, except for times, even if a run
    was paused and resumed. Raises TrainingDiverged if the loss or the norm of the gradient is no
    longer finite, and StorageError if a checkpoint cannot be written.
    """
    config = job.config.train
    started = job.clock()
    job.model.to(job.device)
    optimizer = Optimizer(job.model, config)
    step = tokens_seen = 0
    best = Best()
    if job.resume is not None:
        step, tokens_seen = _restore(job, optimizer, job.resume)
        best = Best(*job.resume.best)
    forward = begun(job.model, optimizer, job.config, job.precision, job.team)
    threads = job.threads()
    torch.set_num_threads(threads)
    yield _run_started(job, step, threads)
    if job.resume is not None:  # whoever was killed in between may not have told of it
        yield CheckpointSaved(step, checkpoint_name(step))
    if step == 0:
        for event in look(job, step, tokens_seen, job.validation):
            yield event
            if control() != "run":
                break
    speed = Speed(job.clock)
    saved = step if job.resume is not None else -1
    factor = 1.0
    reason = "done"
    try:
        while step < config.steps:
            asked = job.clock()
            wish = control()
            if job.clock() - asked > HELD:
                speed.skip()
            if wish in ("pause", "stop"):
                reason = "paused" if wish == "pause" else "stopped"
                break
            if (wanted := job.threads()) != threads:
                threads = wanted
                torch.set_num_threads(threads)
                yield ThreadsChanged(step, threads)
            if (wanted_factor := job.lr_factor()) != factor:
                factor = wanted_factor
                yield LearningRateChanged(step, factor)
            done = _learn(job, optimizer, forward, step, factor)
            step, tokens_seen = step + 1, tokens_seen + done.tokens
            per_second = speed.add(done.tokens)
            yield StepDone(step, tokens_seen, done.loss, done.lr, done.grad_norm, per_second)
            if done.reward is not None:
                yield Rewarded(step, done.reward)
            due = step % config.checkpoint_interval == 0 and step < config.steps
            if step < config.steps and (data := data_for_look(job, step)) is not None:
                yield from _compare(job, optimizer, step, tokens_seen, data, best, saved=due)
                speed.skip()
            if due:
                yield from _write_best(job, best)  # which this checkpoint names: it may be resumed
                yield from _save(job, optimizer, step, tokens_seen, best)
                saved = step
                speed.skip()
            waited = step - best.step
            if step < config.steps and 0 < config.patience * config.eval_interval <= waited:
                reason = "turned"
                break
    except (TrainingDiverged, PeerLost) as error:
        yield from _write_best(job, best)
        if isinstance(error, PeerLost) and saved != step:  # the weights are those of this step
            yield from _save(job, optimizer, step, tokens_seen, best)
        raise
    if reason != "done":
        yield from _write_best(job, best)
    if saved != step:
        yield from _save(job, optimizer, step, tokens_seen, best)
    if reason in ("done", "turned") and step:
        yield from _compare(
            job, optimizer, step, tokens_seen, job.final_validation, best, saved=True
        )
    yield RunEnded(step, reason, job.clock() - started)


def _learn(
    job: TrainingJob, optimizer: Optimizer, forward: Forward, step: int, factor: float
) -> Done:
    """Update number `step`: from the next batch or, with rewards, from what the model tries."""
    config, precision = job.config.train, job.precision
    if job.trials is not None:
        return reinforce(job.model, optimizer, job.trials, step, config, precision, factor=factor)
    rows = job.batches.batch(step)
    if job.team:
        job.team.give(rows, step, factor)
    chosen: Any = {"factor": factor, "forward": forward, "team": job.team}
    measured = update(job.model, optimizer, rows, step, config, precision, **chosen)
    return Done(*measured, rows[0].numel())


def _compare(
    job: TrainingJob,
    optimizer: Optimizer,
    step: int,
    tokens_seen: int,
    data: ValidationSet,
    best: Best,
    *,
    saved: bool,
) -> Iterator[Event]:
    """Look at the model, and keep it if it is the best so far; if not, write the one that is.

    Only losses on the same text are compared, and only in pre-training: what is held out of a
    task measures the model and must not choose it. `saved` says that this step has a checkpoint.
    """
    comparable = job.config.kind == "pretrain" and data.num_tokens == job.validation.num_tokens
    for event in look(job, step, tokens_seen, data):
        yield event
        if comparable and isinstance(event, EvalDone):
            if not best.beaten(step, event.loss):
                yield from _write_best(job, best)
            elif not saved:
                best.copy = _copy(job, optimizer, step, tokens_seen)


def _save(
    job: TrainingJob, optimizer: Optimizer, step: int, tokens_seen: int, best: Best
) -> Iterator[Event]:
    state = optimizer.state_dict() | _adapted_weights(job.model)
    return _write(job, Copy(step, tokens_seen, plain_weights(job.model), state), best)


def _write(job: TrainingJob, copy: Copy, best: Best) -> Iterator[Event]:
    yield CheckpointDue(copy.step)
    name = job.checkpoints.save(
        copy.step,
        copy.tokens_seen,
        job.config,
        job.model.config,
        copy.model,
        copy.optimizer,
        (best.step, best.loss),
        job.precision,
    )
    yield CheckpointSaved(copy.step, name)


def _copy(job: TrainingJob, optimizer: Optimizer, step: int, tokens_seen: int) -> Copy:
    return Copy(step, tokens_seen, copied(plain_weights(job.model)), copied(optimizer.state_dict()))


def _write_best(job: TrainingJob, best: Best) -> Iterator[Event]:
    """Write the copy of the model at its best validation, if that is not on the disk yet."""
    if (copy := best.taken()) is not None:
        yield from _write(job, copy, best)


def _restore(job: TrainingJob, optimizer: Optimizer, checkpoint: Checkpoint) -> tuple[int, int]:
    state = checkpoint.optimizer or {}
    try:
        if has_adapters(job.model):
            _copy_weights(job.model, {n: state[n] for n in _adapted_weights(job.model)})
        else:
            load_weights(job.model, checkpoint)
        optimizer.load_state_dict(state)
    except (KeyError, RuntimeError):
        raise CheckpointError(
            "The checkpoint does not fit the settings of this run, or an earlier tinylm wrote it: "
            "train the run anew."
        ) from None
    return checkpoint.step, checkpoint.tokens_seen


def _adapted_weights(model: GPT) -> dict[str, Tensor]:
    """All weights of a model with adapters, else nothing.

    Resuming needs them because a checkpoint's model weights have the adapters merged in.
    """
    return dict(model.named_parameters()) if has_adapters(model) else {}


def load_weights(model: GPT, checkpoint: Checkpoint) -> None:
    """Copy a checkpoint's weights into a plain `model`, in place.

    Raises CheckpointError if the names or shapes of the weights differ.
    """
    _copy_weights(model, checkpoint.model)


@torch.no_grad()
def _copy_weights(model: GPT, saved: dict[str, Tensor]) -> None:
    parameters = dict(model.named_parameters())
    shapes = {name: parameter.shape for name, parameter in parameters.items()}
    if shapes != {name: weights.shape for name, weights in saved.items()}:
        raise CheckpointError(
            "The checkpoint's weights do not fit the settings of this run: train the run anew."
        )
    for name, parameter in parameters.items():
        parameter.copy_(saved[name])


def _run_started(job: TrainingJob, step: int, threads: int) -> RunStarted:
    return RunStarted(
        step=step,
        num_steps=job.config.train.steps,
        tokens_per_step=job.config.tokens_per_step,
        num_parameters=job.model.num_parameters,
        vocab_size=job.model.config.vocab_size,
        train_tokens=job.train_tokens,
        val_tokens=job.validation.num_tokens,
        val_bytes=job.validation.num_bytes,
        threads=threads,
        precision=job.precision,
        device=job.device.type,
        num_trainable=num_trainable(job.model),
    )


class Speed:
    """Tokens per second, as a moving average over about the last `memory` updates."""

    def __init__(self, clock: Callable[[], float], memory: int = 20):
        self._clock, self._memory = clock, memory
        self._last = clock()
        self._seconds = self._tokens = 0.0

    def add(self, tokens: int) -> float:
        """Count `tokens` for the time since the last call, and return tokens per second."""
        now = self._clock()
        keep = 1 - 1 / self._memory
        self._seconds = self._seconds * keep + (now - self._last)
        self._tokens = self._tokens * keep + tokens
        self._last = now
        return self._tokens / self._seconds if self._seconds > 0 else 0.0

    def skip(self) -> None:
        """Do not count the time since the last call, which was not spent on training."""
        self._last = self._clock()
