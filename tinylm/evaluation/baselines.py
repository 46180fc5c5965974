"""What knows nothing of a task scores all the same: a random choice, and the commonest answer."""

from __future__ import annotations

from collections.abc import Sequence

from tinylm.evaluation.tasks import Item, Task
from tinylm.evaluation.traps import commonest


def chance(items: Sequence[Item]) -> float:
    """Expected accuracy of a random choice. An item with one choice has free text and counts 0."""
    return sum(1 / len(i.choices) if len(i.choices) > 1 else 0.0 for i in items) / len(items)


def majority(task: Task, items: Sequence[Item]) -> float:
    """Accuracy of always giving the commonest answer of the group's training items."""
    common: dict[str, str] = {}
    for name in {item.group for item in items}:
        answers = [item.answer for item in task.train if item.group == name]
        common[name] = commonest(answers) if answers else ""
    return sum(common[item.group] == item.answer for item in items) / len(items)
