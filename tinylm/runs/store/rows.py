"""What the store returns: frozen rows, and figures that follow from them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from tinylm.codec import decode
from tinylm.config import ELSEWHERE, RunConfig
from tinylm.errors import BadRequest, NotFound
from tinylm.home import ID_LETTERS, without_names
from tinylm.home import shown_id as shown_id  # where pages look for it
from tinylm.presets import find_preset

ACTIVE = ("queued", "running", "holding", "pausing", "stopping")  # pages refresh these
RESUMABLE = ("paused", "interrupted", "stopped", "failed")

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_RUN_ID = re.compile(r"[a-z0-9]{1,24}(-[a-z0-9]{1,24}){1,3}")

Number = Annotated[int, Meta(ge=0)]
Seconds = Annotated[float, Meta(ge=0, le=1e10)]
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
    kind: Literal["pretrain", "finetune", "elsewhere"]
    status: Status
    config: RunConfig
    parent: str  # "" unless fine-tuned from another run
    created: Seconds
    started: Seconds | None  # when a worker first took it
    ended: Seconds | None  # when it last came to rest
    beats: Number  # signs of life that its workers gave
    error: str  # one sentence if status is failed, else ""
    wish: Wish
    step: Number  # optimizer updates done
    num_steps: Number  # optimizer updates asked for
    tokens_seen: Number
    tokens_per_sec: Annotated[float, Meta(ge=0)]  # smoothed; 0 before the first step
    seconds: Seconds  # of work, in all periods together
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
    """A worker process that was alive a moment ago."""

    id: str
    queue: str  # long | short | both
    host: str
    pid: int
    started: Seconds  # since 1970
    beats: Number  # signs of life that it gave
    version: str = ""  # of its program


@dataclass(frozen=True)
class Claim:
    """A worker's right to one run; it ends when the run is given to another worker."""

    run_id: str
    token: str = field(repr=False)
    config: RunConfig
    taken: float  # when it was claimed, by the store's `ticks`
    seconds_before: float  # of work before this claim
    turn: int = 0  # in which its owner was served before, if a turn was taken


_NOTHING = RunRow(
    *("", "", "", "pretrain", "failed", RunConfig(), "", 0.0, None, None, 0, "", Wish()),
    *(0, 0, 0, 0.0, 0.0, None, None),
)


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
    try:
        data = decode(text, dict[str, Any])
    except BadRequest:
        raise BadRequest("The settings of this run are damaged: delete it, start anew.") from None
    return RunConfig.from_dict(data)


def read_wish(command: object, hold_at: object) -> Wish:
    """A wish from its two columns; if they are damaged, to go on."""
    try:
        return msgspec.convert({"command": command, "hold_at": hold_at}, Wish)
    except msgspec.ValidationError:
        return Wish()


def read_run(stored: Mapping[str, Any]) -> RunRow:
    """A run from its row in the table. Of a damaged one little is left, and it has failed."""
    wish = {"command": stored["wish"], "hold_at": stored["hold_at"]}
    plain = {str(name): value for name, value in stored.items()}
    try:
        row = msgspec.convert(plain | {"wish": wish, "config": {}}, RunRow)
    except msgspec.ValidationError as problem:
        what = f"What is stored of this run is damaged ({problem}): delete it, start anew."
        return replace(_NOTHING, id=str(stored["id"]), title=str(stored["title"]), error=what)
    try:
        return replace(row, config=read_config(stored["config"]))
    except BadRequest as problem:
        return replace(row, status="failed", error=str(problem))


def new_run_id(config: RunConfig) -> str:
    """A new run id, readable in an address and not to be guessed.

    For example `world-quick-k7f3q2mxa5bnrwte`. Whoever knows it may read the run.
    """
    if config.kind == ELSEWHERE:
        words = [ELSEWHERE]
    elif config.kind == "finetune":
        words = [without_names(config.task), "base" if config.init == "base" else "scratch"]
    else:
        words = [config.corpus.partition("-")[0], config.preset or "custom"]
    slugs = [re.sub(r"[^a-z0-9]+", "", word.lower())[:24] or "run" for word in words]
    return "-".join([*slugs, "".join(secrets.choice(_ALPHABET) for _ in range(ID_LETTERS))])


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
    if config.kind == ELSEWHERE:
        return "A model made elsewhere"
    if config.kind == "finetune":
        start = "base" if config.init == "base" else "scratch"
        task = without_names(config.task)
        return f"{task}, {config.num_examples} examples, from {start}"[:80]
    preset = find_preset(config.preset)
    length = preset.title.lower() if preset else f"{config.train.steps} steps"
    return f"{without_names(config.corpus)}, {length}"[:80]
