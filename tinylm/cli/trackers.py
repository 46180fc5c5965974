"""`--log-to`: hands the figures of a run to a program that draws curves, while it trains."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, TextIO

import click

from tinylm.cli.options import F
from tinylm.errors import BadRequest, TinylmError
from tinylm.events import EvalDone, Event, Rewarded, StepDone
from tinylm.export.tensorboard import EventFile

PROJECTS = ("trackio", "wandb")  # packages that are asked to log where somebody has them
KINDS = ("tensorboard:FOLDER", *(f"{one}:PROJECT" for one in PROJECTS))


def log_to_option(command: F) -> F:
    """Add the option --log-to to a command that trains."""
    return click.option(
        "--log-to",
        metavar="WHERE",
        type=tracker,
        help=f"Also show the curve elsewhere, while it trains: {', '.join(KINDS)}.",
    )(command)


class Tracker(Protocol):
    """What receives the figures of a run."""

    def log(self, step: int, figures: dict[str, float]) -> None: ...

    def close(self) -> None: ...


MakeTracker = Callable[[], Tracker]


class _TensorBoard:
    def __init__(self, folder: str) -> None:
        self._events = EventFile(Path(folder))

    def log(self, step: int, figures: dict[str, float]) -> None:
        self._events.add(step, figures, time.time())

    def close(self) -> None:
        self._events.close()


class _Project:
    """A project of Trackio or of W&B, which are called in the same way."""

    def __init__(self, package: str, project: str) -> None:
        try:
            self._module: Any = import_module(package)
        except ImportError:
            raise BadRequest(
                f"--log-to {package} needs the package {package}: pip install {package}, or leave "
                "--log-to out."
            ) from None
        self._module.init(project=project)

    def log(self, step: int, figures: dict[str, float]) -> None:
        self._module.log(figures, step=step)

    def close(self) -> None:
        self._module.finish()


def tracker(where: str) -> MakeTracker:
    """The type of `--log-to`: what makes the tracker that was named. Raises BadRequest."""
    kind, colon, name = where.partition(":")
    if not (colon and name) or kind not in ("tensorboard", *PROJECTS):
        raise BadRequest(f"--log-to takes one of {', '.join(KINDS)}; got {where!r:.40}.")
    if kind == "tensorboard":
        return lambda: _TensorBoard(name)
    return lambda: _Project(kind, name)


def figures_of(event: Event) -> dict[str, float]:
    """The figures of an event by their names; none for an event that measures nothing."""
    match event:
        case StepDone():
            return {
                "train/loss": event.loss,
                "lr": event.lr,
                "grad_norm": event.grad_norm,
                "tokens_per_sec": event.tokens_per_sec,
            }
        case EvalDone():
            return {
                "val/loss": event.loss,
                "val/perplexity": event.perplexity,
                "val/bits_per_byte": event.bits_per_byte,
            }
        case Rewarded():
            return {"train/reward": event.reward}
    return {}


def _begun(make: MakeTracker) -> Tracker:
    """The tracker, before anything is trained. Raises BadRequest where it does not begin."""
    try:
        with _words_aside():
            return make()
    except TinylmError:
        raise
    except Exception as error:  # of another program: whatever it may be
        said = str(error).partition("\n")[0][:200] or type(error).__name__
        raise BadRequest(
            f"--log-to cannot begin ({said}): mend that, or leave --log-to out."
        ) from None


def _words_aside() -> redirect_stdout[TextIO]:
    """Send what another program says to standard error: with --json, the output is JSON alone."""
    return redirect_stdout(sys.stderr)


class Logging:
    """Hands events to a tracker. Where it fails, the run goes on, and one line says why."""

    def __init__(self, make: MakeTracker | None) -> None:
        self._tracker = _begun(make) if make else None

    def show(self, event: Event) -> None:
        """Hand the figures of an event on."""
        if figures := figures_of(event):
            self._try(lambda tracker: tracker.log(event.step, figures))

    def __enter__(self) -> Logging:
        return self

    def __exit__(self, *_: object) -> None:
        self._try(lambda tracker: tracker.close())

    def _try(self, action: Callable[[Tracker], None]) -> None:
        if self._tracker is None:
            return
        try:
            with _words_aside():
                action(self._tracker)
        except Exception as error:  # of another program: whatever it may be, the run goes on
            self._tracker = None
            print(f"tinylm: --log-to failed ({error}): the run goes on.", file=sys.stderr)
