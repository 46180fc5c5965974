"""The events that `train()` yields: frozen records of what happened, in that order.

The names of metrics are the same in the whole project: `train/loss`, `val/loss`,
`val/perplexity`, `val/bits_per_byte`, `train/reward`, `lr`, `grad_norm`, `tokens_per_sec`,
`tokens_seen`. Losses are in nats per token.
"""

from __future__ import annotations

from functools import reduce
from operator import or_

import msgspec

from tinylm.codec import decode


class Event(msgspec.Struct, frozen=True, tag_field="type"):
    """Base class of all events; `step` counts the optimizer updates done so far."""

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
    train_tokens: int  # length of the training split, which training may read several times
    val_tokens: int
    val_bytes: int
    threads: int
    precision: str  # "fp32" | "bf16"
    device: str
    num_trainable: int = 0  # how many parameters learn; 0: stored by a version without LoRA


class StepDone(Event, frozen=True, tag="step"):
    """One optimizer update."""

    tokens_seen: int
    loss: float  # train/loss, nats per token of this batch
    lr: float
    grad_norm: float
    tokens_per_sec: float  # smoothed


class Rewarded(Event, frozen=True, tag="reward"):
    """An update that learned from rewards; the `loss` of its StepDone is explained in `Done`."""

    reward: float  # mean reward of the answers that the model tried, from 0 to 1


class EvalDone(Event, frozen=True, tag="eval"):
    """The model was measured on the validation split."""

    tokens_seen: int
    loss: float  # val/loss, nats per token
    perplexity: float
    bits_per_byte: float
    num_tokens: int  # how many tokens were scored


class Sampled(Event, frozen=True, tag="sample"):
    """A continuation that the model wrote at this step."""

    prompt: str
    text: str  # the continuation only
    seed: int
    temperature: float


class NextTokenOdds(Event, frozen=True, tag="odds"):
    """The most probable next tokens after a fixed sentence, the most probable one first."""

    prompt: str
    tokens: tuple[str, ...]
    probabilities: tuple[float, ...]


class NextWordOdds(Event, frozen=True, tag="words"):
    """The most probable whole next words after that sentence, the most probable one first.

    Runs of versions that knew pieces of words only have none.
    """

    prompt: str
    words: tuple[str, ...]
    probabilities: tuple[float, ...]
    rest: float  # the probability of all other words together


class Probed(Event, frozen=True, tag="probe"):
    """In how many minimal pairs the model gave the acceptable sentence the higher probability."""

    name: str  # grammar | meaning | facts
    correct: int
    num_items: int


class CheckpointDue(Event, frozen=True, tag="checkpoint_due"):
    """A checkpoint is about to be written, and is to continue from what was yielded before.

    A program that stores events stores all earlier ones now, so that they outlive a loss of power,
    before it asks for the next event. This one is not stored.
    """


class CheckpointSaved(Event, frozen=True, tag="checkpoint"):
    """The model was saved to disk, together with all that is needed to continue exactly."""

    name: str  # folder name, e.g. "step-000500"


class ThreadsChanged(Event, frozen=True, tag="threads"):
    """The run goes on with another number of threads.

    A second run with the same settings gives exactly the same curve only up to this step.
    """

    threads: int


class LearningRateChanged(Event, frozen=True, tag="lr_factor"):
    """From here on the schedule's learning rates are multiplied by another factor."""

    factor: float


class RunEnded(Event, frozen=True, tag="run_ended"):
    """Training has ended for now.

    `reason` is done | turned | paused | stopped | interrupted; "turned" means that it ended early,
    because the validation loss had not been better for long.
    """

    reason: str
    seconds: float  # of training since it last began or continued


EVENTS: tuple[type[Event], ...] = tuple(Event.__subclasses__())
_ANY: type[Event] = reduce(or_, EVENTS)


def event_type(kind: type[Event]) -> str:
    """The name under which events of this kind are stored."""
    return str(kind.__struct_config__.tag)


def read_event(text: str) -> Event:
    """Read an event from its stored JSON. Raises BadRequest where it is of no known kind."""
    return decode(text, _ANY)


class CurvePoint(msgspec.Struct, frozen=True):
    """One point of a curve: means over the updates after the previous point, up to `step`.

    `tokens_seen` is no mean but the number at `step`. A mean is NaN where none of these updates
    has a finite value.
    """

    step: int
    tokens_seen: int
    loss: float  # train/loss, nats per token
    lr: float
    grad_norm: float
    tokens_per_sec: float
    missing: int = 0  # how many of these updates are not stored, so that the means leave them out
