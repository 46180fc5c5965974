"""Low-rank adapters (LoRA): fine-tuning that trains few numbers and leaves the base unchanged.

A matrix W becomes W + (alpha / r) B A (Hu et al. 2021, https://arxiv.org/abs/2106.09685) with
B (out, r) zero and A (r, in) random at the start, so the adapted model starts out equal to the
base. Only A and B learn. `gpt.py` needs no code for this: torch's parametrizations compute the
sum wherever the weight is read.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from tinylm.errors import BadRequest
from tinylm.model.gpt import GPT

ALPHA = 16.0  # the same for all ranks, so a learning rate found for one nearly fits the others
MATRICES = {
    "attention": ("wq", "wk", "wv", "wo"),
    "mlp": ("gate", "up", "down"),
    "all": ("wq", "wk", "wv", "wo", "gate", "up", "down"),
}


class LowRank(nn.Module):
    """W (out, in) -> W + (alpha / r) B A, with A (r, in) and B (out, r)."""

    def __init__(self, weight: Tensor, rank: int, generator: torch.Generator):
        super().__init__()
        rows, columns = weight.shape
        random = torch.randn(rank, columns, generator=generator) * columns**-0.5
        self.a = nn.Parameter(random.to(weight.device))
        self.b = nn.Parameter(torch.zeros(rows, rank, device=weight.device))
        self.scale = ALPHA / rank

    def forward(self, weight: Tensor) -> Tensor:
        # The sum is a weight. As in a plain model, it is rounded where it is used, not here.
        with torch.autocast(weight.device.type, enabled=False):
            return torch.addmm(weight, self.b, self.a, alpha=self.scale)


def add_adapters(model: GPT, rank: int, matrices: str, seed: int) -> GPT:
    """Give the chosen matrices of every block ("attention", "mlp", "all") an adapter, in place.

    Everything else is frozen: the base matrices, the embedding and the norms. A is drawn from
    `seed`. Returns `model`. Raises BadRequest for an unknown choice, a rank below 1, or a model
    that has adapters already.
    """
    if matrices not in MATRICES:
        raise BadRequest(f"lora_matrices must be one of {', '.join(MATRICES)}; got {matrices!r}.")
    if rank < 1:
        raise BadRequest(f"lora_rank must be at least 1; got {rank}.")
    if has_adapters(model):
        raise BadRequest(
            "A model takes adapters once: load its checkpoint anew, which has them merged."
        )
    model.requires_grad_(False)
    generator = torch.Generator().manual_seed(seed)
    for name, module in list(model.named_modules()):
        if name.rpartition(".")[2] in MATRICES[matrices] and isinstance(module, nn.Linear):
            adapter = LowRank(module.weight, rank, generator)
            parametrize.register_parametrization(module, "weight", adapter)
    return model


@torch.no_grad()
def plain_weights(model: GPT) -> dict[str, Tensor]:
    """All weights under the names of a plain GPT. Any adapters are added to their matrices."""
    weights = {
        name: parameter.detach()
        for name, parameter in model.named_parameters()
        if ".parametrizations." not in name
    }
    return weights | {f"{name}.weight": module.weight.detach() for name, module in _adapted(model)}


def num_trainable(model: nn.Module) -> int:
    """The number of parameters that training changes."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def has_adapters(model: GPT) -> bool:
    """Whether any matrix of the model has an adapter."""
    return next(_adapted(model), None) is not None


def _adapted(model: GPT) -> Iterator[tuple[str, nn.Linear]]:
    for name, module in model.named_modules():
        if isinstance(module, nn.Linear) and parametrize.is_parametrized(module, "weight"):
            yield name, module
