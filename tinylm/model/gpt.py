"""The GPT: a decoder-only transformer in one file.

The architecture is Qwen3's (Yang et al. 2025, https://arxiv.org/abs/2505.09388), that is Llama's
(Touvron et al. 2023, https://arxiv.org/abs/2302.13971) with normalised queries and keys: RMSNorm
before each block, rotary positions, causal self-attention, SwiGLU, no biases, and here tied
embeddings, so that Hugging Face's `Qwen3ForCausalLM` is an exact counterpart.

Shapes: B rows, T positions, V vocabulary, C width, nh heads, hs head size, S cached positions.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tinylm.config import ModelConfig
from tinylm.fast.fused import (
    attention_block,
    embedded,
    linear_cross_entropy,
    mlp_block,
    normalised,
    positioned,
    rms_norm,
    split_heads,
)
from tinylm.model.cache import KeyValueCache
from tinylm.text.tokenizer import SEPARATOR

ROPE_THETA = 10_000.0
INIT_STD = 0.02


class GPT(nn.Module):
    """Token ids (B, T) -> logits (B, T, V)."""

    cos: Tensor
    sin: Tensor

    def __init__(self, config: ModelConfig, seed: int = 0):
        """A model with random weights drawn from `seed`."""
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocab_size, config.n_embd)  # also the output matrix
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.n_layer))
        self.norm = RMSNorm(config.n_embd)
        cos, sin = rotary_tables(config.block_size, config.head_size)
        self.register_buffer("cos", cos, persistent=False)  # (block_size, hs / 2)
        self.register_buffer("sin", sin, persistent=False)
        self._initialise(torch.Generator().manual_seed(seed))

    def _initialise(self, generator: torch.Generator) -> None:
        for name, parameter in self.named_parameters():
            if parameter.dim() < 2:
                nn.init.ones_(parameter)
            elif name.endswith(("wo.weight", "down.weight")):
                # Every block begins as the identity: the untrained model is near uniform.
                nn.init.zeros_(parameter)
            else:
                std = INIT_STD if name.startswith("embedding") else parameter.shape[1] ** -0.5
                nn.init.normal_(parameter, std=std, generator=generator)

    @property
    def num_parameters(self) -> int:
        return sum(p.numel() for p in self.parameters())

    def forward(
        self,
        ids: Tensor,
        targets: Tensor | None = None,
        cache: KeyValueCache | None = None,
        positions: Tensor | None = None,
    ) -> Tensor:
        """Logits (B, T, V), or with `targets` (B, T) the mean loss in nats a token.

        Targets of -100 do not count; where there are targets, a document sees nothing of those
        before it in its row. `cache` and `positions` as in `hidden_states`, without targets.
        """
        if targets is None:
            hidden = self.hidden_states(ids, cache, positions)
            return F.linear(hidden, self.embedding.weight)  # (B, T, V)
        x, weight = embedded(ids, self.embedding.weight)
        hidden = self._after_blocks(x, ids, apart=True).flatten(0, 1)  # (B*T, C)
        if torch.is_grad_enabled():
            return linear_cross_entropy(hidden, weight, targets.flatten())
        logits = F.linear(hidden, weight)  # (B*T, V)
        return F.cross_entropy(logits.float(), targets.flatten(), ignore_index=-100)

    def hidden_states(
        self,
        ids: Tensor,
        cache: KeyValueCache | None = None,
        positions: Tensor | None = None,
        *,
        apart: bool = False,
    ) -> Tensor:
        """What the output matrix reads, (B, T, C): for those who need few of the logits.

        `apart` keeps documents of one row, each begun by a separator, apart. With a `cache`,
        `ids` continue what is cached, each row at its own `positions` (B, T), and keys and values
        are added to it. Positions must be below `block_size`.
        """
        x = self.embedding(ids)  # (B, T, C)
        if cache is None or positions is None:
            return self._after_blocks(x, ids, apart=apart)
        cos, sin = self.cos[positions][:, None], self.sin[positions][:, None]
        mask = cache.mask(positions, x)  # (B, 1, T, S)
        for layer, block in enumerate(self.blocks):
            x = cast(Block, block).continued(x, cos, sin, mask, layer, cache, positions)
        hidden: Tensor = self.norm(x)
        return hidden

    def _after_blocks(self, x: Tensor, ids: Tensor, *, apart: bool) -> Tensor:
        T = ids.shape[1]
        if len(self.cos) < T:
            raise ValueError(f"a row of {T} tokens is longer than the context, {len(self.cos)}")
        first = first_seen(ids, apart=apart)
        for block in self.blocks:
            x = block(x, self.cos[:T], self.sin[:T], first)
        return normalised(x, self.norm.weight)


class Block(nn.Module):
    """Attention reads from earlier positions, the MLP works on each position."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.attention_norm = RMSNorm(config.n_embd)
        self.attention = Attention(config)
        self.mlp_norm = RMSNorm(config.n_embd)
        self.mlp = MLP(config)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, first: Tensor) -> Tensor:
        """x (B, T, C); position t of row b sees those from `first[b, t]` to itself."""
        x = self.attention(x, self.attention_norm.weight, cos, sin, first)
        return mlp_block(x, self.mlp_norm.weight, *self.mlp.matrices)

    def continued(
        self,
        x: Tensor,
        cos: Tensor,
        sin: Tensor,
        mask: Tensor,
        layer: int,
        cache: KeyValueCache,
        positions: Tensor,
    ) -> Tensor:
        """The same for tokens that continue what is cached."""
        norm = self.attention_norm.weight
        x = self.attention.continued(x, norm, cos, sin, mask, layer, cache, positions)
        return mlp_block(x, self.mlp_norm.weight, *self.mlp.matrices)


