"""One update: from a batch to new weights."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable

import torch
from torch import Tensor

from tinylm.config import TrainConfig
from tinylm.errors import TrainingDiverged
from tinylm.model.gpt import GPT
from tinylm.text.batches import IGNORE
from tinylm.training.optimizer import Optimizer, learning_rate_factor
from tinylm.training.team import Team

Forward = Callable[[Tensor, Tensor], Tensor]  # ids and targets (B, T) -> the mean loss


def update(
    model: GPT,
    optimizer: Optimizer,
    rows: tuple[Tensor, Tensor],
    step: int,
    config: TrainConfig,
    precision: str = "fp32",
    *,
    factor: float = 1.0,
    forward: Forward | None = None,
    team: Team | None = None,
) -> tuple[float, float, float]:
    """Learn from one batch (ids and targets, each (B, T)) as update number `step` (from 0).

    `factor` multiplies the learning rates of the schedule. With a `team`, all its processes call
    this with the same batch. `forward` computes the loss in the place of the model, whose weights
    it has. Returns the loss before the update in nats per token, AdamW's learning rate, and the
    norm of the gradient before clipping. Raises TrainingDiverged, without changing the weights, if
    the loss or the norm is not finite.
    """
    device = model.embedding.weight.device
    ids, targets = (t.to(device) for t in rows)
    loss = torch.zeros((), device=device)
    compute = model if forward is None else forward
    parts = shares(targets, config.micro_batch_size, team)
    for number, (part, share) in enumerate(parts, 1):
        # What is not to be shared must not be so from the forward pass on: DDP prepares it there.
        with team.alone(number < len(parts)) if team else contextlib.nullcontext():
            with autocast(device, precision):
                mean = compute(ids[part], targets[part])
            its = mean * share  # of the loss of the whole batch
            loss += its.detach()
            (its * team.size if team else its).backward()  # a team takes the mean of all
    if team:
        team.add_up(loss)
    lr, norm = descend(loss.item(), optimizer, step, config, precision, factor=factor)
    return loss.item(), lr, norm


def shares(targets: Tensor, at_once: int, team: Team | None) -> list[tuple[slice, float]]:
    """The rows of a batch that this process learns from, up to `at_once` together (0: all).

    With each part comes its share of all targets (B, T) of the batch that count. A process of a
    team for which there is no row takes the first one, with a share of nothing.
    """
    counted = (targets != IGNORE).sum(dim=1)
    total = max(1, int(counted.sum()))
    begin, end = team.rows(len(targets)) if team else (0, len(targets))
    if begin == end:
        return [(slice(0, 1), 0.0)]
    starts = range(begin, end, at_once or len(targets))
    parts = [slice(start, min(end, start + (at_once or len(targets)))) for start in starts]
    return [(part, int(counted[part].sum()) / total) for part in parts]


def descend(
    loss: float,
    optimizer: Optimizer,
    step: int,
    config: TrainConfig,
    precision: str = "fp32",
    *,
    factor: float = 1.0,
) -> tuple[float, float]:
    """Change the weights along the gradient of `loss`, as update number `step` (from 0).

    Returns AdamW's learning rate, and the norm of the gradient before clipping. Raises as `update`.
    """
    norm = optimizer.clip_gradient(config.grad_clip)
    if not (math.isfinite(loss) and math.isfinite(norm)):
        raise diverged(step + 1)
    factor *= learning_rate_factor(step, config)
    optimizer.step(factor, torch.bfloat16 if precision == "bf16" else torch.float32)
    optimizer.zero_grad()
    return config.learning_rate * factor, norm


def diverged(step: int) -> TrainingDiverged:
    return TrainingDiverged(
        f"The loss is no longer a number at step {step}: choose a smaller learning rate and "
        "train again, or resume from the last checkpoint."
    )


def autocast(device: torch.device, precision: str) -> contextlib.AbstractContextManager[None]:
    """A context that computes in bf16 if `precision` is "bf16". The weights stay fp32."""
    if precision == "bf16":
        return torch.autocast(device.type, dtype=torch.bfloat16)
    return contextlib.nullcontext()
