"""Reading one text token by token in a compiled function, on the CPU.

One token is too little work for a tensor library: nearly all of the time goes into calling
some forty operations per layer. Here each layer is one call. It works on the decoder's own cache
and on the weights, into which those of the norms are multiplied.
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
    """A `Decoder` for a model on the CPU in fp32. It is many times faster per token.

    It prepares the weights when it is made, so the model must not change after that.
    """

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
    """A block's weights as arrays (out, in), then two tables for turning its heads.

    The weights of the two norms of the block are multiplied into the matrices that read from
    them. A normalised head x is turned by x * cos + (x with its halves exchanged) * sin, where
    the sines of the first half are negated. The two tables of cosines and sines, (T, 2, hs),
    also contain the weights of the query norm and the key norm, and the scale of the scores,
    because `read_token` divides x by its length, not by its root mean square.
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
    """The fastest decoder for the model's device and precision."""
    weight = model.embedding.weight
    simple = weight.device.type == "cpu" and weight.dtype == torch.float32
    if not model.blocks:  # it was made elsewhere (tinylm/model/elsewhere.py)
        return Decoder(model)
    return CompiledDecoder(model) if simple else Decoder(model)


def _array(tensor: Tensor) -> Any:
    return tensor.detach().contiguous().numpy()
