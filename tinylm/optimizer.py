"""Muon for the matrices of the blocks, AdamW for the rest, and the learning-rate schedule."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn
from torch.optim.adamw import adamw

from tinylm.config import TrainConfig

ADAM_BETAS = (0.9, 0.99)
ADAM_EPS = 1e-8
MOMENTUM = 0.9
# Of Polar Express (Amsel et al. 2025, https://arxiv.org/abs/2505.16932) the first, second and
# fourth polynomial: large singular values come out between 0.4 and 2.1, which trains as well as
# five iterations that bring them closer to 1, in 60 % of the time (docs/decisions.md).
POLAR_EXPRESS = (
    (8.156554524902461, -22.48329292557795, 15.878769915207462),
    (4.042929935166739, -2.808917465908714, 0.5000178451051316),
    (3.285753657755655, -2.3681294933425376, 0.46449024233003106),
)


def learning_rate_factor(step: int, config: TrainConfig) -> float:
    """Share of the peak learning rate for update number `step` (from 0).

    Rises linearly over the first `warmup` of the steps, falls linearly to zero over the
    last `cooldown` of them.
    """
    warmup, cooldown = config.warmup * config.steps, config.cooldown * config.steps
    rise = (step + 1) / (warmup + 1)
    fall = (config.steps - step) / (cooldown + 1)
    return min(1.0, rise, fall)


class Optimizer:
    """One update of all parameters from their gradients.

    Parameters of equal shape lie side by side in one tensor, and so do their gradients, so
    that an update is a few large operations instead of many small ones.
    """

    def __init__(self, model: nn.Module, config: TrainConfig):
        self.config = config
        matrices: dict[tuple[int, ...], list[nn.Parameter]] = {}
        others: list[nn.Parameter] = []
        for name, parameter in model.named_parameters():
            if not parameter.requires_grad:
                continue
            if parameter.dim() == 2 and name.startswith("blocks.") and config.muon_lr > 0:
                matrices.setdefault(tuple(parameter.shape), []).append(parameter)
            else:
                others.append(parameter)
        self.groups: list[_Group] = [_Muon(group) for group in matrices.values()]
        if others:
            self.groups.append(_AdamW(others))

    def zero_grad(self) -> None:
        for group in self.groups:
            group.gradient.zero_()

    def clip_gradient(self, largest: float) -> float:
        """Scale all gradients so that their joint norm is at most `largest` (0: leave them).

        Returns the norm before.
        """
        norms = [torch.linalg.vector_norm(g.gradient) for g in self.groups]
        norm = float(torch.linalg.vector_norm(torch.stack(norms)))
        if 0 < largest < norm < float("inf"):
            for group in self.groups:
                group.gradient.mul_(largest / norm)
        return norm

    def step(self, factor: float) -> None:
        """Update, with the learning rates at `factor` of their peaks."""
        for group in self.groups:
            lr = self.config.muon_lr if isinstance(group, _Muon) else self.config.learning_rate
            group.step(lr * factor, self.config.weight_decay)

    def state_dict(self) -> dict[str, Tensor]:
        return {
            f"{i}.{name}": value
            for i, group in enumerate(self.groups)
            for name, value in group.state.items()
        }

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Take over a state of `state_dict`; raises KeyError or RuntimeError if it does not fit."""
        for i, group in enumerate(self.groups):
            for name, value in group.state.items():
                value.copy_(state[f"{i}.{name}"])


class _Group(ABC):
    """Parameters that are updated together, flat in `value`, with their `gradient`."""

    value: Tensor
    gradient: Tensor
    state: dict[str, Tensor]

    def _gather(self, parameters: list[nn.Parameter]) -> None:
        self.value = torch.cat([p.detach().flatten() for p in parameters])
        self.gradient = torch.zeros_like(self.value)
        start = 0
        for p in parameters:
            stop = start + p.numel()
            p.data = self.value[start:stop].view(p.shape)
            p.grad = self.gradient[start:stop].view(p.shape)
            start = stop

    @abstractmethod
    def step(self, lr: float, weight_decay: float) -> None: ...


class _AdamW(_Group):
    """Loshchilov & Hutter 2017, https://arxiv.org/abs/1711.05101."""

    def __init__(self, parameters: list[nn.Parameter]):
        self._gather(parameters)
        self.state = {
            "first": torch.zeros_like(self.value),
            "second": torch.zeros_like(self.value),
            "updates": torch.zeros(1, device=self.value.device),
        }

    def step(self, lr: float, weight_decay: float) -> None:
        adamw(
            [self.value],
            [self.gradient],
            [self.state["first"]],
            [self.state["second"]],
            [],
            [self.state["updates"]],
            fused=True,  # one pass over the numbers instead of seven
            amsgrad=False,
            beta1=ADAM_BETAS[0],
            beta2=ADAM_BETAS[1],
            lr=lr,
            weight_decay=weight_decay,
            eps=ADAM_EPS,
            maximize=False,
        )


class _Muon(_Group):
    """Momentum, orthogonalised (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/)."""

    def __init__(self, parameters: list[nn.Parameter]):
        self._gather(parameters)
        self.shape = (len(parameters), *parameters[0].shape)
        self.state = {"momentum": torch.zeros_like(self.value)}

    def step(self, lr: float, weight_decay: float) -> None:
        momentum = self.state["momentum"]
        momentum.lerp_(self.gradient, 1 - MOMENTUM)
        direction = self.gradient.lerp(momentum, MOMENTUM)  # Nesterov
        update = orthogonalise(direction.view(self.shape)).flatten()
        rows, columns = self.shape[1:]
        if weight_decay:
            self.value.mul_(1 - lr * weight_decay)
        self.value.add_(update, alpha=-lr * max(1.0, rows / columns) ** 0.5)


def orthogonalise(matrices: Tensor) -> Tensor:
    """The nearest (semi-)orthogonal matrix to each of `matrices` (N, rows, columns), nearly.

    Newton-Schulz iteration with the coefficients of Polar Express. Each iteration multiplies X
    by a polynomial of X X^T; where X is much wider than tall, only the small square matrices
    are iterated, and X is multiplied once, at the end (docs/decisions.md).
    """
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.transpose(1, 2) if tall else matrices
    x = x / (torch.linalg.matrix_norm(x, keepdim=True) * 1.01 + 1e-7)
    x = _polar_by_gram(x) if x.shape[2] >= 2 * x.shape[1] else _polar(x)
    return x.transpose(1, 2) if tall else x


def _polar(x: Tensor) -> Tensor:
    for a, b, c in POLAR_EXPRESS:
        gram = x @ x.transpose(1, 2)
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x


def _polar_by_gram(x: Tensor) -> Tensor:
    """The same with 4 products of squares an iteration instead of 1 and 2 that are as wide as x."""
    unit = torch.eye(x.shape[1], dtype=x.dtype, device=x.device)
    gram = x @ x.transpose(1, 2)
    factor = total = unit.expand_as(gram)
    for number, (a, b, c) in enumerate(POLAR_EXPRESS):
        if number:  # all of these are polynomials of the first gram: their order is free
            gram = factor @ gram @ factor
        factor = torch.baddbmm(gram, gram, gram, beta=b, alpha=c).add_(unit, alpha=a)
        total = total @ factor if number else factor
    return total @ x
