"""Allowed answers as prefix trees, so that the model reads a common beginning only once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]

TREE_NODES = 48  # about the number of nodes of each tree, when choices are split into several


@dataclass(frozen=True)
class ChoiceTree:
    """A prefix tree of token sequences below a root, the last token of the prompt.

    Node 0 is the root; a parent stands before its children. A choice's last token is never
    read, only predicted, so it has no node.
    """

    choices: Numbers  # (n,) which of all choices are here
    lengths: Numbers  # (n,) tokens of each
    tokens: Numbers  # (N,) of each node; the root's is not used
    depths: Numbers  # (N,) of each node; 0 for the root
    ancestors: NDArray[np.bool_]  # (N, N): [n, m] is true where m lies on the way to n, or is n
    sources: Numbers  # (E,) nodes, one for each token of each choice, E = lengths.sum()
    targets: Numbers  # (E,) the token that is predicted there

    @property
    def size(self) -> int:
        return len(self.tokens)


def choice_trees(choices: Sequence[Sequence[int]]) -> tuple[ChoiceTree, ...]:
    """Trees of similar size that hold each of `choices`, sequences of token ids, once.

    One tree of N nodes would cost N x N attention, so many choices become several trees.
    """
    order = sorted(range(len(choices)), key=lambda i: tuple(choices[i]))  # common beginnings meet
    nodes = _new_nodes([choices[i] for i in order])
    total = sum(nodes)
    parts = max(1, round(total / TREE_NODES))
    trees: list[list[int]] = [[] for _ in range(parts)]
    before = 0
    for i, new in zip(order, nodes, strict=True):
        trees[min(parts - 1, before * parts // max(1, total))].append(i)
        before += new
    return tuple(_tree(numbers, [choices[i] for i in numbers]) for numbers in trees if numbers)


def _new_nodes(ordered: Sequence[Sequence[int]]) -> list[int]:
    """How many new nodes each choice adds to the tree of the choices before it."""
    seen: set[tuple[int, ...]] = set()
    counts = []
    for choice in ordered:
        before = len(seen)
        seen |= {tuple(choice[:i]) for i in range(1, len(choice))}
        counts.append(len(seen) - before)
    return counts


def _tree(numbers: Sequence[int], choices: Sequence[Sequence[int]]) -> ChoiceTree:
    nodes: dict[tuple[int, int], int] = {}  # (parent, token) -> node
    parents, sources, targets = [0], [], []
    for choice in choices:
        node = 0
        for place, token in enumerate(choice):
            sources.append(node)
            targets.append(token)
            if place < len(choice) - 1:
                child = nodes.setdefault((node, token), len(parents))
                if child == len(parents):
                    parents.append(node)
                node = child
    ancestors = np.eye(len(parents), dtype=np.bool_)
    for node, parent in enumerate(parents[1:], start=1):
        ancestors[node] |= ancestors[parent]
    return ChoiceTree(
        choices=np.array(numbers, dtype=np.int64),
        lengths=np.array([len(choice) for choice in choices], dtype=np.int64),
        tokens=np.array([0, *(token for _, token in nodes)], dtype=np.int64),
        depths=ancestors.sum(axis=1) - 1,
        ancestors=ancestors,
        sources=np.array(sources, dtype=np.int64),
        targets=np.array(targets, dtype=np.int64),
    )
