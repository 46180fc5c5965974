"""Log-probabilities of given tokens and of choices after cached prompts, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tinylm.evaluation.prefix_trees import ChoiceTree
from tinylm.model.cache import Branches, KeyValueCache
from tinylm.model.gpt import GPT

BATCH_TOKENS = 2048  # positions read at once, padding included: more fall out of the CPU's cache
LOGIT_ROWS = 256  # positions whose logits exist at once


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Indices of rows of similar length in groups of at most BATCH_TOKENS positions, with padding.

    A row that is longer than that makes a group of its own.
    """
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and lengths[i] * (len(batch) + 1) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def log_probabilities(model: GPT, hidden: Tensor, sources: Tensor, targets: Tensor) -> Tensor:
    """Log-probability (E,) in nats of tokens `targets` (E,) at the places `sources` (E,) of hidden.

    `hidden` (M, C) are hidden states; of the logits (M, V) only a few rows exist at once.
    """
    normalisers = [
        model.logits(hidden[i : i + LOGIT_ROWS]).float().logsumexp(dim=-1)
        for i in range(0, len(hidden), LOGIT_ROWS)
    ]
    logits = model.logits_of(hidden[sources], targets).float()
    return logits - torch.cat(normalisers)[sources]


def choice_log_probabilities(
    model: GPT,
    cache: KeyValueCache,
    roots: Tensor,
    lengths: Tensor,
    trees: Sequence[Sequence[ChoiceTree]],
) -> list[list[float]]:
    """Summed log-probability in nats of each choice after the prompt of its row.

    `cache` holds B prompts of `lengths` (B,), `roots` (B, C) the hidden states of their last
    tokens; `trees[row]` are the choices of a row.
    """
    sums = [[0.0] * sum(len(tree.choices) for tree in row) for row in trees]
    planted = [(row, tree) for row, several in enumerate(trees) for tree in several]
    for numbers in batches([tree.size for _, tree in planted]):
        batch = [planted[i][1] for i in numbers]
        rows = torch.tensor([planted[i][0] for i in numbers], device=roots.device)
        hidden = _read(model, cache, roots, lengths, rows, batch)
        values = _sums(model, hidden, batch)
        for row, tree, value in zip(rows.tolist(), batch, values, strict=True):
            for choice, number in zip(tree.choices.tolist(), value.tolist(), strict=True):
                sums[row][choice] = number
    return sums


def _read(
    model: GPT,
    cache: KeyValueCache,
    roots: Tensor,
    lengths: Tensor,
    rows: Tensor,
    trees: Sequence[ChoiceTree],
) -> Tensor:
    """Hidden states (T, N, C) of T trees below `rows` (T,) of the cache, roots first, padded."""
    hidden, size = roots[rows, None], max(tree.size for tree in trees) - 1  # without the root
    if not size:
        return hidden
    lengths = lengths[rows]
    cached = int(lengths.max())
    tokens = np.zeros((len(trees), size), dtype=np.int64)
    depths = np.ones_like(tokens)
    visible = np.zeros((len(trees), size, cached + size), dtype=np.bool_)
    for i, (tree, length) in enumerate(zip(trees, lengths.tolist(), strict=True)):
        n = tree.size - 1
        tokens[i, :n], depths[i, :n] = tree.tokens[1:], tree.depths[1:]
        visible[i, :, :length] = True
        visible[i, :n, cached : cached + n] = tree.ancestors[1:, 1:]
    branches = Branches(cache, rows, _tensor(visible, roots))
    positions = lengths[:, None] + _tensor(depths, roots) - 1
    below = model.hidden_states(_tensor(tokens, roots), branches, positions)
    return torch.cat((hidden, below), dim=1)


def _sums(model: GPT, hidden: Tensor, trees: Sequence[ChoiceTree]) -> list[NDArray[np.float64]]:
    """Log-probabilities of the choices of each tree, from the hidden states (T, N, C)."""
    size = hidden.shape[1]
    nodes = np.concatenate([np.arange(tree.size) + i * size for i, tree in enumerate(trees)])
    starts = np.cumsum([0, *(tree.size for tree in trees[:-1])])  # of each tree among the nodes
    sources = [tree.sources + start for tree, start in zip(trees, starts, strict=True)]
    values = log_probabilities(
        model,
        hidden.flatten(0, 1)[_tensor(nodes, hidden)],
        _tensor(np.concatenate(sources), hidden),
        _tensor(np.concatenate([tree.targets for tree in trees]), hidden),
    )
    lengths = np.concatenate([tree.lengths for tree in trees])
    choice = np.repeat(np.arange(len(lengths)), lengths)  # the choice to which each value belongs
    sums = np.bincount(choice, weights=values.cpu().numpy(), minlength=len(lengths))
    return np.split(sums, np.cumsum([len(tree.choices) for tree in trees])[:-1])


def _tensor(array: NDArray[np.int64] | NDArray[np.bool_], like: Tensor) -> Tensor:
    return torch.from_numpy(array).to(like.device)
