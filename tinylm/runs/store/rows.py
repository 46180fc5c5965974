"""What the store returns: frozen rows, and figures that follow from them."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from tinylm.config import RunConfig
from tinylm.errors import NotFound
from tinylm.presets import PRESETS

STALE_AFTER = 15.0  # seconds without a sign of life after which a run counts as interrupted
GONE_AFTER = 4.0  # the same if its worker ran on this computer and has ended

ACTIVE = ("queued", "running", "holding", "pausing", "stopping")  # pages refresh these
RESUMABLE = ("paused", "interrupted", "stopped", "failed")

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_RUN_ID = re.compile(r"[a-z0-9]{1,24}(-[a-z0-9]{1,24}){1,3}")


Command = Literal["run", "pause", "stop"]
Status = Literal[
    "queued",
    "running",
    "holding",
    "pausing",
    "paused",
    "stopping",
    "stopped",
    "done",
    "failed",
    "interrupted",
]


@dataclass(frozen=True)
class Wish:
    """What a run is asked to do."""

    command: Command = "run"
    hold_at: int | None = None  # with "run": train up to this step, then hold; None: no hold


@dataclass(frozen=True)
class RunRow:
    """One run as it is now. Times are seconds since 1970; losses are in nats per token."""

    id: str
    title: str
    owner: str
    kind: str  # pretrain | finetune
    status: Status
    config: RunConfig
    parent: str  # "" unless fine-tuned from another run
    created: float
    started: float | None  # when a worker first took it
    ended: float | None  # when it last came to rest
    heartbeat: float | None  # when its worker last gave a sign of life
    error: str  # one sentence if status is failed, else ""
    wish: Wish
    step: int  # optimizer updates done
    num_steps: int  # optimizer updates asked for
    tokens_seen: int
    tokens_per_sec: float  # smoothed; 0 before the first step
    seconds: float  # of work, in all periods together
    last_loss: float | None  # train/loss of the last step
    last_val: float | None  # val/loss of the last validation

    @property
    def active(self) -> bool:
        """Whether the run may still change without anybody asking."""
        return self.status in ACTIVE

    @property
    def resumable(self) -> bool:
        return self.status in RESUMABLE

    @property
    def corpus(self) -> str:
        return self.config.corpus

    @property
    def progress(self) -> float:
        """Share of the steps that are done, from 0 to 1."""
        return min(1.0, self.step / self.num_steps) if self.num_steps else 0.0


@dataclass(frozen=True)
class WorkerRow:
    """A worker process that was alive a moment ago. Times are seconds since 1970."""

    id: str
    queue: str  # long | short | both
    host: str
    pid: int
    started: float
    heartbeat: float


@dataclass(frozen=True)
class Claim:
    """A worker's right to one run; it ends when the run is given to another worker."""

    run_id: str
    token: str = field(repr=False)
    config: RunConfig
    taken: float  # when it was claimed, in seconds since 1970
    seconds_before: float  # of work before this claim


def remaining_seconds(run: RunRow) -> float | None:
    """Seconds left at the present speed: tokens left / tokens per second.

    None while the speed is unknown or the run does not train; 0.0 when all steps are done.
    """
    left = max(0, run.num_steps - run.step) * run.config.tokens_per_step
    if not left:
        return 0.0
    if run.status not in ("running", "pausing", "stopping") or run.tokens_per_sec <= 0:
        return None
    return left / run.tokens_per_sec


@lru_cache(maxsize=1024)
def read_config(text: str) -> RunConfig:
    """Read settings from their stored JSON. Raises BadRequest where they make no sense."""
    return RunConfig.from_dict(json.loads(text))


def new_run_id(config: RunConfig) -> str:
    """A new run id, short and readable in an address, e.g. `world-quick-k7f3q2`."""
    if config.kind == "finetune":
        words = [config.task, "base" if config.init == "base" else "scratch"]
    else:
        words = [config.corpus.partition("-")[0], config.preset or "custom"]
    slugs = [re.sub(r"[^a-z0-9]+", "", word.lower())[:24] or "run" for word in words]
    return "-".join([*slugs, "".join(secrets.choice(_ALPHABET) for _ in range(6))])


def check_run_id(run_id: object) -> str:
    """Return `run_id` if it has the form of an id, so that it cannot be a path; else NotFound."""
    if not isinstance(run_id, str) or not _RUN_ID.fullmatch(run_id):
        raise no_such_run(run_id)
    return run_id


def no_such_run(run_id: object) -> NotFound:
    """The error for a run that does not exist; it shows at most 40 characters of the id."""
    name = str(run_id)
    shown = name if len(name) <= 40 else name[:37] + "..."
    return NotFound(
        f"There is no run {shown!r}: it may have been deleted. Pick one on the Runs page."
    )


def clean_title(title: str, config: RunConfig) -> str:
    """The title in one line of at most 80 characters, made from the settings if it is empty."""
    kept = " ".join("".join(c if c.isprintable() else " " for c in title).split())[:80]
    if kept:
        return kept
    if config.kind == "finetune":
        start = "base" if config.init == "base" else "scratch"
        return f"{config.task}, {config.num_examples} examples, from {start}"[:80]
    preset = PRESETS.get(config.preset)
    length = preset.title.lower() if preset else f"{config.train.steps} steps"
    return f"{config.corpus}, {length}"[:80]
