"""The price of fine-tuning in words."""

from __future__ import annotations

from pages.finetune.forgetting import Cell, lost_most
from tests.measurements import measured
from tinylm.evaluation.tasks import tasks_for

FACTS, KINDS = (
    next(task for task in tasks_for("world") if task.name == name) for name in ("facts", "kinds")
)


def test_the_task_that_got_worse_by_most_is_named() -> None:
    results = {
        Cell("base", "facts", 4): measured(0.9, 0.85, 0.95),
        Cell("full", "facts", 4): measured(0.6, 0.5, 0.7),
        Cell("base", "kinds", 4): measured(0.89, 0.8, 0.95),
        Cell("full", "kinds", 4): measured(0.49, 0.4, 0.6),
    }
    said = lost_most(results, ["base", "full"], [FACTS, KINDS])
    assert KINDS.title.lower() in said and "from 89% to 49%" in said


def test_what_the_intervals_cannot_tell_is_not_called_lost() -> None:
    results = {
        Cell("base", "kinds", 4): measured(0.9, 0.8, 0.95),
        Cell("full", "kinds", 4): measured(0.8, 0.7, 0.88),
    }
    assert not lost_most(results, ["base", "full"], [FACTS, KINDS])
