"""Task vectors: what examples leave behind in one head, used in place of the examples.

The mean of a head's output at the last token of few-shot prompts of one relation is put into a
prompt without examples (Todd et al. 2023, https://arxiv.org/abs/2310.15213; Hendel et al. 2023,
https://arxiv.org/abs/2310.15916). Nothing here reads the items that are reported: vectors come
from training items, and so does the choice of the head.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tinylm.evaluation.context import Context, prompt_ids
from tinylm.evaluation.forced import Forced, Row, forced, last_positions, rows_of
from tinylm.evaluation.likelihoods import batches
from tinylm.evaluation.prompts import other_examples
from tinylm.evaluation.tasks.base import Item, Task
from tinylm.inside.patching import Head, Heads, Patch

SHOTS = 4
PROMPTS = 24  # most prompts of a relation whose outputs are averaged
CHOOSING = 12  # most items of a relation by which the head is chosen
LEAST = 6  # a relation with fewer prompts gets no vector

Vectors = Mapping[str, Tensor]  # relation -> (L, nh, hs), the mean output of each head


@dataclass(frozen=True)
class Turn:
    """One query after examples of its own relation, and after those of another relation."""

    item: Item  # asks for its own relation's answer
    other: Item  # the same query, for the other relation's answer


def task_vectors(heads: Heads, context: Context, task: Task) -> dict[str, Tensor]:
    """The mean output of each head after SHOTS examples, by relation."""
    found = {}
    for relation, (shown, _) in _parts(task).items():
        if len(shown) >= LEAST:
            prompts = [
                prompt_ids(context.tokenizer, context.few_shot_prompt(task, item, SHOTS, 1).text)
                for item in shown
            ]
            found[relation] = last_outputs(heads, prompts).mean(dim=2)
    return found


def choosing_items(task: Task, vectors: Vectors) -> list[Item]:
    """Training items that are in no vector: those by which a head may be chosen."""
    return [
        item for relation, (_, left) in _parts(task).items() if relation in vectors for item in left
    ]


def last_outputs(heads: Heads, prompts: Sequence[list[int]]) -> Tensor:
    """What each head writes at the last token of each prompt: (L, nh, prompts, hs)."""
    device = heads.model.embedding.weight.device
    found: dict[int, Tensor] = {}
    for numbers in batches([len(prompt) for prompt in prompts]):
        ids = torch.zeros(len(numbers), max(len(prompts[i]) for i in numbers), dtype=torch.int64)
        for row, i in enumerate(numbers):
            ids[row, : len(prompts[i])] = torch.tensor(prompts[i])
        last = torch.tensor([len(prompts[i]) - 1 for i in numbers], device=device)
        read = heads.outputs(ids.to(device), last)
        found |= {i: read[:, :, row] for row, i in enumerate(numbers)}
    return torch.stack([found[i] for i in range(len(prompts))], dim=2)


def with_outputs(
    heads: Heads, rows: Sequence[Row], which: Sequence[Head], outputs: Tensor
) -> list[Forced]:
    """How the rows are answered where these heads write `outputs` (L, nh, rows, hs) at the end.

    The end is the last token of the prompt. All other positions stay as they are.
    """

    def read(ids: Tensor, numbers: Sequence[int]) -> Tensor:
        last = last_positions(rows, numbers).to(ids.device)
        chosen = torch.tensor(list(numbers), device=outputs.device)
        return heads.read(
            ids, [Patch(one, outputs[one.layer, one.head, chosen], last) for one in which]
        )

    return forced(heads.model, rows, read)


def with_vectors(
    heads: Heads,
    rows: Sequence[Row],
    relations: Sequence[str],
    which: Sequence[Head],
    vectors: Vectors,
) -> list[Forced]:
    """How the rows are answered with the vector of the relation that is named for each."""
    outputs = torch.stack([vectors[relation] for relation in relations], dim=2)
    return with_outputs(heads, rows, which, outputs)


def ranked_heads(heads: Heads, context: Context, task: Task, vectors: Vectors) -> list[Head]:
    """All heads, first the one whose vectors do best without examples, by training items alone.

    What counts is the mean log-probability of the right answer.
    """
    items = choosing_items(task, vectors)
    rows = rows_of(context, task, items, 0)
    relations = [item.group for item in items]

    def worth(head: Head) -> float:
        answers = with_vectors(heads, rows, relations, [head], vectors)
        return sum(one.log_probability for one in answers)

    return sorted(heads.all, key=worth, reverse=True)


def without_head(
    heads: Heads, rows: Sequence[Row], head: Head, mean_outputs: Tensor
) -> list[Forced]:
    """How the rows are answered where a head writes its mean `mean_outputs` (L, nh, hs) always."""
    patch = Patch(head, mean_outputs[head.layer, head.head][None])
    return forced(heads.model, rows, lambda ids, _: heads.read(ids, [patch]))


def turns(task: Task, items: Sequence[Item]) -> list[Turn]:
    """The items whose query has another right answer after the examples of the control "other"."""
    answers = {(one.group, one.context): one for one in (*task.train, *task.test)}
    pairs = ((item, other_examples(task, item)) for item in items)
    found = ((item, answers.get((pool[0].group, item.context))) for item, pool in pairs if pool)
    return [Turn(item, other) for item, other in found if other and other.answer != item.answer]


def wrong_relations(task: Task, items: Sequence[Item], vectors: Vectors) -> list[str]:
    """For each item a relation that has a vector and is not its own, if possible of its table."""
    others = {}
    for relation in {item.group for item in items}:
        table = relation.partition(".")[0]
        ranked = sorted(
            (one for one in vectors if one != relation),
            key=lambda one: (one.partition(".")[0] != table, one),
        )
        others[relation] = ranked[0]
    return [others[item.group] for item in items]


def _parts(task: Task) -> dict[str, tuple[list[Item], list[Item]]]:
    """By relation, the training items that make its vector, and those that choose the head."""
    by_relation: dict[str, list[Item]] = {}
    for item in task.train:
        by_relation.setdefault(item.group, []).append(item)
    return {
        relation: (items[::2][:PROMPTS], items[1::2][:CHOOSING])
        for relation, items in by_relation.items()
    }
