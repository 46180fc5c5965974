"""Reading one text token by token in a compiled function, on the CPU.

One token is too little work for a tensor library: nearly all of its time goes into calling
some forty operations a layer. Here a layer is one call, on the very weights and the very cache
of the model.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from tinylm.fast import token_kernels
from tinylm.model.decoder import Decoder
from tinylm.model.gpt import GPT, NORM_EPS, Block

EPS = np.float32(NORM_EPS)


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
    return CompiledDecoder(model) if simple else Decoder(model)


def _array(tensor: Tensor) -> Any:
    return tensor.detach().contiguous().numpy()
