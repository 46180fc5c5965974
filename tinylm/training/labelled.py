"""What fine-tuning learns from, and what it is measured on: the items of a task in ids."""

from __future__ import annotations

import random
from collections.abc import Sequence

from tinylm.config import RunConfig
from tinylm.errors import BadRequest
from tinylm.evaluation.context import prompt_ids
from tinylm.evaluation.prompts import answer_text, few_shot_prompt
from tinylm.evaluation.tasks import Item, Task
from tinylm.text.batches import ValidationSet, answer_rows
from tinylm.text.tokenizer import Tokenizer
from tinylm.training.reward import Trials

VALIDATION_ROWS = 32


def labelled_items(task: Task, number: int, seed: int) -> list[Item]:
    """`number` training items of `task` in an order fixed by `seed`.

    A smaller number gives the first items of a larger one. Raises BadRequest for a number below 1
    or above the number of training items.
    """
    if not 1 <= number <= len(task.train):
        raise BadRequest(
            f"Task {task.name!r} has {len(task.train)} labelled examples: choose between 1 and "
            f"{len(task.train)}."
        )
    order = list(task.train)
    random.Random(f"labels/{task.name}/{seed}").shuffle(order)
    return order[:number]


def solved_ids(
    task: Task, item: Item, tokenizer: Tokenizer, config: RunConfig
) -> tuple[list[int], list[int]]:
    """The ids of one example's prompt and of its answer, as fine-tuning reads them."""
    prompt = few_shot_prompt(task, item, 0, config.train.seed).text
    answer = tokenizer.encode(answer_text(task, item) + task.after)
    return prompt_ids(tokenizer, prompt), answer


def trials_of(
    task: Task,
    items: Sequence[Item],
    solved: Sequence[tuple[Sequence[int], Sequence[int]]],
    tokenizer: Tokenizer,
    config: RunConfig,
) -> Trials:
    """The questions of `items`, `solved` in ids, which the model of the run tries to answer."""
    return Trials(
        questions=[(ids, item.answer) for (ids, _), item in zip(solved, items, strict=True)],
        tokenizer=tokenizer,
        stops=frozenset((*tokenizer.encode(task.after)[:1], tokenizer.separator)),
        limit=max(len(answer) for _, answer in solved) + 2,
        num_generations=config.num_generations,
        temperature=config.temperature,
        batch_size=config.train.batch_size,
        seed=config.train.seed,
    )


def task_validation(task: Task, tokenizer: Tokenizer, config: RunConfig) -> ValidationSet:
    """The task's held-out items as a validation set. Only the answers' tokens count in the loss."""
    pairs = [solved_ids(task, item, tokenizer, config) for item in task.test]
    pairs.sort(key=lambda pair: len(pair[0]) + len(pair[1]))
    return ValidationSet(
        batches=tuple(
            answer_rows(pairs[i : i + VALIDATION_ROWS])
            for i in range(0, len(pairs), VALIDATION_ROWS)
        ),
        num_tokens=sum(len(answer) for _, answer in pairs),
        num_bytes=sum(tokenizer.num_bytes(answer) for _, answer in pairs),
        num_documents=len(pairs),
    )
