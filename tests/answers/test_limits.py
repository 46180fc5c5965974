"""What a model cannot do, measured through the real engine on the recorded model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tinylm import recorded
from tinylm.answers import limits
from tinylm.answers.engine import answer
from tinylm.corpora.world.world import default_world
from tinylm.errors import BadRequest, NotFound
from tinylm.evaluation.made_up import FIRST, made_up_names
from tinylm.evaluation.tasks.base import Task
from tinylm.evaluation.two_steps import compositions
from tinylm.questions.limits import Invent, Lean, TwoSteps
from tinylm.questions.models import Item

RUN, STEP = recorded.RUN, recorded.recording().last.step


def test_made_up_names_stand_in_no_table_and_are_the_same_every_time() -> None:
    world = default_world()
    names = made_up_names(world, 150, seed=1)
    assert len(set(names)) == len(names) == 150 and names[0] == FIRST
    assert names == made_up_names(world, 150, seed=1) != made_up_names(world, 150, seed=2)
    known = {entity.name for table in world.tables for entity in table.entities}
    assert not known & set(names)


def test_the_recorded_model_invents_capitals_and_knows_real_ones(home: Path) -> None:
    found = answer(Invent(RUN, STEP, names=12), home)
    assert len(found.made_up) == 12
    assert not any(one.right for one in found.made_up)
    assert sum(one.fits for one in found.made_up) >= 4  # it answers as if it knew
    assert sum(one.right for one in found.read) >= 0.9 * len(found.read)
    assert all(0 <= one.probability <= 1 for one in (*found.made_up, *found.read))


def test_both_steps_are_asked_about_the_same_items_and_need_each_other() -> None:
    world = default_world()
    tables = {relation.id: relation for relation in world.relations}
    found = list(compositions(world))
    assert len(found) == 3
    for one in found:
        middle = {item.context: item.answer for item in one.one.test}
        for a, b, whole, own in zip(
            one.one.test, one.two.test, one.whole.test, one.own, strict=True
        ):
            assert (a.context, b.answer) == (whole.context, whole.answer)
            assert b.context == middle[a.context]
            assert own != whole.answer  # the short cut is always wrong
        facts = {s.name: answer for s, answer in tables[one.second].facts.items()}
        assert all(item.answer == facts[item.context] for item in one.two.test)


def test_the_recorded_model_knows_the_steps_and_not_what_follows(home: Path) -> None:
    kinds = answer(TwoSteps(RUN, STEP, limit=8), home).kinds
    assert all(one.one.accuracy >= 0.7 and one.two.accuracy >= 0.7 for one in kinds)
    assert all(one.whole.accuracy <= 0.5 for one in kinds)


@dataclass
class Answers:
    """Answers both steps right, the first 3 questions at once, and after shuffled ones the rest."""

    step_known: int  # so many of the first items have a known step

    def measure(self, _model: object, _text: object, task: Task, **how: Any) -> Any:
        items = task.test[: how["limit"]]
        whole, spoiled = ", " in task.name, how["control"] == "shuffled"
        right = [(i < 3) != spoiled if whole else i < self.step_known for i, _ in enumerate(items)]
        return SimpleNamespace(
            items=tuple(
                Item(task.name, one.context, one.answer, one.answer if good else "?", good)
                for one, good in zip(items, right, strict=True)
            )
        )


def test_shuffled_examples_and_the_majority_are_figures_of_the_same_items(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setattr(limits, "measure", Answers(step_known=5).measure)
    kinds = answer(TwoSteps(RUN, STEP, limit=8), home).kinds
    for one, pair in zip(kinds, compositions(default_world()), strict=True):
        assert (one.after_parts.correct, one.after_parts.n) == (3, 5)
        assert (one.control_parts.correct, one.control_parts.n) == (2, 5)
        assert (one.control.correct, one.control.n) == (5, 8)
        golds = [item.answer for item in pair.whole.test[:8]]
        assert one.majority == max(map(golds.count, golds)) / 8


def test_a_value_is_counted_only_where_the_tables_say_otherwise(home: Path) -> None:
    found = answer(Lean(RUN, STEP, "world", "countries.continent", "Europe"), home)
    world = default_world()
    (relation,) = (one for one in world.relations if one.id == "countries.continent")
    assert found.otherwise.n == sum(one != "Europe" for one in relation.facts.values())
    assert found.otherwise.accuracy < 0.1  # it knows better


@pytest.mark.parametrize(
    ("question", "error"),
    [
        (Invent(RUN, STEP, names=0), BadRequest),
        (Invent(RUN, STEP, "countries.king"), NotFound),
        (Lean(RUN, STEP, "made-000000000000", "countries.capital", "Paris"), NotFound),
    ],
)
def test_what_cannot_be_measured_is_refused_in_words(
    home: Path, question: Invent | Lean, error: type[Exception]
) -> None:
    with pytest.raises(error):
        answer(question, home)
