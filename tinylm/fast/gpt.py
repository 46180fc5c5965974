"""The GPT with the large steps, and their gradients, of `tinylm/fast/fused.py`."""

from __future__ import annotations

from functools import partial
from typing import cast

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from tinylm.fast.fused import (
    attention_block,
    embedded,
    linear_cross_entropy,
    mlp_block,
    normalised,
    product_kind,
)
from tinylm.fast.passes import is_compiled
from tinylm.model.cache import KeyValueCache
from tinylm.model.gpt import GPT, Block, Watch
from tinylm.text.tokenizer import SEPARATOR


class FusedGPT(GPT):
    """A GPT with the same weights and results that is faster on the CPU in fp32 and bf16.

    Elsewhere it computes exactly as `GPT` does.
    """

    def forward(
        self,
        ids: Tensor,
        targets: Tensor | None = None,
        cache: KeyValueCache | None = None,
        positions: Tensor | None = None,
    ) -> Tensor:
        """As `GPT.forward`."""
        if targets is None or not torch.is_grad_enabled() or not self._is_fused(ids):
            return super().forward(ids, targets, cache, positions)
        x, weight = embedded(ids, self.embedding.weight)
        hidden = self._after_blocks(x, first_seen(ids, apart=True)).flatten(0, 1)  # (B * T, C)
        return linear_cross_entropy(hidden, weight, targets.flatten())

    def hidden_states(
        self,
        ids: Tensor,
        cache: KeyValueCache | None = None,
        positions: Tensor | None = None,
        *,
        apart: bool = False,
        watch: Watch | None = None,
    ) -> Tensor:
        """As `GPT.hidden_states`, which is called itself where there is a `watch`."""
        if watch is not None or not self._is_fused(ids):
            return super().hidden_states(ids, cache, positions, apart=apart, watch=watch)
        x = self.embedding(ids)
        if cache is None or positions is None:
            return self._after_blocks(x, first_seen(ids, apart=apart))
        cos, sin = self.cos[positions].unsqueeze(-3), self.sin[positions].unsqueeze(-3)
        unseen = cache.unseen(positions)
        for layer, each in enumerate(self.blocks):
            block, keep = cast(Block, each), partial(cache.update, layer, positions)
            x = x + block.attention(block.attention_norm(x), cos, sin, unseen, keep)[0]
            x = _after_mlp(block, x)
        return cast(Tensor, self.norm(x))

    def _is_fused(self, ids: Tensor) -> bool:
        """Whether there are loops for the model's device, and `ids` (B, T) fit its context."""
        weight = self.embedding.weight
        return is_compiled(weight, kind=product_kind(weight)) and ids.shape[1] <= len(self.cos)

    def _after_blocks(self, x: Tensor, first: Tensor) -> Tensor:
        """Hidden states (B, T, C) of the embeddings x (B, T, C), with `first` of `first_seen`."""
        cos, sin = self.cos[: x.shape[1]], self.sin[: x.shape[1]]
        after = _after_block
        if self.recompute and torch.is_grad_enabled():
            after = partial(checkpoint, _after_block, use_reentrant=False)
        for block in self.blocks:
            x = after(cast(Block, block), x, cos, sin, first)
        return normalised(x, self.norm.weight)


def first_seen(ids: Tensor, *, apart: bool) -> Tensor:
    """The first position, (B, T), that each position of `ids` (B, T) sees.

    A position sees everything from there to itself. The first position is that of the row or,
    with `apart`, that of the position's own document.
    """
    if not apart:
        return torch.zeros_like(ids)
    place = torch.arange(ids.shape[1], device=ids.device)
    return torch.where(ids == SEPARATOR, place, 0).cummax(1).values


def _after_block(block: Block, x: Tensor, cos: Tensor, sin: Tensor, first: Tensor) -> Tensor:
    read = block.attention
    matrices = (read.wq.weight, read.wk.weight, read.wv.weight, read.wo.weight)
    norms = (read.q_norm.weight, read.k_norm.weight)
    norm = block.attention_norm.weight
    return _after_mlp(block, attention_block(x, norm, matrices, norms, cos, sin, first))


def _after_mlp(block: Block, x: Tensor) -> Tensor:
    mlp = block.mlp
    return mlp_block(x, block.mlp_norm.weight, mlp.gate.weight, mlp.up.weight, mlp.down.weight)
