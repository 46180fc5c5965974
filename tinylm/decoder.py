"""Reading one text token by token: the logits after each.

One token is too little work for a tensor library: nearly all of its time goes into calling
some forty operations a layer. On a CPU the same arithmetic is done with NumPy, whose calls
cost a fraction (docs/decisions.md), on the very weights and the very cache of the model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tinylm.fused import NORM_EPS
from tinylm.model import GPT, Block, KeyValueCache

Floats = NDArray[np.float32]


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


class NumpyDecoder(Decoder):
    """The same for a model on the CPU in fp32, several times faster a token."""

    def __init__(self, model: GPT):
        super().__init__(model)
        self.rows = _array(model.embedding.weight)
        self.head = _array(model.embedding.weight * model.norm.weight)
        tables = _array(model.cos), _array(model.sin)
        self.layers = [_Layer(cast(Block, b), model.config.n_head, *tables) for b in model.blocks]
        self.keys, self.values = _array(self.cache.keys[:, 0]), _array(self.cache.values[:, 0])

    def step(self, token: int) -> Tensor:
        """As `Decoder.step`."""
        place = self.length
        self.length += 1
        x = self.rows[token]
        with np.errstate(over="ignore"):  # exp of a large number: a gate that is shut
            for layer, keys, values in zip(self.layers, self.keys, self.values, strict=True):
                x = layer(x, place, keys, values)
        return torch.from_numpy(self.head @ _unit(x))


class _Layer:
    """A block's weights as arrays: (out, in), the weights of the norms multiplied in."""

    def __init__(self, block: Block, n_head: int, cos: Floats, sin: Floats):
        attention, mlp = block.attention, block.mlp
        matrices = (attention.wq.weight, attention.wk.weight, attention.wv.weight)
        self.qkv = _array(torch.cat(matrices) * block.attention_norm.weight)
        self.out = _array(attention.wo.weight)
        self.gate_up = _array(torch.cat((mlp.gate.weight, mlp.up.weight)) * block.mlp_norm.weight)
        self.down = _array(mlp.down.weight)
        width, self.hidden = self.down.shape
        self.n_head, self.head_size = n_head, width // n_head
        # Heads, normalised, turn by x * cos + (halves of x exchanged) * sin, the first half's
        # sin negated. In the tables, (T, 2, 1, 2, hs / 2), are the weights of their norms too,
        # and the scale of the scores; x is divided by its length, not by its rms.
        norms = torch.stack(
            (attention.q_norm.weight, attention.k_norm.weight * self.head_size**0.5)
        )
        weights = _array(norms).reshape(2, 1, 2, -1)
        self.cos = np.stack((cos, cos), axis=1)[:, None, None] * weights
        self.sin = np.stack((-sin, sin), axis=1)[:, None, None] * weights[:, :, ::-1]
        self.eps = np.float32(NORM_EPS * self.head_size)

    def __call__(self, x: Floats, place: int, keys: Floats, values: Floats) -> Floats:
        """x (C,) after this layer; its key and value go to `place` of (nh, block_size, hs)."""
        heads = (self.qkv @ _unit(x)).reshape(3, self.n_head, self.head_size)
        pairs = heads[:2]  # queries and keys
        pairs = pairs / np.sqrt(np.vecdot(pairs, pairs) + self.eps)[..., None]
        pairs = pairs.reshape(2, self.n_head, 2, -1)
        pairs = pairs * self.cos[place] + pairs[:, :, ::-1] * self.sin[place]
        query, keys[:, place] = pairs.reshape(heads[:2].shape)
        values[:, place] = heads[2]
        weights = (keys[:, : place + 1] @ query[:, :, None])[:, :, 0]  # (nh, place + 1)
        weights -= np.maximum.reduce(weights, axis=-1, keepdims=True)
        np.exp(weights, out=weights)
        weights /= np.add.reduce(weights, axis=-1, keepdims=True)
        mixed = (weights[:, None] @ values[:, : place + 1]).reshape(-1)
        x = x + self.out @ mixed
        hidden = self.gate_up @ _unit(x)
        gate, up = hidden[: self.hidden], hidden[self.hidden :]
        opened = np.exp(-gate)
        opened += 1
        up *= gate
        up /= opened
        result: Floats = x + self.down @ up
        return result


def decoder(model: GPT) -> Decoder:
    """The fastest decoder for where the model is."""
    weight = model.embedding.weight
    simple = weight.device.type == "cpu" and weight.dtype == torch.float32
    return NumpyDecoder(model) if simple else Decoder(model)


def _unit(x: Floats) -> Floats:
    """x (C,) / sqrt(mean(x^2) + eps): RMSNorm without its weight."""
    return x * (1 / math.sqrt(float(x @ x) / len(x) + NORM_EPS))


def _array(tensor: Tensor) -> Any:
    return tensor.detach().contiguous().numpy()
