"""Fine-tune and Transfer show one example question: labelled, then answered before and after."""

from __future__ import annotations

import pytest

from tests.pages.test_pages import Open, click, open_page, shown, trained, tuned
from tinylm.evaluation.prompts import few_shot_prompt, solved
from tinylm.evaluation.tasks import tasks_for
from tinylm.runs.service import Service

__all__ = ["open_page"]  # a fixture

LABELS = 8  # of the fake runs


@pytest.mark.parametrize("lesson", ["finetune", "transfer"])
def test_one_example_and_the_answers_to_a_question_before_and_after(
    open_page: Open, service: Service, lesson: str
) -> None:
    task = next(one for one in tasks_for("world") if one.name == "questions")
    base = trained(service)
    at = open_page(lesson, run=base)
    assert at.code[0].value == solved(task, task.train[0]).strip()
    assert at.code[1].value == few_shot_prompt(task, task.test[0], 0, 1).text
    assert list(at.table[0].value["model"]) == ["base, before"]
    at = click(at, "Another question")
    assert at.code[1].value != few_shot_prompt(task, task.test[0], 0, 1).text
    for init in ("base", "random"):
        tuned(service, base, init)
    at = open_page(lesson, run=base)
    if lesson == "finetune":
        next(one for one in at.button_group if one.label == "Labelled examples").set_value(LABELS)
        at = at.run()
        # How both answer is not shown before the learner has predicted it.
        assert list(at.table[0].value["model"]) == ["base, before"]
        at = click(at, "about the same")
    after = [f"{name}, after {LABELS} labels" for name in ("fine-tuned", "scratch")]
    assert list(at.table[0].value["model"]) == ["base, before", *after]
    assert "no label is about it" in shown(at)
