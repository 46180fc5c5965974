"""What `train()` yields: frozen records of what happened, in the order in which it happened.

Metric names are the project's: `train/loss`, `val/loss`, `val/perplexity`, `val/bits_per_byte`,
`lr`, `grad_norm`, `tokens_per_sec`, `tokens_seen`. Losses are nats per token.
"""

from __future__ import annotations

from functools import reduce
from operator import or_

import msgspec

from tinylm.codec import decode


class Event(msgspec.Struct, frozen=True, tag_field="type"):
    """Base of all events; `step` counts optimizer updates done so far."""

    step: int

    @property
    def type(self) -> str:
        """The name under which this kind of event is stored."""
        return event_type(type(self))


class Preparing(Event, frozen=True, tag="preparing"):
    """What is being done before the first update, in words for a person."""

    stage: str


class RunStarted(Event, frozen=True, tag="run_started"):
    """Training begins or continues; `step` is 0, or the step it resumes from."""

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
    num_trainable: int = 0  # of num_parameters, those that learn; 0: stored before LoRA was there


class StepDone(Event, frozen=True, tag="step"):
    """One optimizer update."""

    tokens_seen: int
    loss: float  # train/loss, nats per token of this batch
    lr: float
    grad_norm: float
    tokens_per_sec: float  # smoothed


class EvalDone(Event, frozen=True, tag="eval"):
    """The model was measured on the validation split."""

    tokens_seen: int
    loss: float  # val/loss, nats per token
    perplexity: float
    bits_per_byte: float
    num_tokens: int  # how many tokens were scored


class Sampled(Event, frozen=True, tag="sample"):
    """A text continued by the model as it is now."""

    prompt: str
    text: str  # the continuation only
    seed: int
    temperature: float


class NextTokenOdds(Event, frozen=True, tag="odds"):
    """The most probable next tokens after a fixed sentence, most probable first."""

    prompt: str
    tokens: tuple[str, ...]
    probabilities: tuple[float, ...]


class Probed(Event, frozen=True, tag="probe"):
    """Of minimal pairs, in how many the model found the acceptable sentence likelier."""

    name: str  # grammar | meaning | facts
    correct: int
    num_items: int


class CheckpointSaved(Event, frozen=True, tag="checkpoint"):
    """The model, and what is needed to continue exactly, are on disk."""

    name: str  # folder name, e.g. "step-000500"


class ThreadsChanged(Event, frozen=True, tag="threads"):
    """The run goes on with another number of threads: the curve is exact only up to here."""

    threads: int


class LearningRateChanged(Event, frozen=True, tag="lr_factor"):
    """From here on the schedule's learning rates are multiplied by another factor."""

    factor: float


class RunEnded(Event, frozen=True, tag="run_ended"):
    """Training is over for now: done | paused | stopped | interrupted."""

    reason: str
    seconds: float  # of training in this sitting


EVENTS: tuple[type[Event], ...] = tuple(Event.__subclasses__())
_ANY: type[Event] = reduce(or_, EVENTS)


def event_type(kind: type[Event]) -> str:
    """The name under which events of this kind are stored."""
    return str(kind.__struct_config__.tag)


def read_event(text: str) -> Event:
    """The event that was stored. Raises BadRequest where it is none of these."""
    return decode(text, _ANY)


class CurvePoint(msgspec.Struct, frozen=True):
    """Means over the updates up to `step` that no earlier point has counted.

    A figure is NaN where none of these updates had a finite one.
    """

    step: int
    tokens_seen: int
    loss: float  # train/loss, nats per token
    lr: float
    grad_norm: float
    tokens_per_sec: float
