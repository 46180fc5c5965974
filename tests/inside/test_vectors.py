"""Task vectors come from training items alone, and the head is chosen by other ones than these."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from tests import tiny
from tinylm.evaluation.context import Context
from tinylm.evaluation.forced import forced, rows_of
from tinylm.evaluation.tasks.base import Item, Task
from tinylm.inside.patching import Heads
from tinylm.inside.vectors import (
    choosing_items,
    last_outputs,
    ranked_heads,
    task_vectors,
    turns,
    with_outputs,
    with_vectors,
    without_head,
    wrong_relations,
)

pytestmark = pytest.mark.usefixtures("one_thread")
NAMES = tuple(f"{a}{b}" for a in "abcde" for b in "xyz")


def items(relation: str, answers: tuple[str, ...], names: tuple[str, ...]) -> tuple[Item, ...]:
    return tuple(
        Item(name, answers, place % len(answers), relation) for place, name in enumerate(names)
    )


TASK = Task(
    "facts",
    "Facts",
    "",
    train=(*items("t.p", ("u", "v"), NAMES[:13]), *items("t.q", ("m", "n"), NAMES[:13])),
    test=(*items("t.p", ("u", "v"), NAMES[13:]), *items("t.q", ("m", "n"), NAMES[13:])),
)


@pytest.fixture(scope="module")
def heads() -> Heads:
    return Heads(tiny.awake(block_size=64))


@pytest.fixture(scope="module")
def context() -> Context:
    return Context(tiny.tokenizer(), 64)


def test_no_item_is_in_a_vector_and_chooses_or_is_reported(heads: Heads, context: Context) -> None:
    vectors = task_vectors(heads, context, TASK)
    assert set(vectors) == {"t.p", "t.q"}
    assert all(one.shape == (2, 2, 16) for one in vectors.values())
    chosen = choosing_items(TASK, vectors)
    assert len(chosen) == 12
    for name in {item.context for item in chosen}:
        assert NAMES.index(name) % 2 == 1  # the others are in the vectors


def test_a_row_with_its_own_outputs_is_answered_as_before(heads: Heads, context: Context) -> None:
    rows = rows_of(context, TASK, TASK.test, 1)
    own = last_outputs(heads, [prompt for prompt, _ in rows])
    plain = forced(heads.model, rows)
    for one, other in zip(plain, with_outputs(heads, rows, heads.all, own), strict=True):
        assert one.log_probabilities == pytest.approx(other.log_probabilities, abs=1e-4)


def test_each_row_gets_the_vector_of_the_relation_that_is_named(
    heads: Heads, context: Context
) -> None:
    vectors = task_vectors(heads, context, TASK)
    rows = rows_of(context, TASK, [TASK.test[0]] * 2, 0)
    both = with_vectors(heads, rows, ["t.p", "t.q"], heads.all, vectors)
    alone = with_vectors(heads, rows[:1], ["t.q"], heads.all, vectors)
    assert both[0].log_probability != pytest.approx(both[1].log_probability, abs=1e-4)
    assert both[1].log_probability == pytest.approx(alone[0].log_probability, abs=1e-4)


def test_the_head_is_chosen_without_the_items_that_are_reported(
    heads: Heads, context: Context
) -> None:
    vectors = task_vectors(heads, context, TASK)
    order = ranked_heads(heads, context, TASK, vectors)
    assert sorted(order) == list(heads.all)
    assert ranked_heads(heads, context, replace(TASK, test=()), vectors) == order


def test_a_query_turns_only_where_another_relation_has_another_answer() -> None:
    found = turns(TASK, TASK.test)
    assert len(found) == len(TASK.test)
    assert all(one.item.context == one.other.context for one in found)
    assert all({one.item.group, one.other.group} == {"t.p", "t.q"} for one in found)


def test_a_wrong_relation_is_never_the_own_one(heads: Heads, context: Context) -> None:
    vectors = task_vectors(heads, context, TASK)
    wrong = wrong_relations(TASK, TASK.test, vectors)
    assert all(one != item.group for one, item in zip(wrong, TASK.test, strict=True))


def test_ablation_by_another_mean_changes_the_answers(heads: Heads, context: Context) -> None:
    rows = rows_of(context, TASK, TASK.test, 1)
    plain = forced(heads.model, rows)
    means = torch.ones(2, 2, 16)
    for head in heads.all:
        found = without_head(heads, rows, head, means)
        assert found[0].log_probability != pytest.approx(plain[0].log_probability, abs=1e-4)
