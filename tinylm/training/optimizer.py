"""Muon for the matrices of the blocks, AdamW for the rest, and the learning-rate schedule."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.optim.adamw import adamw

from tinylm.config import TrainConfig
from tinylm.speed import fastest

ADAM_BETAS = (0.9, 0.99)
ADAM_EPS = 1e-8
MOMENTUM = 0.9
# The first, second and fourth polynomial of Polar Express (Amsel et al. 2025,
# https://arxiv.org/abs/2505.16932). Large singular values end up between 0.4 and 2.1. Training is
# as good as with five iterations, which bring them closer to 1, and these three take 60 % of the
# time (docs/decisions/optimizer.md).
POLAR_EXPRESS = (
    (8.156554524902461, -22.48329292557795, 15.878769915207462),
    (4.042929935166739, -2.808917465908714, 0.5000178451051316),
    (3.285753657755655, -2.3681294933425376, 0.46449024233003106),
)


def learning_rate_factor(step: int, config: TrainConfig) -> float:
    """The share of the peak learning rate, from 0 to 1, for update number `step` (from 0).

    It rises linearly during the first steps and falls linearly towards zero during the last ones;
    `config.warmup` and `config.cooldown` are these parts as shares of all steps.
    """
    warmup, cooldown = config.warmup * config.steps, config.cooldown * config.steps
    rise = (step + 1) / (warmup + 1)
    fall = (config.steps - step) / (cooldown + 1)
    return min(1.0, rise, fall)


class Optimizer:
    """Updates all trainable parameters of a model from their gradients.

    Matrices whose shapes are equal, or equal after transposing, lie side by side in one tensor, so
    that an update is a few large operations instead of many small ones.
    """

    def __init__(self, model: nn.Module, config: TrainConfig):
        self.config = config
        matrices: dict[frozenset[int], list[nn.Parameter]] = {}
        others: list[nn.Parameter] = []
        for name, parameter in model.named_parameters():
            if not parameter.requires_grad:
                continue
            if parameter.dim() == 2 and name.startswith("blocks.") and config.muon_lr > 0:
                matrices.setdefault(frozenset(parameter.shape), []).append(parameter)
            else:
                others.append(parameter)
        self.groups: list[_Group] = [_Muon(group) for group in matrices.values()]
        if others:
            self.groups.append(_AdamW(others))

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for group in self.groups:
            for parameter in group.parameters:
                parameter.grad = None

    def clip_gradient(self, largest: float) -> float:
        """Scale all gradients so that their joint norm is at most `largest` (0 changes nothing).

        Returns the norm before scaling.
        """
        gradients = [gradient for group in self.groups for gradient in group.gradients()]
        norm = fastest(joint_norm)(gradients)
        if 0 < largest < norm < float("inf"):
            torch._foreach_mul_(gradients, largest / norm)
        return norm

    def step(self, factor: float, kind: torch.dtype = torch.float32) -> None:
        """Update the parameters, with learning rates of `factor` times their peaks.

        Muon's matrix products are computed in the precision `kind`.
        """
        for group in self.groups:
            lr = self.config.muon_lr if isinstance(group, _Muon) else self.config.learning_rate
            group.step(lr * factor, self.config.weight_decay, kind)

    def state_dict(self) -> dict[str, Tensor]:
        return {
            f"{i}.{name}": value
            for i, group in enumerate(self.groups)
            for name, value in group.state.items()
        }

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Restore a state from `state_dict`. Raises KeyError or RuntimeError if it does not fit."""
        for i, group in enumerate(self.groups):
            for name, value in group.state.items():
                value.copy_(state[f"{i}.{name}"])


class _Group(ABC):
    """Parameters that are updated together. Their numbers lie one after another in `value`."""

    state: dict[str, Tensor]

    def __init__(self, parameters: list[nn.Parameter]):
        self.parameters = parameters
        self.value = torch.cat([p.detach().flatten() for p in parameters])
        for p, value in zip(parameters, self._each(self.value), strict=True):
            p.data = value

    def gradients(self) -> list[Tensor]:
        """The gradient of each parameter, itself and not a copy; zeros if it had none."""
        for parameter in self.parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        return [parameter.grad for parameter in self.parameters if parameter.grad is not None]

    def _each(self, flat: Tensor) -> list[Tensor]:
        """Split a flat tensor into one view for each parameter, of the parameter's shape."""
        parts = torch.split(flat, [p.numel() for p in self.parameters])
        return [part.view(p.shape) for part, p in zip(parts, self.parameters, strict=True)]

    @abstractmethod
    def step(self, lr: float, weight_decay: float, kind: torch.dtype) -> None: ...


