"""Reading one text token by token, with the logits after each token."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from tinylm.model.cache import KeyValueCache
from tinylm.model.gpt import GPT


class Decoder:
    """Reads one text with a key-value cache and gives the logits after it, on any device."""

    def __init__(self, model: GPT):
        self.model = model
        self.cache = KeyValueCache(model, rows=1, length=model.config.block_size)
        self.length = 0  # tokens read so far; all of them are in the cache

    def read(self, context: Sequence[int]) -> Tensor:
        """Start again with `context`: 1 to `block_size` ids. Returns the logits (V,) after it."""
        self.length = 0
        return self._read(context)

    def step(self, token: int) -> Tensor:
        """Read one more id. Returns the logits (V,) after it. The context must not be full."""
        return self._read([token])

    @torch.inference_mode()
    def _read(self, ids: Sequence[int]) -> Tensor:
        positions = torch.arange(self.length, self.length + len(ids))
        device = self.model.embedding.weight.device
        rows = torch.tensor([list(ids)], device=device)
        logits: Tensor = self.model(rows, cache=self.cache, positions=positions[None].to(device))
        self.length += len(ids)
        return logits[0, -1]
