"""Few-shot prompts: literal, nested, the same for all models, and without the item itself."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tinylm.errors import BadRequest
from tinylm.evaluation.prompts import answer_text, few_shot_prompt, solved
from tinylm.evaluation.tasks import Item, Task, task

TOY = Task(
    name="toy",
    title="Toy",
    description="",
    train=(
        *(Item(name, ("low", "high"), i % 2, "g") for i, name in enumerate("abcdef")),
        Item("z", ("low", "high"), 0, "other"),
    ),
    test=(Item("t", ("low", "high"), 1, "g"),),
)
FACTS = task("world", "facts")


def test_zero_shot_is_the_item_alone() -> None:
    prompt = few_shot_prompt(TOY, TOY.test[0], 0, seed=1)
    assert prompt.text == "t ->"
    assert prompt.answer == " high"
    assert prompt.choices == (" low", " high")
    assert prompt.examples == ()


def test_text_is_solved_examples_then_the_question() -> None:
    item = TOY.test[0]
    prompt = few_shot_prompt(TOY, item, 3, seed=1)
    assert prompt.text == "".join(solved(TOY, e) for e in prompt.examples) + "t ->"
    assert prompt.text + prompt.answer + TOY.after == "".join(
        solved(TOY, e) for e in (*prompt.examples, item)
    )
    assert solved(TOY, item) == "t -> high\n"
    assert answer_text(TOY, item) == " high"


def test_question_format() -> None:
    questions = task("world", "questions")
    text = few_shot_prompt(questions, questions.test[0], 1, seed=0).text
    assert text.startswith("Question: ") and text.endswith("?\nAnswer:")
    assert text.count("\n") == 3


def test_fewer_examples_are_the_first_of_more() -> None:
    for item in FACTS.test[::20]:
        prompts = [few_shot_prompt(FACTS, item, k, seed=5).examples for k in range(9)]
        for few, more in pairwise(prompts):
            assert more[: len(few)] == few


def test_examples_are_training_items_of_the_group_and_never_the_item() -> None:
    train = set(FACTS.train)
    for item in (*FACTS.test[::10], *FACTS.train[::40]):
        examples = few_shot_prompt(FACTS, item, 8, seed=2).examples
        assert set(examples) <= train
        assert len(set(examples)) == 8
        assert {e.group for e in examples} == {item.group}
        assert item not in examples


def test_the_answer_is_not_written_for_the_item() -> None:
    for item in FACTS.test[::10]:
        prompt = few_shot_prompt(FACTS, item, 8, seed=2)
        assert solved(FACTS, item) not in prompt.text
        assert prompt.text.endswith(item.context + FACTS.between)


def test_seed_and_item_choose_the_examples() -> None:
    a, b = (i for i in FACTS.test if i.group == "countries.capital" and i.context in
            [x.context for x in FACTS.test if x.group == "countries.capital"][:2])  # fmt: skip
    first = few_shot_prompt(FACTS, a, 8, seed=1)
    assert first == few_shot_prompt(FACTS, a, 8, seed=1)
    assert first.examples != few_shot_prompt(FACTS, a, 8, seed=2).examples
    assert first.examples != few_shot_prompt(FACTS, b, 8, seed=1).examples


def test_every_example_gets_its_turn() -> None:
    seen = {few_shot_prompt(TOY, TOY.test[0], 1, seed=s).examples[0] for s in range(200)}
    assert seen == set(TOY.train[:6])


@pytest.mark.parametrize("num_fewshot", [-1, 7])
def test_a_number_out_of_range_is_refused_with_the_limit(num_fewshot: int) -> None:
    with pytest.raises(BadRequest, match="between 0 and 6"):
        few_shot_prompt(TOY, TOY.test[0], num_fewshot, seed=1)
