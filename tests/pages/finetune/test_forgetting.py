"""The price of fine-tuning in words."""

from __future__ import annotations

from pages.finetune.forgetting import Cell, left_out, lost_most, table
from tests.measurements import measured
from tinylm.evaluation.tasks import tasks_for
from tinylm.questions.models import ExamplesRead

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


def test_the_table_of_the_task_is_short_and_the_others_stand_apart() -> None:
    rows = table({}, ["base", "full"], [FACTS])
    assert [row[""] for row in rows].count("Pre-training text") == 2
    apart = table({}, ["base", "full"], [KINDS], text=False)
    assert {row[""] for row in apart} == {KINDS.title}


def test_examples_that_did_not_fit_are_explained_where_there_are_any() -> None:
    whole = measured(0.5, 0.4, 0.6)
    assert not left_out({Cell("base", "facts", 4): whole})
    short = measured(0.5, 0.4, 0.6, examples=ExamplesRead(4, 3, 3.7, 4, 70))
    said = left_out({Cell("base", "facts", 4): short})
    assert "“4 asked, 3.7 read”" in said and "not all 4 examples fitted" in said
