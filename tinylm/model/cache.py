"""Keys and values of tokens that were read, so that each is read only once.

Shapes: B rows, T positions read now, nh heads, hs head size, S positions of the cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from tinylm.model.gpt import GPT


class KeyValueCache:
    """The keys and values of several texts, one in each row."""

    def __init__(self, model: GPT, rows: int, length: int):
        config = model.config
        shape = (config.n_layer, rows, config.n_head, length, config.head_size)
        weight = model.embedding.weight
        self.keys = torch.zeros(shape, dtype=weight.dtype, device=weight.device)
        self.values = torch.zeros_like(self.keys)

    def update(self, layer: int, positions: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Write `k, v` (B, nh, T, hs) at `positions` (B, T); returns all of the layer's."""
        index = positions[:, None, :, None].expand_as(k)
        self.keys[layer].scatter_(2, index, k.to(self.keys.dtype))
        self.values[layer].scatter_(2, index, v.to(self.values.dtype))
        return self.keys[layer], self.values[layer]

    def unseen(self, positions: Tensor) -> Tensor:
        """Where a cached position is later than the row's own: (B, 1, T, S)."""
        place = torch.arange(self.keys.shape[3], device=positions.device)
        return (place > positions[:, :, None])[:, None]


class Branches(KeyValueCache):
    """Continuations of cached texts, some of them side by side, which do not see each other.

    Row r of the ids read through it continues cached row `rows[r]`; its tokens see what
    `visible[r]` allows of the cached positions and of one another, so a tree of continuations
    costs one pass. The cache itself stays as it is.
    """

    def __init__(self, cache: KeyValueCache, rows: Tensor, visible: Tensor):
        """`rows` (B,); `visible` (B, T, S + T) is true where a token may look.

        Of the cache, the first S positions are read.
        """
        self.keys, self.values = cache.keys, cache.values
        self.rows, self.visible = rows, visible

    def update(self, layer: int, positions: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """The layer's cached keys and values followed by `k, v`: (B, nh, S + T, hs)."""
        read = self.visible.shape[2] - self.visible.shape[1]
        keys, values = self.keys[layer, :, :, :read], self.values[layer, :, :, :read]
        keys, values = keys[self.rows], values[self.rows]
        return torch.cat((keys, k), dim=2), torch.cat((values, v), dim=2)

    def unseen(self, positions: Tensor) -> Tensor:
        """Where a token may not look: (B, 1, T, S + T)."""
        return ~self.visible[:, None]
