"""Reading one text token by token: the logits after each.

One token is too little work for a tensor library: nearly all of its time goes into calling
some forty operations a layer. On a CPU a layer is one compiled function (docs/decisions.md), on
the very weights and the very cache of the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from tinylm.fast.compiled import token_kernels
from tinylm.fast.passes import NORM_EPS
from tinylm.model.cache import KeyValueCache
from tinylm.model.gpt import GPT, Block

EPS = np.float32(NORM_EPS)


class Decoder:
    """The logits after the tokens of one text, on any device."""

    def __init__(self, model: GPT):
        self.model = model
        self.cache = KeyValueCache(model, rows=1, length=model.config.block_size)
        self.length = 0  # tokens read, all of them cached

    def read(self, context: Sequence[int]) -> Tensor:
        """Begin anew with `context`, at most `block_size` ids; the logits (V,) after it."""
        self.length = 0
        return self._read(context)

    def step(self, token: int) -> Tensor:
        """Read one id more; the logits (V,) after it. There must be room in the context."""
        return self._read([token])

    @torch.inference_mode()
    def _read(self, ids: Sequence[int]) -> Tensor:
        positions = torch.arange(self.length, self.length + len(ids))
        device = self.model.embedding.weight.device
        rows = torch.tensor([list(ids)], device=device)
        logits: Tensor = self.model(rows, cache=self.cache, positions=positions[None].to(device))
        self.length += len(ids)
        return logits[0, -1]


class CompiledDecoder(Decoder):
    """The same for a model on the CPU in fp32, many times faster a token."""

    def __init__(self, model: GPT):
        super().__init__(model)
        self.rows = _array(model.embedding.weight)
        self.head = _array(model.embedding.weight * model.norm.weight)
        self.layers = [
            (*_matrices(cast(Block, block), model.cos, model.sin), _array(keys), _array(values))
            for block, keys, values in zip(
                model.blocks, self.cache.keys[:, 0], self.cache.values[:, 0], strict=True
            )
        ]

    def step(self, token: int) -> Tensor:
        """As `Decoder.step`."""
        if self.length >= self.model.config.block_size:
            raise IndexError("the context is full")
        x = self.rows[token].copy()
        for layer in self.layers:
            token_kernels.read_token(x, self.length, EPS, *layer)
        self.length += 1
        logits = np.empty(len(self.head), np.float32)
        token_kernels.read_logits(x, EPS, self.head, logits)
        return torch.from_numpy(logits)


def _matrices(block: Block, cos: Tensor, sin: Tensor) -> tuple[Any, ...]:
    """A block's weights as arrays, (out, in), the weights of the norms multiplied in.

    Heads, normalised, turn by x * cos + (halves of x exchanged) * sin, the first half's sin
    negated. In these tables, (T, 2, hs), are the weights of the queries' and keys' norms too, and
    the scale of the scores; x is divided by its length, not by its rms.
    """
    attention, mlp = block.attention, block.mlp
    qkv = torch.cat((attention.wq.weight, attention.wk.weight, attention.wv.weight))
    gate_up = torch.cat((mlp.gate.weight, mlp.up.weight))
    size = len(attention.k_norm.weight)
    norms = torch.stack((attention.q_norm.weight, attention.k_norm.weight * size**0.5))
    return (
        _array(qkv * block.attention_norm.weight),
        _array(attention.wo.weight),
        _array(gate_up * block.mlp_norm.weight),
        _array(mlp.down.weight),
        _array(torch.cat((cos, cos), -1)[:, None] * norms),
        _array(torch.cat((-sin, sin), -1)[:, None] * norms.roll(size // 2, -1)),
    )


def decoder(model: GPT) -> Decoder:
    """The fastest decoder for where the model is."""
    weight = model.embedding.weight
    simple = weight.device.type == "cpu" and weight.dtype == torch.float32
    return CompiledDecoder(model) if simple and token_kernels is not None else Decoder(model)


def _array(tensor: Tensor) -> Any:
    return tensor.detach().contiguous().numpy()