class _AdamW(_Group):
    """AdamW (Loshchilov & Hutter 2017, https://arxiv.org/abs/1711.05101)."""

    def __init__(self, parameters: list[nn.Parameter]):
        super().__init__(parameters)
        self.state = {
            "first": torch.zeros_like(self.value),
            "second": torch.zeros_like(self.value),
            "updates": self.value.new_zeros(len(parameters)),
        }
        self.moments = self._each(self.state["first"]), self._each(self.state["second"])
        self.updates = list(self.state["updates"].unbind())  # views, which torch counts up

    def step(self, lr: float, weight_decay: float, kind: torch.dtype) -> None:
        adamw(
            [p.detach() for p in self.parameters],
            self.gradients(),
            *self.moments,
            [],
            self.updates,
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
    """Muon: orthogonalised momentum.

    Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/.
    """

    def __init__(self, parameters: list[nn.Parameter]):
        super().__init__(sorted(parameters, key=lambda p: p.shape[0] > p.shape[1]))
        self.num_wide = sum(p.shape[0] <= p.shape[1] for p in parameters)
        rows, columns = sorted(parameters[0].shape)
        self.further = (columns / rows) ** 0.5  # a tall matrix moves further (Jordan et al. 2024)
        # The momentum of tall matrices is kept transposed.
        momentum = self.value.new_zeros(len(parameters), rows, columns)
        self.state = {"momentum": momentum}
        count = self.num_wide * rows * columns
        self.wide = self.value[:count].view(-1, rows, columns)
        self.tall = self.value[count:].view(-1, columns, rows)

    def step(self, lr: float, weight_decay: float, kind: torch.dtype) -> None:
        momentum, kept = self.state["momentum"], 1 - lr * weight_decay
        x = fastest(directions)(self.gradients(), self.num_wide, momentum, MOMENTUM, kind)
        update = orthogonalise(x)
        fastest(move)(self.wide, self.tall, update, kept, lr, lr * self.further)


def joint_norm(gradients: Sequence[Tensor]) -> float:
    """The Euclidean norm of all numbers of all gradients together."""
    return float(torch.nn.utils.get_total_norm(gradients))


def directions(
    gradients: Sequence[Tensor], num_wide: int, momentum: Tensor, kept: float, kind: torch.dtype
) -> Tensor:
    """Add the gradients to Muon's momentum; returns the directions in which it leads, (n, R, C).

    `gradients` are `num_wide` matrices (R, C), then tall ones (C, R), which are transposed.
    `momentum` (n, R, C) changes in place: it becomes `kept` times itself plus 1 - `kept` times
    the gradients. The directions are what the momentum would be if the same gradients came once
    more (Nesterov), each divided by a little more than its norm, in the precision `kind`.
    """
    tall = (gradient.mT for gradient in gradients[num_wide:])
    together = torch.stack([*gradients[:num_wide], *tall])
    momentum.lerp_(together, 1 - kept)
    ahead = together.lerp(momentum, kept)
    norms: Tensor = torch.linalg.matrix_norm(ahead, keepdim=True)
    return (ahead / (norms * 1.01 + 1e-7)).to(kind)


def move(
    wide: Tensor, tall: Tensor, updates: Tensor, kept: float, rate: float, rate_tall: float
) -> None:
    """Change each matrix, in place, to `kept` times itself minus its rate times its update.

    `updates` (n, R, C) holds the updates of `wide` (., R, C), whose rate is `rate`, then the
    transposed updates of `tall` (., C, R), whose rate is `rate_tall`.
    """
    updates = updates.to(wide.dtype)
    if kept != 1:
        wide.mul_(kept)
        tall.mul_(kept)
    wide.sub_(updates[: len(wide)], alpha=rate)
    tall.sub_(updates[len(wide) :].mT, alpha=rate_tall)


def orthogonalise(x: Tensor) -> Tensor:
    """Approximately the nearest (semi-)orthogonal matrix to each matrix of x (N, rows, columns).

    The matrices must have at most as many rows as columns, and norms below 1. This is a
    Newton-Schulz iteration with the coefficients of Polar Express, in the precision of x. Each
    iteration multiplies x by a polynomial of x x^T. In fp32, if x has at least twice as many
    columns as rows, only small square matrices are iterated, and x is multiplied once, at the end.
    In bf16 their small eigenvalues would be lost (docs/decisions/optimizer.md).
    """
    by_gram = x.dtype != torch.bfloat16 and x.shape[2] >= 2 * x.shape[1]
    return _polar_by_gram(x) if by_gram else _polar(x)


def _polar(x: Tensor) -> Tensor:
    for a, b, c in POLAR_EXPRESS:
        gram = x @ x.transpose(1, 2)
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x


def _polar_by_gram(x: Tensor) -> Tensor:
    """The same result as `_polar`, with products of small square matrices.

    An iteration has 4 of these, instead of 1 of them and 2 products that are as wide as x.
    """
    unit = torch.eye(x.shape[1], dtype=x.dtype, device=x.device)
    gram = x @ x.transpose(1, 2)
    factor = total = unit.expand_as(gram)
    for number, (a, b, c) in enumerate(POLAR_EXPRESS):
        if number:  # all factors are polynomials of the first gram, so their order does not matter
            gram = factor @ gram @ factor
        factor = torch.baddbmm(gram, gram, gram, beta=b, alpha=c).add_(unit, alpha=a)
        total = total @ factor if number else factor
    return total @ x
