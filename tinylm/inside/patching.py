"""What each head writes at a place of the text, and what the model does if it writes another thing.

The matrix `wo` of a layer reads the outputs of all heads side by side, hs numbers of each. Between
the two they can be read, and replaced: by what the same head wrote in another text (activation
patching), or by a mean (ablation). Shapes are those of tinylm/model/gpt.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple, cast

import torch
from torch import Tensor

from tinylm.model.gpt import GPT, Block


class Head(NamedTuple):
    """One head of a model; layers and heads are counted from 0."""

    layer: int
    head: int


@dataclass(frozen=True)
class Patch:
    """What a head writes instead: `value` (B, hs), or (1, hs) for all rows alike.

    With `positions` (B,), only there; without, at every position.
    """

    head: Head
    value: Tensor
    positions: Tensor | None = None


class Heads:
    """A plain copy of a model whose heads can be read and replaced while it reads a text."""

    def __init__(self, model: GPT):
        # Others may be reading with the model itself, and a faster one has no place between.
        self.model = GPT(model.config).to(model.embedding.weight.device).eval()
        self.model.load_state_dict(model.state_dict())
        self.all = tuple(
            Head(layer, head)
            for layer in range(model.config.n_layer)
            for head in range(model.config.n_head)
        )

    @torch.inference_mode()
    def read(self, ids: Tensor, patches: Sequence[Patch] = ()) -> Tensor:
        """The hidden states (B, T, C) of ids (B, T), with these patches."""

        def replace(layer: int, mixed: Tensor) -> Tensor:
            for patch in patches:
                if patch.head.layer == layer:
                    mixed = _replaced(mixed, patch)
            return mixed

        with self._between(replace):
            return self.model.hidden_states(ids)

    @torch.inference_mode()
    def outputs(self, ids: Tensor, positions: Tensor) -> Tensor:
        """What every head writes at one position (B,) of each row: (L, nh, B, hs)."""
        found: list[Tensor] = []
        rows = torch.arange(len(ids), device=ids.device)

        def keep(_: int, mixed: Tensor) -> Tensor:
            found.append(mixed[rows, positions].transpose(0, 1))
            return mixed

        with self._between(keep):
            self.model.hidden_states(ids)
        return torch.stack(found)

    @torch.inference_mode()
    def mean_outputs(self, batches: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
        """What every head writes as a mean over all positions with a target: (L, nh, hs).

        `batches` are ids and targets, each (B, T), as those of a validation set.
        """
        config, n = self.model.config, 0
        sums = torch.zeros(config.n_layer, config.n_head, config.head_size)
        for ids, targets in batches:
            counts = targets >= 0

            def add(layer: int, mixed: Tensor, counts: Tensor = counts) -> Tensor:
                sums[layer] += mixed[counts].sum(dim=0).cpu()
                return mixed

            with self._between(add):
                self.model.hidden_states(ids.to(self.model.embedding.weight.device))
            n += int(counts.sum())
        return sums / n

    @contextmanager
    def _between(self, change: Callable[[int, Tensor], Tensor]) -> Iterator[None]:
        """Let `change(layer, outputs of the heads (B, T, nh, hs))` decide what `wo` reads."""

        def hook(layer: int) -> Callable[[object, tuple[Tensor]], tuple[Tensor]]:
            def before(_: object, read: tuple[Tensor]) -> tuple[Tensor]:
                rows, length, _ = read[0].shape
                mixed = read[0].view(rows, length, self.model.config.n_head, -1)
                return (change(layer, mixed).flatten(2),)

            return before

        hooks = [
            cast(Block, block).attention.wo.register_forward_pre_hook(hook(layer))
            for layer, block in enumerate(self.model.blocks)
        ]
        try:
            yield
        finally:
            for one in hooks:
                one.remove()


def _replaced(mixed: Tensor, patch: Patch) -> Tensor:
    """The outputs (B, T, nh, hs) with the patch in them."""
    mixed, head = mixed.clone(), patch.head.head
    if patch.positions is None:
        mixed[:, :, head] = patch.value[:, None]
    else:
        mixed[torch.arange(len(mixed), device=mixed.device), patch.positions, head] = patch.value
    return mixed
