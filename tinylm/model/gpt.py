"""The GPT: a decoder-only transformer in one file.

The architecture is Qwen3's (Yang et al. 2025, https://arxiv.org/abs/2505.09388): RMSNorm before
each block, rotary positions, causal self-attention with normalised queries and keys, SwiGLU, no
biases, and here tied embeddings. Hugging Face's `Qwen3ForCausalLM` is an exact counterpart.

Shapes: B rows, T positions, V vocabulary, C width, nh heads, hs head size, H width of the MLP,
S positions that attention can read: those of the row itself or, with a cache, all of the cache.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tinylm.config import ModelConfig
from tinylm.model.cache import KeyValueCache
from tinylm.text.tokenizer import SEPARATOR

ROPE_THETA = 10_000.0
NORM_EPS = 1e-6

Keep = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]  # keys, values -> all that are cached
Watch = Callable[[Tensor, Tensor], None]  # called after each layer with x (B, T, C), its attention


class GPT(nn.Module):
    """Token ids (B, T) -> logits (B, T, V). A new model has random weights, drawn from `seed`."""

    def __init__(self, config: ModelConfig, seed: int = 0):
        super().__init__()
        self.config = config
        self.recompute = False  # whether blocks keep only their inputs for the gradient
        self.embedding = nn.Embedding(config.vocab_size, config.n_embd)  # also the output matrix
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.n_layer))
        self.norm = RMSNorm(config.n_embd)
        cos, sin = rotary_tables(config.block_size, config.head_size)  # (block_size, hs / 2)
        self.cos, self.sin = nn.Buffer(cos, persistent=False), nn.Buffer(sin, persistent=False)
        random = torch.Generator().manual_seed(seed)
        for name, weight in self.named_parameters():
            if name.endswith(("wo.weight", "down.weight")):
                nn.init.zeros_(weight)  # every block begins as the identity
            elif weight.dim() == 2:
                std = 0.02 if name.startswith("embedding") else weight.shape[1] ** -0.5
                nn.init.normal_(weight, std=std, generator=random)

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
        """Logits (B, T, V), or with `targets` (B, T) the mean loss in nats per token.

        Targets of -100 do not count. With targets, the documents of a row do not see each other.
        `cache` and `positions`, for use without targets, are explained in `hidden_states`.
        """
        hidden = self.hidden_states(ids, cache, positions, apart=targets is not None)
        logits = self.logits(hidden)  # (B, T, V)
        if targets is None:
            return logits
        return F.cross_entropy(logits.flatten(0, 1).float(), targets.flatten(), ignore_index=-100)

    def logits(self, hidden: Tensor) -> Tensor:
        """The logits (..., V) of hidden states (..., C)."""
        return F.linear(hidden, self.embedding.weight)

    def logits_of(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """One logit for each of the hidden states (E, C): that of its token in `targets` (E,)."""
        return (hidden * self.embedding.weight[targets]).sum(dim=-1)

    @property
    def cache_shape(self) -> tuple[int, int, int]:
        """What a cache of keys and values holds for a position: layers, heads, numbers of each."""
        return self.config.n_layer, self.config.n_head, self.config.head_size

    def hidden_states(
        self,
        ids: Tensor,
        cache: KeyValueCache | None = None,
        positions: Tensor | None = None,
        *,
        apart: bool = False,
        watch: Watch | None = None,
    ) -> Tensor:
        """What the output matrix reads, (B, T, C). It is useful where only few logits are needed.

        With `apart`, the documents of one row do not see each other. With a `cache`, `ids` continue
        the cached texts, each row at its own `positions` (B, T), which are below `block_size`.
        """
        if cache is None or positions is None:
            cache, positions = None, torch.arange(ids.shape[1], device=ids.device)
            if len(positions) > len(self.cos):
                raise ValueError(f"a row of {len(positions)} tokens is longer than the context")
        unseen = later(ids, apart) if cache is None else cache.unseen(positions)  # (B, 1, T, S)
        cos, sin = self.cos[positions].unsqueeze(-3), self.sin[positions].unsqueeze(-3)
        x = self.embedding(ids)  # (B, T, C)
        for layer, block in enumerate(self.blocks):
            keep = None if cache is None else partial(cache.update, layer, positions)
            x, attention = block(x, cos, sin, unseen, keep)
            if watch is not None:
                watch(x, attention)
        return cast(Tensor, self.norm(x))


class Block(nn.Module):
    """One layer: attention reads from earlier positions, then the MLP works on each position."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.attention_norm = RMSNorm(config.n_embd)
        self.attention = Attention(config)
        self.mlp_norm = RMSNorm(config.n_embd)
        self.mlp = MLP(config)

    def forward(
        self, x: Tensor, cos: Tensor, sin: Tensor, unseen: Tensor, keep: Keep | None = None
    ) -> tuple[Tensor, Tensor]:
        """The residual stream x (B, T, C) after this layer, and its attention (B, nh, T, S)."""
        read, attention = self.attention(self.attention_norm(x), cos, sin, unseen, keep)
        x = x + read
        return x + self.mlp(self.mlp_norm(x)), attention


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

    def forward(
        self, x: Tensor, cos: Tensor, sin: Tensor, unseen: Tensor, keep: Keep | None = None
    ) -> tuple[Tensor, Tensor]:
        """What each position of x reads, (B, T, C), and the attention weights (B, nh, T, S).

        `unseen` (B, 1, T, S) is true where a position may not look.
        """
        heads = (w(x).unflatten(2, (self.n_head, -1)) for w in (self.wq, self.wk, self.wv))
        q, k, v = (each.transpose(1, 2) for each in heads)  # (B, nh, T, hs)
        q, k = rotated(self.q_norm(q), cos, sin), rotated(self.k_norm(k), cos, sin)
        if keep is not None:
            k, v = keep(k, v)  # (B, nh, S, hs)
        scores = (q * self.head_size**-0.5) @ k.transpose(2, 3)  # (B, nh, T, S)
        attention = scores.masked_fill(unseen, -torch.inf).softmax(dim=-1)  # rows sum to 1
        mixed = attention @ v  # (B, nh, T, hs)
        return self.wo(mixed.transpose(1, 2).flatten(2)), attention


