"""Shows a run in the terminal: in words on standard error, or as JSON lines."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

from msgspec import to_builtins

from tinylm.cli import streams
from tinylm.codec import encode
from tinylm.errors import BadRequest, PeerLost
from tinylm.evaluation.metrics import METRICS
from tinylm.events import (
    EvalDone,
    Event,
    Preparing,
    Rewarded,
    RunEnded,
    RunStarted,
    Sampled,
    StepDone,
)
from tinylm.questions.base import A, Question
from tinylm.questions.models import Measurement
from tinylm.runs.service import Service
from tinylm.runs.store.rows import RunRow
from tinylm.torchrun import place


def program() -> str:
    """How this program is called: by the command of the package, or as a module."""
    name = Path(sys.argv[0]).stem
    return name if name == "tinylm" else "python -m tinylm"


def saved_step(service: Service, run: RunRow, wanted: int) -> int:
    """The step of a saved checkpoint; 0 is the untrained model, and -1 means the best one.

    Raises BadRequest where there is no such checkpoint.
    """
    steps = service.checkpoints(run.id)
    if not steps:
        raise BadRequest(f"The run {run.id!r} has no checkpoint yet: let it train first.")
    if wanted >= 0 and wanted not in (0, *steps):
        known = ", ".join(str(step) for step in (0, *steps))
        raise BadRequest(f"Step {wanted} was not saved; there are {known}.")
    return wanted if wanted >= 0 else service.best_step(run.id) or steps[-1]


def no_tasks(corpus: str) -> str:
    """What to do where a text brings no tasks and none was named."""
    return (
        f"The corpus {corpus!r} brings no tasks: make one with `tasks add FILE`, and name it with "
        "--task; `tasks` lists those that are here."
    )


def answer_here(service: Service, question: Question[A]) -> A:
    """The answer to a question, computed in this process."""
    from tinylm.answers.engine import answer, default_threads

    return answer(question, service.home, threads=default_threads())


def figures(row: Measurement) -> dict[str, Any]:
    """A measurement as plain data, without its items; each metric stands under its own name."""
    found: dict[str, Any] = to_builtins(row)
    for name in ("right", "items", "metrics", "examples"):
        del found[name]
    read = row.examples
    found |= {"examples_read": read.mean, "examples_least": read.least}
    found |= {"examples_most": read.most, "examples_complete": read.complete}
    for name, figure in row.metrics.items():
        found[name] = figure.value
        if figure.low is not None:
            found |= {f"{name}_low": figure.low, f"{name}_high": figure.high}
    if row.ranked:
        found["ranked_accuracy"] = row.ranked.accuracy
    return found


def other_metrics(row: Measurement) -> str:
    """The metrics of a task beside accuracy, as text for the middle of a line."""
    found = ((METRICS[name], one) for name, one in row.metrics.items() if name != "accuracy")
    return "".join(f"{m.title} {m.number(one.value / m.scale, 1)}   " for m, one in found)


class Work(Protocol):
    """Carries out a run in this process: Service.run_here or Service.resume_here."""

    def __call__(
        self, *, on_event: Callable[[Event], None], interrupted: Callable[[], bool]
    ) -> RunRow: ...


def carry_out_run(
    service: Service,
    work: Work,
    as_json: bool,
    also: Callable[[Event], None] = lambda event: None,
) -> int:
    """Carry out a run, print its events, and hand them to `also`; returns the exit status.

    Where nobody reads them any more, the run goes on without.
    """
    interrupted = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        if interrupted.is_set():  # at the second Ctrl+C, end at once
            raise KeyboardInterrupt
        interrupted.set()
        print("\nSaving a checkpoint and ending; press Ctrl+C again to quit now.", file=sys.stderr)

    # torchrun sends the second one where one of its processes has ended.
    ended_by = (signal.SIGINT, signal.SIGTERM) if place().size > 1 else (signal.SIGINT,)
    before = {one: signal.signal(one, stop) for one in ended_by}
    shown = print_json if as_json else Progress().show

    def show(event: Event) -> None:
        try:
            shown(event)
        except OSError:
            streams.give_up(sys.stdout if as_json else sys.stderr)
        also(event)

    try:
        row = work(on_event=show, interrupted=interrupted.is_set)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    if as_json:
        print_json(_result(service, row))
    elif row.status == "done":
        print(f"Run {row.id} is done. Try: {program()} generate {row.id} --prompt ...")
    if row.status in ("done", "stopped", "paused"):
        return 0
    said = row.error or f"The run {row.id} was {row.status}."
    print(f"tinylm: {said} To go on: {program()} resume {row.id}", file=sys.stderr)
    return 1


def take_part() -> int:
    """Help the run that the first process of torchrun leads, which says what there is to say.

    Returns the exit status.
    """
    from tinylm.answers.engine import take_part as help_it

    def heed(handler: signal.Handlers) -> None:
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, handler)

    heed(signal.SIG_DFL)
    with suppress(PeerLost):
        # Once it trains, the leader saves a checkpoint at such a signal and ends, and we with it.
        help_it(begins=lambda: heed(signal.SIG_IGN))
    return 0


def _result(service: Service, row: RunRow) -> dict[str, object]:
    last = service.latest(row.id, EvalDone)
    return {
        "type": "result",
        "run": row.id,
        "status": row.status,
        "error": row.error,
        "steps": row.step,
        "tokens_seen": row.tokens_seen,
        "seconds": row.seconds,
        "train/loss": row.last_loss,
        "val/loss": last and last.loss,
        "val/perplexity": last and last.perplexity,
        "val/bits_per_byte": last and last.bits_per_byte,
        "config": row.config.to_dict(),
    }


REWARDS_TOLD = 10  # updates between two lines about rewards


class Progress:
    """Prints the progress of a run, in words, on standard error."""

    def __init__(self) -> None:
        self._num_steps = 0
        self._rewards: list[float] = []

    def show(self, event: Event) -> None:
        """Print one line about an event, if it is of interest to a person."""
        line = self._line(event)
        if line:
            print(line, file=sys.stderr, flush=True)

    def _line(self, event: Event) -> str:
        match event:
            case Preparing(stage=stage):
                return f"{stage} ..."
            case RunStarted():
                self._num_steps = event.num_steps
                some = 0 < event.num_trainable < event.num_parameters
                learn = f" ({event.num_trainable:,} of them learn)" if some else ""
                return (
                    f"{event.num_parameters:,} parameters{learn}, "
                    f"{event.train_tokens:,} training tokens, "
                    f"{event.threads} threads, {event.precision}"
                )
            case Rewarded(step=step, reward=reward):
                self._rewards.append(reward)
                if step % REWARDS_TOLD:
                    return ""
                newest = self._rewards[-REWARDS_TOLD:]
                return (
                    f"step {step:>6,} of {self._num_steps:,}   train/reward "
                    f"{sum(newest) / len(newest):.3f}, mean of {len(newest)} updates"
                )
            case StepDone(step=step) if step % 50 == 0 and not self._rewards:
                return (
                    f"step {step:>6,} of {self._num_steps:,}   train/loss {event.loss:.3f}   "
                    f"{event.tokens_per_sec:,.0f} tokens/s"
                )
            case EvalDone():
                return (
                    f"step {event.step:>6,}   val/loss {event.loss:.3f} nats per token   "
                    f"perplexity {event.perplexity:.1f}   {event.bits_per_byte:.3f} bits per byte"
                )
            case Sampled():
                return f"    {event.prompt}|{' '.join(event.text.split())}"
            case RunEnded(reason="turned"):
                return (
                    f"ended early after {event.seconds:.1f} s: on held-out text the loss had not "
                    "got better for long"
                )
            case RunEnded():
                return f"{event.reason} after {event.seconds:.1f} s"
        return ""


def print_json(data: object) -> None:
    """Print one object as JSON on one line of standard output, in ASCII, which any reader takes."""
    print(json.dumps(json.loads(encode(data))), flush=True)
