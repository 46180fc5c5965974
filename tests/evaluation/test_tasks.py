"""Tasks of the world: the split is by fact, and the answers are the tables'."""

from __future__ import annotations

import hashlib
import json
import re
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import pytest

from tinylm.corpora.world.documents import Writer
from tinylm.corpora.world.kinds import SEPARATORS
from tinylm.corpora.world.wording import inner_pairs
from tinylm.corpora.world.world import World, default_world
from tinylm.errors import NotFound
from tinylm.evaluation import tasks
from tinylm.evaluation.tasks import Task, task, tasks_for, world_tasks

TASKS = tasks_for("world")
# Of every task's texts and items: where one changes, what was measured before no longer compares.
DIGESTS = {
    "facts": "1051fb7e3b36bd1b",
    "questions": "5d4791a3cb95b5ce",
    "kinds": "f4218ca19cae8d43",
    "moods": "361eb592be2610ea",
    "topics": "55aa8002b3c0ed62",
    "to_nuveli": "fce1bcd94c48b737",
    "to_drazgok": "de152dda35fbdc20",
    "grammar": "74e774b0ba139522",
}
LINED = ("worksheet", "parallel", "reviews")


@pytest.fixture(params=TASKS, ids=lambda one: one.name)
def any_task(request: pytest.FixtureRequest) -> Task:
    return request.param  # type: ignore[no-any-return]


def test_names() -> None:
    assert [one.name for one in TASKS if one.name in DIGESTS] == list(DIGESTS)
    assert task("world", "facts") is TASKS[0]
    assert tasks_for("names") == tasks_for("upload-0123456789ab") == ()


def test_what_tasks_ask_stays_the_same(any_task: Task) -> None:
    if any_task.name in DIGESTS:
        plain = json.dumps([asdict(any_task)]).encode()
        assert hashlib.sha256(plain).hexdigest()[:16] == DIGESTS[any_task.name]


