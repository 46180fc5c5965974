"""Looking into a model: what it expects, where it attends, what it knows after each layer."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from tinylm.errors import BadRequest
from tinylm.model.gpt import GPT
from tinylm.questions.inside import ByHead, Inspection
from tinylm.questions.models import Likely
from tinylm.text.tokenizer import Tokenizer

MAX_TOKENS = 64  # with its separator; the picture of a longer text's attention cannot be read
TOP = 6  # most probable next tokens at each position
REPEATED = 24  # random tokens of the induction score, which are read twice
SEQUENCES = 16  # rows of such tokens, whose scores are averaged


class Trace:
    """The attention and the residual stream of every layer while the model reads ids (B, T)."""

    def __init__(self, model: GPT, ids: Tensor):
        self.attention: list[Tensor] = []  # for each layer: (B, nh, T, T), rows sum to 1
        # The residual stream before the first layer, then after each layer: (B, T, C).
        self.residuals: list[Tensor] = [model.embedding(ids)]
        model.hidden_states(ids, watch=self._add)

    def _add(self, x: Tensor, attention: Tensor) -> None:
        self.residuals.append(x)
        self.attention.append(attention)


def unembedded(model: GPT, x: Tensor) -> Tensor:
    """Logits (..., V) of residuals (..., C): the final norm, then the output matrix."""
    return model.logits(model.norm(x))


def odds_after(model: GPT, x: Tensor) -> Tensor:
    """Odds (..., V) of the next token, if the model ended with the residuals x (..., C)."""
    return unembedded(model, x).float().softmax(dim=-1)


@torch.inference_mode()
def inspect(model: GPT, tokenizer: Tokenizer, text: str) -> Inspection:
    """What the model does with `text`, which it reads after a separator.

    The lens shows the token that would be most probable if the model ended at that layer (logit
    lens, nostalgebraist 2020). Raises BadRequest for a text with a NUL character, or if the text
    and the separator have more than MAX_TOKENS tokens or do not fit the context.
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
    seen = Trace(model, torch.tensor([ids], device=model.embedding.weight.device))
    odds = odds_after(model, seen.residuals[-1][0])  # (T, V)
    best = odds.topk(min(TOP, odds.shape[1]), dim=-1)
    following = ids[1:]
    return Inspection(
        tokens=("", *(tokenizer.token_text(i) for i in following)),
        odds=tuple(_likely(tokenizer, *row) for row in zip(best.values, best.indices, strict=True)),
        given=(*(round(odds[t, i].item(), 6) for t, i in enumerate(following)), None),
        attention=tuple(_rounded(layer[0]) for layer in seen.attention),
        lens=tuple(_likely(tokenizer, *odds_after(model, x[0]).max(-1)) for x in seen.residuals),
    )


def _likely(tokenizer: Tokenizer, odds: Tensor, ids: Tensor) -> tuple[Likely, ...]:
    """Each token of `ids` (n,) with its probability of `odds` (n,)."""
    pairs = zip(ids.tolist(), odds.tolist(), strict=True)
    return tuple(Likely(tokenizer.token_text(i), round(p, 5)) for i, p in pairs)


def _rounded(weights: Tensor) -> tuple[tuple[tuple[float, ...], ...], ...]:
    return tuple(
        tuple(tuple(round(v, 3) for v in row) for row in head) for head in weights.tolist()
    )


@torch.inference_mode()
def induction_scores(model: GPT, seed: int = 0) -> ByHead:
    """How much each head copies, by layer and head, from 0 to 1.

    The model reads the same random tokens twice in a row. The score is the mean attention from a
    token of the second reading to the token that followed it in the first reading (the
    "prefix-matching score" of Olsson et al. 2022, https://arxiv.org/abs/2209.11895).
    """
    count = min(REPEATED, (model.config.block_size - 1) // 2)
    random = torch.Generator().manual_seed(seed)
    drawn = torch.stack(
        [
            torch.randperm(model.config.vocab_size - 1, generator=random)[:count] + 1
            for _ in range(SEQUENCES)
        ]
    )  # (B, count): no token occurs twice in one reading
    start = torch.zeros(SEQUENCES, 1, dtype=torch.long)
    ids = torch.cat((start, drawn, drawn), dim=1).to(model.embedding.weight.device)
    seen = Trace(model, ids)
    rows = torch.arange(count + 1, 2 * count + 1)
    columns = rows - count + 1
    return tuple(
        tuple(round(v, 4) for v in w[:, :, rows, columns].mean(dim=(0, 2)).tolist())
        for w in seen.attention
    )


@torch.inference_mode()
def word_vectors(model: GPT, tokenizer: Tokenizer, words: Sequence[str]) -> Tensor:
    """The direction of each word's embedding, as a vector of length 1: (W, C).

    A word of several tokens has the mean of their embeddings. The length is removed because it
    mostly says how frequent a word is.
    """
    weights = model.embedding.weight
    found = torch.stack([weights[tokenizer.encode(f" {word}")].mean(dim=0) for word in words])
    return F.normalize(found, dim=-1)


@torch.inference_mode()
def nearest_others(vectors: Tensor) -> list[int]:
    """For each of `vectors` (W, C), the index of the other one that is nearest to it."""
    apart = torch.cdist(vectors, vectors).fill_diagonal_(torch.inf)  # (W, W)
    return apart.argmin(dim=1).tolist()


@torch.inference_mode()
def plane(vectors: Tensor) -> tuple[Tensor, Tensor]:
    """The centre (C,) of `vectors` (W, C) and the two directions (C, 2) of most variance (PCA)."""
    centre = vectors.mean(dim=0)
    _, _, directions = torch.linalg.svd(vectors - centre, full_matrices=False)
    top = directions[:2]
    # A direction and its opposite are the same axis, so choose one: its largest number is positive.
    signs = top.gather(1, top.abs().argmax(dim=1, keepdim=True)).sign()
    return centre, (top * signs).T