class Attention(nn.Module):
    """Causal multi-head self-attention with rotary positions."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.n_head, self.head_size = config.n_head, config.head_size
        self.wq = nn.Linear(config.n_embd, config.n_embd, bias=False)
        self.wk = nn.Linear(config.n_embd, config.n_embd, bias=False)
        self.wv = nn.Linear(config.n_embd, config.n_embd, bias=False)
        self.wo = nn.Linear(config.n_embd, config.n_embd, bias=False)
        self.q_norm = RMSNorm(config.head_size)
        self.k_norm = RMSNorm(config.head_size)

    def forward(self, x: Tensor, norm: Tensor, cos: Tensor, sin: Tensor, first: Tensor) -> Tensor:
        """x (B, T, C), to which is added what its rows, normalised with `norm` (C,), read."""
        matrices = (self.wq.weight, self.wk.weight, self.wv.weight, self.wo.weight)
        weights = (self.q_norm.weight, self.k_norm.weight)
        return attention_block(x, norm, matrices, weights, cos, sin, first)

    def continued(
        self,
        x: Tensor,
        norm: Tensor,
        cos: Tensor,
        sin: Tensor,
        mask: Tensor,
        layer: int,
        cache: KeyValueCache,
        positions: Tensor,
    ) -> Tensor:
        """The same for tokens that continue what is cached."""
        q_weight, k_weight = self.q_norm.weight, self.k_norm.weight
        normed = rms_norm(x, norm)
        q, k, v = self.wq(normed), self.wk(normed), self.wv(normed)  # (B, T, C)
        q, k, v = (split_heads(each, self.n_head) for each in (q, k, v))  # (B, nh, T, hs)
        q, k = positioned(q, q_weight, cos, sin), positioned(k, k_weight, cos, sin)
        k, v = cache.update(layer, positions, k, v)  # (B, nh, S, hs)
        scores = (q * self.head_size**-0.5) @ k.transpose(2, 3)  # (B, nh, T, S)
        mixed = (scores + mask).softmax(dim=-1) @ v
        return x + F.linear(mixed.transpose(1, 2).flatten(2), self.wo.weight)


class MLP(nn.Module):
    """SwiGLU (Shazeer 2020, https://arxiv.org/abs/2002.05202)."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        hidden = mlp_width(config.n_embd)
        self.gate = nn.Linear(config.n_embd, hidden, bias=False)
        self.up = nn.Linear(config.n_embd, hidden, bias=False)
        self.down = nn.Linear(hidden, config.n_embd, bias=False)

    @property
    def matrices(self) -> tuple[Tensor, Tensor, Tensor]:
        return self.gate.weight, self.up.weight, self.down.weight


class RMSNorm(nn.Module):
    """x / rms(x) * weight (Zhang & Sennrich 2019, https://arxiv.org/abs/1910.07467)."""

    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return rms_norm(x, self.weight.to(x.dtype))


def first_seen(ids: Tensor, *, apart: bool = False) -> Tensor:
    """The first position that each position of ids (B, T) sees: (B, T); it sees all up to itself.

    That is the first of the row, or with `apart` the first of its document.
    """
    if not apart:
        return torch.zeros_like(ids)
    place = torch.arange(ids.shape[1], device=ids.device)
    return torch.where(ids == SEPARATOR, place, 0).cummax(1).values


def mlp_width(n_embd: int) -> int:
    """8/3 of the width, so that three matrices cost what two of 4 x do, rounded up to 32."""
    return -(-8 * n_embd // 3 // 32) * 32


def rotary_tables(length: int, head_size: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines of rotary positions, each (length, head_size / 2).

    RoPE (Su et al. 2021, https://arxiv.org/abs/2104.09864), in the two-halves layout of
    Llama as Hugging Face stores it.
    """
    frequencies = ROPE_THETA ** -(torch.arange(0, head_size, 2).float() / head_size)
    angles = torch.arange(length).float()[:, None] * frequencies  # (length, hs / 2)
    return angles.cos(), angles.sin()
