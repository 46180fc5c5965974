"""Looking into a model: what it expects at each position, where it attends, what each layer knows.

The forward pass stands here once more in plain operations, because the fast one keeps nothing of
what is to be seen; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from tinylm.errors import BadRequest
from tinylm.fast.fused import positioned, split_heads
from tinylm.model.gpt import GPT
from tinylm.questions.inside import ByHead, Inspection
from tinylm.questions.models import Likely
from tinylm.text.tokenizer import Tokenizer

MAX_TOKENS = 64  # of a text that is looked into: a picture of more attention cannot be read
TOP = 6  # most probable next tokens at each position
REPEATED = 24  # random tokens, read twice, of the induction score
SEQUENCES = 16


@dataclass(frozen=True)
class Trace:
    """What a forward pass over ids (B, T) went through."""

    attention: list[Tensor]  # a layer: (B, nh, T, T), rows sum to 1
    residuals: list[Tensor]  # the embedding, then after each layer: (B, T, C)
    logits: Tensor  # (B, T, V)


@torch.inference_mode()
def traced(model: GPT, ids: Tensor) -> Trace:
    """The forward pass over ids (B, T), with everything on the way."""
    size = ids.shape[1]
    x = model.embedding(ids)
    cos, sin = model.cos[:size], model.sin[:size]
    future = torch.ones(size, size, dtype=torch.bool, device=ids.device).triu(1)
    attention, residuals = [], [x]
    for block in model.blocks:
        layer: Any = block
        read = layer.attention
        normed = layer.attention_norm(x)
        q, k, v = (split_heads(w(normed), read.n_head) for w in (read.wq, read.wk, read.wv))
        q = positioned(q, read.q_norm.weight, cos, sin)
        k = positioned(k, read.k_norm.weight, cos, sin)
        scores = q @ k.transpose(2, 3) * read.head_size**-0.5
        weights = scores.masked_fill(future, -torch.inf).softmax(dim=-1)
        x = x + read.wo((weights @ v).transpose(1, 2).flatten(2))
        normed = layer.mlp_norm(x)
        mlp = layer.mlp
        x = x + mlp.down(F.silu(mlp.gate(normed)) * mlp.up(normed))
        attention.append(weights)
        residuals.append(x)
    return Trace(attention, residuals, unembedded(model, x))


def unembedded(model: GPT, x: Tensor) -> Tensor:
    """Logits (..., V) of residuals (..., C): the final norm, then the output matrix."""
    return F.linear(model.norm(x), model.embedding.weight)


@torch.inference_mode()
def inspect(model: GPT, tokenizer: Tokenizer, text: str) -> Inspection:
    """What the model does with `text`, which it reads after a separator.

    The lens shows the most probable token if the model ended at that layer (logit lens,
    nostalgebraist 2020). Raises BadRequest for a text of more than MAX_TOKENS tokens.
    """
    if "\0" in text:
        raise BadRequest("A text cannot hold the NUL character: remove it.")
    ids = [tokenizer.separator, *tokenizer.encode(text)]
    most = min(MAX_TOKENS, model.config.block_size)
    if len(ids) > most:
        raise BadRequest(
            f"This text has {len(ids) - 1} tokens; at most {most - 1} can be looked into: "
            "shorten it."
        )
    seen = traced(model, torch.tensor([ids], device=model.embedding.weight.device))
    odds = seen.logits[0].float().softmax(dim=-1)  # (T, V)
    best = odds.topk(min(TOP, odds.shape[1]), dim=-1)
    following = ids[1:]
    return Inspection(
        tokens=("", *(tokenizer.token_text(i) for i in following)),
        odds=tuple(
            tuple(_likely(tokenizer, i, p) for i, p in zip(row, chances, strict=True))
            for row, chances in zip(best.indices.tolist(), best.values.tolist(), strict=True)
        ),
        given=(*(round(odds[t, i].item(), 6) for t, i in enumerate(following)), None),
        attention=tuple(_rounded(layer[0]) for layer in seen.attention),
        lens=tuple(_likeliest(tokenizer, unembedded(model, x[0])) for x in seen.residuals),
    )


def _likeliest(tokenizer: Tokenizer, logits: Tensor) -> tuple[Likely, ...]:
    best = logits.float().softmax(dim=-1).max(dim=-1)
    pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
    return tuple(_likely(tokenizer, i, p) for i, p in pairs)


def _likely(tokenizer: Tokenizer, token: int, probability: float) -> Likely:
    return Likely(tokenizer.token_text(token), round(probability, 5))


def _rounded(weights: Tensor) -> tuple[tuple[tuple[float, ...], ...], ...]:
    return tuple(
        tuple(tuple(round(v, 3) for v in row) for row in head) for head in weights.tolist()
    )


@torch.inference_mode()
def induction_scores(model: GPT, seed: int = 0) -> ByHead:
    """How much each head copies, by layer and head, from 0 to 1.

    Random tokens are read twice; the score is the mean attention from a token of the second
    reading to the one that followed it in the first (the "prefix-matching score" of Olsson et
    al. 2022, https://arxiv.org/abs/2209.11895).
    """
    count = min(REPEATED, (model.config.block_size - 1) // 2)
    random = torch.Generator().manual_seed(seed)
    drawn = torch.stack(
        [
            torch.randperm(model.config.vocab_size - 1, generator=random)[:count] + 1
            for _ in range(SEQUENCES)
        ]
    )  # (B, count): a token stands only once in each reading
    start = torch.zeros(SEQUENCES, 1, dtype=torch.long)
    ids = torch.cat((start, drawn, drawn), dim=1).to(model.embedding.weight.device)
    seen = traced(model, ids)
    rows = torch.arange(count + 1, 2 * count + 1)
    columns = rows - count + 1
    return tuple(
        tuple(round(v, 4) for v in w[:, :, rows, columns].mean(dim=(0, 2)).tolist())
        for w in seen.attention
    )


@torch.inference_mode()
def word_vectors(model: GPT, tokenizer: Tokenizer, words: Sequence[str]) -> Tensor:
    """The direction of each word's embedding, (W, C), of length 1: of the mean of its tokens'.

    Of length 1, because the length says mostly how frequent a word is.
    """
    weights = model.embedding.weight
    found = torch.stack([weights[tokenizer.encode(f" {word}")].mean(dim=0) for word in words])
    return F.normalize(found, dim=-1)


@torch.inference_mode()
def plane(vectors: Tensor) -> tuple[Tensor, Tensor]:
    """Centre (C,) and the two directions (C, 2) in which `vectors` (W, C) differ most (PCA)."""
    centre = vectors.mean(dim=0)
    _, _, directions = torch.linalg.svd(vectors - centre, full_matrices=False)
    top = directions[:2]
    # A direction and its opposite are the same axis: fix which one.
    signs = top.gather(1, top.abs().argmax(dim=1, keepdim=True)).sign()
    return centre, (top * signs).T
