"""One update: from a batch to new weights."""

from __future__ import annotations

import contextlib
import math

import torch
from torch import Tensor

from tinylm.config import TrainConfig
from tinylm.errors import TrainingDiverged
from tinylm.model.gpt import GPT
from tinylm.training.optimizer import Optimizer, learning_rate_factor


def update(
    model: GPT,
    optimizer: Optimizer,
    rows: tuple[Tensor, Tensor],
    step: int,
    config: TrainConfig,
    precision: str = "fp32",
    *,
    factor: float = 1.0,
) -> tuple[float, float, float]:
    """Learn from one batch (ids and targets, each (B, T)) as update number `step` (from 0).

    `factor` multiplies the learning rates of the schedule. Returns the loss before the update in
    nats per token, AdamW's learning rate, and the norm of the gradient before clipping. Raises
    TrainingDiverged, without changing the weights, if the loss or the norm is not finite.
    """
    device = model.embedding.weight.device
    ids, targets = (t.to(device) for t in rows)
    with autocast(device, precision):
        loss = model(ids, targets)
    lr, norm = descend(loss, optimizer, step, config, precision, factor=factor)
    return loss.item(), lr, norm


def descend(
    loss: Tensor,
    optimizer: Optimizer,
    step: int,
    config: TrainConfig,
    precision: str = "fp32",
    *,
    factor: float = 1.0,
) -> tuple[float, float]:
    """Change the weights so that `loss` falls, as update number `step` (from 0).

    Returns AdamW's learning rate, and the norm of the gradient before clipping. Raises as `update`.
    """
    loss.backward()  # type: ignore[no-untyped-call]
    norm = optimizer.clip_gradient(config.grad_clip)
    if not (math.isfinite(loss.item()) and math.isfinite(norm)):
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