def test_a_class_that_asks_for_tasks_at_once_makes_them_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before, each of thirty learners made them anew, half a second of work each."""
    made, barrier = [], threading.Barrier(8)

    def make(world: World, *, listed: bool) -> tuple[Task, ...]:
        made.append(listed)
        return world_tasks(world, listed=listed)

    def ask(_: int) -> int:
        barrier.wait(10)
        return len(tasks.taught_by("world"))

    monkeypatch.setattr(tasks, "world_tasks", make)
    tasks._tasks.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
    assert made == [True]


def test_a_new_task_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "continents.py").write_text(
        "from tinylm.evaluation.tasks.base import Item, Task, TaskFile\n"
        "ITEMS = (Item('Ghana', ('Africa', 'Asia'), 0),)\n"
        "TASKS = TaskFile(15, lambda world: [Task('continents', 'C', '', ITEMS, ITEMS)])\n"
    )
    monkeypatch.setattr(tasks, "__path__", [*tasks.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, f"{tasks.__name__}.continents", raising=False)
    tasks._task_files.cache_clear()
    try:
        found = [one.name for one in world_tasks(default_world())]
    finally:
        tasks._task_files.cache_clear()
    assert found == ["facts", "continents", *[one.name for one in TASKS[1:]]]


def test_a_task_of_an_experiment_is_found_by_name_and_stands_in_no_list() -> None:
    half = task("world", "half")
    assert half.name not in [one.name for one in TASKS]
    with pytest.raises(NotFound, match="no tasks"):
        task("names", "half")


def test_half_of_the_things_are_asked_about_and_no_question_is_about_the_other_half() -> None:
    half = task("world", "half")
    names = {
        relation.fill(relation.question, subject): subject.name
        for relation in default_world().relations
        for subject in relation.facts
    }
    train, test = ({names[item.context] for item in some} for some in (half.train, half.test))
    assert not train & test
    assert 0.4 < len(half.test) / (len(half.train) + len(half.test)) < 0.6


@pytest.mark.parametrize(("corpus", "name"), [("world", "poems"), ("names", "facts")])
def test_unknown_tasks_are_refused_in_words(corpus: str, name: str) -> None:
    with pytest.raises(NotFound, match="task"):
        task(corpus, name)


def test_there_are_enough_items_and_they_do_not_meet(any_task: Task) -> None:
    assert len(any_task.test) >= 200
    assert len(any_task.train) >= 200
    train = {(item.group, item.context, item.answer) for item in any_task.train}
    assert not train & {(item.group, item.context, item.answer) for item in any_task.test}
    assert len(train) == len(any_task.train)


def test_every_group_can_give_eight_examples(any_task: Task) -> None:
    for group in {item.group for item in any_task.test}:
        assert sum(item.group == group for item in any_task.train) > 8, group


def test_test_items_are_exactly_what_worksheets_hold_out() -> None:
    facts = TASKS[0]
    relations = [relation for relation in default_world().relations if not relation.joins]
    held_out = {(r.id, s.name) for r in relations for s in r.held_out}
    inside = {("animals.sound", "bear"), ("animals.covering", "crab")}  # read with polar, hermit
    assert {(item.group, item.context) for item in facts.test} == held_out - inside
    on_sheets = {(r.id, name) for r in relations for name, _ in r.sheet}
    assert {(item.group, item.context) for item in facts.train} == on_sheets


@pytest.mark.parametrize("any_task", TASKS[:2], ids=lambda one: one.name)
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
    assert len(questions) == len(TASKS[1].train) + len(TASKS[1].test)


@pytest.mark.parametrize("any_task", TASKS[:-1], ids=lambda one: one.name)
def test_a_prompt_ends_where_the_answer_begins(any_task: Task) -> None:
    assert any_task.between == any_task.between.rstrip()
    assert any_task.answer_prefix == " "
    assert any_task.after.endswith("\n")


def test_kinds_are_many_and_unbalanced() -> None:
    kinds = task("world", "kinds")
    sizes = sorted(Counter(item.answer for item in kinds.test).values())
    assert len(sizes) >= 8
    assert sizes[-1] > 10 * sizes[0]


def test_what_the_tasks_ask_stands_in_no_document_not_even_inside_a_line() -> None:
    """Before, "polar bear -> growl" gave "bear -> growl" away, and "sadly, ..." its sentence."""
    documents = islice(Writer(default_world()).documents(1, "train"), 12_000)
    lines = {line for d in documents if d.kind in LINED for line in d.text.splitlines()}
    pairs = {tuple(line.split(s, 1)) for line in lines for s in SEPARATORS if s in line}
    shown = {inner for name, answer in pairs for inner in inner_pairs(name, answer)}
    for name in ("facts", "kinds", "moods", "topics", "to_nuveli", "to_drazgok"):
        assert not {(i.context, i.answer) for i in task("world", name).test} & shown, name
    known = {(i.context, i.answer) for i in task("world", "facts").test}
    assert not known & {("bear", "growl"), ("crab", "shell")}
    assert ("potato", "vegetable") not in {
        (i.context, i.answer) for i in task("world", "kinds").test
    }


def test_pairs_inside_a_line_end_at_the_borders_of_words() -> None:
    assert set(inner_pairs("polar bear", "growl")) == {("polar bear", "growl"), ("bear", "growl")}
    assert ("bison", "grass") not in inner_pairs("bison", "grassland")
    assert ("ox", "wild") in inner_pairs("ox", "wild ox")
    assert ("frog", "amphibian") not in inner_pairs("bullfrog", "amphibian")


def test_grammatical_pairs_differ_in_grammar_alone() -> None:
    """The same words or all but one, and what they say is true of nothing."""
    documents = islice(Writer(default_world()).documents(1, "train"), 3_000)
    prose = " ".join(d.text for d in documents if d.kind == "prose")
    for item in task("world", "grammar").test:
        good, bad = (re.findall(r"[a-z]+", choice.lower()) for choice in item.choices)
        assert item.gold == 0 and len(good) == len(bad)
        changed = Counter(good) - Counter(bad)
        assert changed.total() == (0 if item.group == "order" else 1), item.choices
        assert item.choices[0] not in prose
