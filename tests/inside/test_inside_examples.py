"""Where the last token of a few-shot prompt looks: the right places, and an even share is even."""

from __future__ import annotations

import pytest
import torch

from tests import tiny
from tinylm.evaluation.prompts import few_shot_prompt
from tinylm.evaluation.tasks import task as find_task
from tinylm.inside.examples import example_scores, places
from tinylm.model.gpt import GPT
from tinylm.text.tokenizer import train_tokenizer

pytestmark = pytest.mark.usefixtures("one_thread")
FACTS = find_task("world", "facts")


@pytest.mark.parametrize("vocab", [256, 400, 2048])
def test_places_are_where_answers_begin_and_the_separator_before(vocab: int) -> None:
    prompts = [few_shot_prompt(FACTS, item, 3, 1) for item in FACTS.test[::60]]
    coder = train_tokenizer([prompt.text for prompt in prompts], vocab)
    for prompt in prompts:
        found = places(coder, FACTS, prompt)
        assert coder.decode(found.ids[1:]) == prompt.text
        assert len(found.answers) == len(prompt.examples) == 3
        for position, example in zip(found.answers, prompt.examples, strict=True):
            rest = coder.decode(found.ids[position:])
            assert rest.startswith(FACTS.answer_prefix + example.answer)
            before = coder.decode(found.ids[1:position])
            assert before.endswith(f"{example.context}{FACTS.between}")
        assert found.separators == [position - 1 for position in found.answers]


def test_a_head_that_attends_evenly_gives_the_examples_their_even_share() -> None:
    coder = train_tokenizer([few_shot_prompt(FACTS, FACTS.test[0], 4, 1).text], 256)
    model = GPT(tiny.MODEL, seed=0)
    with torch.no_grad():
        for block in model.blocks:
            block.attention.wq.weight.zero_()  # type: ignore[union-attr, operator]
    *found, even, n = example_scores(model, coder, FACTS, num_fewshot=1, limit=400)
    assert n > 0
    for scores in found:
        for layer in scores:
            assert layer == pytest.approx([even] * len(layer), abs=1e-3)


def test_prompts_that_do_not_fit_are_left_out() -> None:
    coder = train_tokenizer(["Ghana -> Accra"], 256)
    found = example_scores(GPT(tiny.MODEL, seed=0), coder, FACTS, num_fewshot=8, limit=3)
    assert found == ((), (), 0.0, 0)