class MLP(nn.Module):
    """SwiGLU (Shazeer 2020, https://arxiv.org/abs/2002.05202)."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        hidden = -(-8 * config.n_embd // 3 // 32) * 32  # about as many weights as an MLP of 4 C
        self.gate = nn.Linear(config.n_embd, hidden, bias=False)
        self.up = nn.Linear(config.n_embd, hidden, bias=False)
        self.down = nn.Linear(hidden, config.n_embd, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        hidden = F.silu(self.gate(x)) * self.up(x)  # (B, T, H)
        return cast(Tensor, self.down(hidden))


class RMSNorm(nn.Module):
    """x / sqrt(mean(x^2) + eps) * weight (Zhang & Sennrich 2019, arxiv.org/abs/1910.07467)."""

    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, self.weight.shape, self.weight.to(x.dtype), NORM_EPS)


def rotated(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Each pair (x[i], x[i + hs/2]) of heads (B, nh, T, hs), turned by its position's angle.

    RoPE (Su et al. 2021, https://arxiv.org/abs/2104.09864) in the two-halves layout of Llama.
    """
    first, second = x.chunk(2, dim=-1)  # (B, nh, T, hs / 2)
    cos, sin = cos.to(x.dtype), sin.to(x.dtype)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)


def rotary_tables(length: int, head_size: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines of the angles of all positions, each (length, head_size / 2)."""
    frequencies = ROPE_THETA ** -(torch.arange(0, head_size, 2).float() / head_size)
    angles = torch.arange(length).float()[:, None] * frequencies  # (length, hs / 2)
    return angles.cos(), angles.sin()


def later(ids: Tensor, apart: bool) -> Tensor:
    """A mask (B, 1, T, T), true for later positions and, if `apart`, for other documents."""
    document = (ids == SEPARATOR).cumsum(dim=1) * apart  # (B, T): separators begin documents
    other = document[:, :, None] != document[:, None, :]  # (B, T, T)
    return (other | torch.ones_like(other).triu(1))[:, None]
