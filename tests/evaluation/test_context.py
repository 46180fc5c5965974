"""Prompts are read whole: with as many examples as fit, or not at all."""

from __future__ import annotations

import pytest

from tests import tiny
from tinylm.errors import BadRequest
from tinylm.evaluation import measure as measuring
from tinylm.evaluation.context import Context, prompt_ids
from tinylm.evaluation.measure import measure
from tinylm.evaluation.prompts import CONTROLS, few_shot_prompt, solved
from tinylm.evaluation.scoring import Question, score
from tinylm.evaluation.tasks import task
from tinylm.questions.models import ExamplesRead
from tinylm.text.tokenizer import Tokenizer, train_tokenizer

QUESTIONS = task("world", "questions")
CODER = train_tokenizer([solved(QUESTIONS, item) for item in QUESTIONS.train], 320)
SIZE = 160
GPT = tiny.model(vocab_size=CODER.vocab_size, block_size=SIZE).eval()


@pytest.mark.parametrize("control", CONTROLS)
def test_as_many_whole_examples_are_read_as_fit_with_the_answer(control: str) -> None:
    context, numbers = Context(CODER, SIZE), set()
    for item in QUESTIONS.test[::25]:
        prompt = context.few_shot_prompt(QUESTIONS, item, 8, 1, control)
        read = len(prompt.examples)
        assert prompt == few_shot_prompt(QUESTIONS, item, read, 1, control)
        longest = context.longest_answer(prompt.choices, "\n")
        assert len(prompt_ids(CODER, prompt.text)) + longest <= SIZE
        one_more = few_shot_prompt(QUESTIONS, item, read + 1, 1, control)
        ends = (e.choices for e in one_more.examples) if control == "other" else ()
        answers = one_more.choices + tuple(f" {one}" for choices in ends for one in choices)
        assert context.tokens_needed(one_more.text, answers, "\n") > SIZE
        numbers.add(read)
    assert len(numbers) > 1
    assert max(numbers) < 8


def test_a_measurement_reads_what_the_page_prints_and_says_how_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before, all 8 examples were asked for and said, and the model read the end of the prompt."""
    asked: list[Question] = []

    def seen(model: object, coder: Tokenizer, questions: list[Question], **kwargs: bool) -> object:
        asked.extend(questions)
        return score(GPT, coder, questions, **kwargs)

    monkeypatch.setattr(measuring, "score", seen)
    found = measure(GPT, CODER, QUESTIONS, num_fewshot=8, limit=20)
    items = [QUESTIONS.test[i * len(QUESTIONS.test) // 20] for i in range(20)]
    context = Context(CODER, SIZE)
    prompts = [context.few_shot_prompt(QUESTIONS, item, 8, 1) for item in items]
    assert [one.prompt for one in asked] == [prompt.text for prompt in prompts]
    read = [len(prompt.examples) for prompt in prompts]
    assert found.examples == ExamplesRead(8, min(read), sum(read) / 20, max(read), 0)
    assert found.examples.in_words() == f"8 asked, {sum(read) / 20:.1f} read"
    none = measure(GPT, CODER, QUESTIONS, num_fewshot=0, limit=20).examples
    assert none == ExamplesRead(0, 0, 0.0, 0, 20)
    assert none.in_words() == "0"


def test_a_task_whose_questions_do_not_fit_is_refused_before_anything_is_measured() -> None:
    small = tiny.model(vocab_size=CODER.vocab_size, block_size=16)
    with pytest.raises(BadRequest, match=r"'Questions' does not fit .* at most 16 at once"):
        measure(small, CODER, QUESTIONS, num_fewshot=0)
    with pytest.raises(BadRequest, match="block_size"):
        Context(CODER, 16).check(QUESTIONS, QUESTIONS.train, 1)


def test_a_quick_measurement_leaves_as_much_room_for_an_answer_as_a_ranked_one() -> None:
    """Before, it stopped every answer after 18 tokens, so that longer ones were never right."""
    coder, words = tiny.tokenizer(), "the red bird sees a green dog"  # a token a letter
    model = tiny.model(block_size=64).eval()
    limits = {
        ranked: len(
            score(model, coder, [Question("a", (f" {words}",), "\0")], ranked=ranked)[0].greedy
        )
        for ranked in (True, False)
    }
    assert limits[True] == limits[False]


def test_a_negative_number_of_items_is_refused() -> None:
    with pytest.raises(BadRequest, match="limit"):
        measure(GPT, CODER, QUESTIONS, num_fewshot=0, limit=-5)
