"""What `train()` yields: frozen records of what happened, in the order in which it happened.

Metric names are the project's: `train/loss`, `val/loss`, `val/perplexity`, `val/bits_per_byte`,
`lr`, `grad_norm`, `tokens_per_sec`, `tokens_seen`. Losses are nats per token.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar

from tinylm.errors import BadRequest


@dataclass(frozen=True)
class Event:
    """Base of all events; `step` counts optimizer updates done so far."""

    type: ClassVar[str] = "event"
    step: int

    def to_dict(self) -> dict[str, Any]:
        """The event as plain data, with its type, ready for JSON."""
        return {"type": self.type} | asdict(self)


@dataclass(frozen=True)
class Preparing(Event):
    """What is being done before the first update, in words for a person."""

    type: ClassVar[str] = "preparing"
    stage: str


@dataclass(frozen=True)
class RunStarted(Event):
    """Training begins or continues; `step` is 0, or the step it resumes from."""

    type: ClassVar[str] = "run_started"
    num_steps: int
    tokens_per_step: int
    num_parameters: int
    vocab_size: int
    train_tokens: int  # distinct tokens in the training split
    val_tokens: int
    val_bytes: int
    threads: int
    precision: str  # "fp32" | "bf16"
    device: str
    num_trainable: int = 0  # of num_parameters, those that learn; 0: a story from before LoRA


@dataclass(frozen=True)
class StepDone(Event):
    """One optimizer update."""

    type: ClassVar[str] = "step"
    tokens_seen: int
    loss: float  # train/loss, nats per token of this batch
    lr: float
    grad_norm: float
    tokens_per_sec: float  # smoothed


@dataclass(frozen=True)
class EvalDone(Event):
    """The model was measured on the validation split."""

    type: ClassVar[str] = "eval"
    tokens_seen: int
    loss: float  # val/loss, nats per token
    perplexity: float
    bits_per_byte: float
    num_tokens: int  # how many tokens were scored


@dataclass(frozen=True)
class Sampled(Event):
    """A text continued by the model as it is now."""

    type: ClassVar[str] = "sample"
    prompt: str
    text: str  # the continuation only
    seed: int
    temperature: float


@dataclass(frozen=True)
class NextTokenOdds(Event):
    """The most probable next tokens after a fixed sentence, most probable first."""

    type: ClassVar[str] = "odds"
    prompt: str
    tokens: tuple[str, ...]
    probabilities: tuple[float, ...]


@dataclass(frozen=True)
class Probed(Event):
    """Of minimal pairs, in how many the model found the acceptable sentence likelier."""

    type: ClassVar[str] = "probe"
    name: str  # grammar | meaning | facts
    correct: int
    num_items: int


@dataclass(frozen=True)
class CheckpointSaved(Event):
    """The model, and what is needed to continue exactly, are on disk."""

    type: ClassVar[str] = "checkpoint"
    name: str  # folder name, e.g. "step-000500"


@dataclass(frozen=True)
class ThreadsChanged(Event):
    """The run goes on with another number of threads: the curve is exact only up to here."""

    type: ClassVar[str] = "threads"
    threads: int


@dataclass(frozen=True)
class LearningRateChanged(Event):
    """From here on the schedule's learning rates are multiplied by another factor."""

    type: ClassVar[str] = "lr_factor"
    factor: float


@dataclass(frozen=True)
class RunEnded(Event):
    """Training is over for now: done | paused | stopped | interrupted."""

    type: ClassVar[str] = "run_ended"
    reason: str
    seconds: float  # of training in this sitting


_TYPES: dict[str, type[Event]] = {
    cls.type: cls
    for cls in (
        Preparing,
        RunStarted,
        StepDone,
        EvalDone,
        Sampled,
        NextTokenOdds,
        Probed,
        CheckpointSaved,
        ThreadsChanged,
        LearningRateChanged,
        RunEnded,
    )
}


def event_from_dict(data: dict[str, Any]) -> Event:
    """Rebuild an event from `Event.to_dict()`: lists become tuples, unknown keys are dropped."""
    try:
        cls = _TYPES[data["type"]]
    except KeyError:
        raise BadRequest(f"Unknown kind of event: {data.get('type')!r}.") from None
    known = {f.name for f in fields(cls)}
    values: dict[str, Any] = {
        k: tuple(v) if isinstance(v, list) else v for k, v in data.items() if k in known
    }
    return cls(**values)
