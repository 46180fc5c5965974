"""Teacher forcing agrees with what scoring says of the same answers."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from tests import tiny
from tinylm.evaluation.context import Context
from tinylm.evaluation.forced import forced, rows_of
from tinylm.evaluation.metrics_of_answers import three_metrics
from tinylm.evaluation.scoring import Question, score
from tinylm.evaluation.tasks.base import Item, Task
from tinylm.model.generate import generate
from tinylm.model.gpt import GPT

pytestmark = pytest.mark.usefixtures("one_thread")
COLOURS = ("red", "green", "blue")
TASK = Task(
    "colours",
    "Colours",
    "",
    train=(),
    test=tuple(Item(f"a {one} cat sees a", COLOURS, gold) for gold, one in enumerate(COLOURS)),
    between="",
    after=".",
    max_fewshot=0,
)


@pytest.fixture(scope="module")
def model() -> GPT:
    return tiny.awake()


def test_log_probabilities_are_those_of_scoring(model: GPT) -> None:
    context = Context(tiny.tokenizer(), model.config.block_size)
    found = forced(model, rows_of(context, TASK, TASK.test, 0))
    for item, one in zip(TASK.test, found, strict=True):
        prompt = context.few_shot_prompt(TASK, item, 0, 1)
        (scores,) = score(
            model, context.tokenizer, [Question(prompt.text, prompt.choices, TASK.after)]
        )
        assert one.log_probability == pytest.approx(scores.log_probabilities[item.gold], abs=1e-4)


def test_an_answer_is_exact_where_every_token_is_the_most_probable_one(model: GPT) -> None:
    prompt = [0, 7, 8]
    greedy = generate(model, prompt, 4, temperature=0)
    spoiled = [*greedy[:2], (greedy[2] + 1) % 256, greedy[3]]
    right, wrong = forced(model, [(prompt, greedy), (prompt, spoiled)])
    assert right.exact
    assert wrong.right[:3] == (True, True, False) and not wrong.exact


def test_metrics_order_as_they_must(model: GPT) -> None:
    found = three_metrics(model, tiny.tokenizer(), TASK, 4)
    assert found.n == len(TASK.test)
    assert 0 <= found.exact <= found.tokens <= 1
    assert math.exp(found.log_probability) <= 1
    assert found.length == pytest.approx(
        sum(len(tiny.tokenizer().encode(f" {one}")) for one in COLOURS) / 3
    )


def test_a_ranked_task_compares_the_choices() -> None:
    """Where all tokens are alike, the shorter of two choices is the more probable one."""
    model = GPT(tiny.MODEL, seed=0)
    pair = ("a cat", "a cat sees a dog")
    for gold, share in ((0, 1.0), (1, 0.0)):
        task = replace(TASK, test=(Item("", pair, gold),), answer_prefix="", decide="ranked")
        assert three_metrics(model, tiny.tokenizer(), task, 0).exact == share
