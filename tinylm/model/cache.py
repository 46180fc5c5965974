"""A cache of attention's keys and values, so that the model reads each token only once.

Shapes: B rows, T positions that are read now, nh heads, hs head size, S positions of the cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from tinylm.model.gpt import GPT


class KeyValueCache:
    """The keys and values of several texts. Each text has a row of its own."""

    def __init__(self, model: GPT, rows: int, length: int):
        layers, heads, size = model.cache_shape
        shape = (layers, rows, heads, length, size)
        weight = model.embedding.weight
        self.keys = torch.zeros(shape, dtype=weight.dtype, device=weight.device)
        self.values = torch.zeros_like(self.keys)

    def update(self, layer: int, positions: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Write `k, v` (B, nh, T, hs) at `positions` (B, T).

        Returns all keys and values that the cache holds for this layer, each (B, nh, S, hs).
        """
        index = positions[:, None, :, None].expand_as(k)
        self.keys[layer].scatter_(2, index, k.to(self.keys.dtype))
        self.values[layer].scatter_(2, index, v.to(self.values.dtype))
        return self.keys[layer], self.values[layer]

    def repeat(self, count: int) -> None:
        """Give each text `count` rows, one after another, which go on from it independently."""
        self.keys = self.keys.repeat_interleave(count, dim=1)
        self.values = self.values.repeat_interleave(count, dim=1)

    def unseen(self, positions: Tensor) -> Tensor:
        """A mask (B, 1, T, S), true where a cached position is later than the one that reads."""
        place = torch.arange(self.keys.shape[3], device=positions.device)
        return (place > positions[:, :, None])[:, None]


class Branches(KeyValueCache):
    """Several continuations of cached texts at once, which do not see each other.

    Row r of the ids continues the cached row `rows[r]`. The mask `visible[r]` says which cached
    positions and which tokens of its own row each token may see. So a whole tree of continuations
    can be read in one pass of the model. The cache itself does not change.
    """

    def __init__(self, cache: KeyValueCache, rows: Tensor, visible: Tensor):
        """`rows` is (B,). `visible` (B, T, S + T) is true where a token may look.

        Only the first S positions of the cache are read.
        """
        self.keys, self.values = cache.keys, cache.values
        self.rows, self.visible = rows, visible

    def update(self, layer: int, positions: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the layer's cached keys and values followed by `k, v`: (B, nh, S + T, hs)."""
        read = self.visible.shape[2] - self.visible.shape[1]
        keys, values = self.keys[layer, :, :, :read], self.values[layer, :, :, :read]
        keys, values = keys[self.rows], values[self.rows]
        return torch.cat((keys, k), dim=2), torch.cat((values, v), dim=2)

    def unseen(self, positions: Tensor) -> Tensor:
        """A mask (B, 1, T, S + T), true where a token may not look."""
        return ~self.visible[:, None]
