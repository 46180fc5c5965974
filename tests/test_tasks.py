"""Tasks of the world: the split is by fact, and the answers are the tables'."""

from __future__ import annotations

import pytest

from tinylm.corpora.world import default_world
from tinylm.errors import NotFound
from tinylm.evaluation.tasks import Task, task, tasks_for

TASKS = tasks_for("world")


@pytest.fixture(params=TASKS, ids=lambda one: one.name)
def any_task(request: pytest.FixtureRequest) -> Task:
    return request.param  # type: ignore[no-any-return]


def test_names() -> None:
    assert [one.name for one in TASKS] == ["facts", "questions"]
    assert task("world", "facts") is TASKS[0]
    assert tasks_for("names") == tasks_for("upload-0123456789ab") == ()


@pytest.mark.parametrize(("corpus", "name"), [("world", "poems"), ("names", "facts")])
def test_unknown_tasks_are_refused_in_words(corpus: str, name: str) -> None:
    with pytest.raises(NotFound, match="task"):
        task(corpus, name)


def test_there_are_enough_items_and_they_do_not_meet(any_task: Task) -> None:
    assert len(any_task.test) >= 150
    assert len(any_task.train) >= 500
    train = {(item.group, item.context) for item in any_task.train}
    assert not train & {(item.group, item.context) for item in any_task.test}


def test_every_group_can_give_eight_examples(any_task: Task) -> None:
    for group in {item.group for item in any_task.test}:
        assert sum(item.group == group for item in any_task.train) > 8, group


def test_test_items_are_exactly_what_worksheets_hold_out() -> None:
    facts = TASKS[0]
    held_out = {(r.id, s.name) for r in default_world().relations for s in r.held_out}
    assert {(item.group, item.context) for item in facts.test} == held_out
    on_sheets = {(r.id, name) for r in default_world().relations for name, _ in r.sheet}
    assert {(item.group, item.context) for item in facts.train} == on_sheets


def test_choices_are_the_answers_of_the_relation(any_task: Task) -> None:
    relations = {relation.id: relation for relation in default_world().relations}
    for item in (*any_task.train, *any_task.test):
        assert item.choices == relations[item.group].answers
        assert len(set(item.choices)) == len(item.choices) >= 2


def test_answers_come_from_the_tables() -> None:
    facts = {(i.group, i.context): i.answer for i in (*TASKS[0].train, *TASKS[0].test)}
    assert facts["countries.capital", "Ghana"] == "Accra"
    assert facts["opposites.opposite", "cold"] == "hot"
    questions = {i.context: i.answer for i in (*TASKS[1].train, *TASKS[1].test)}
    assert questions["What is the capital of the Netherlands?"] == "Amsterdam"
    assert questions["What is a young sheep called?"] == "lamb"
    assert questions["What is bread made from?"] == "flour"
    assert len(questions) == len(TASKS[1].train) + len(TASKS[1].test)


def test_a_prompt_ends_where_the_answer_begins(any_task: Task) -> None:
    assert any_task.between == any_task.between.rstrip()
    assert any_task.answer_prefix == " "
    assert any_task.after.endswith("\n")
