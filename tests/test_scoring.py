"""Batched scores are those of one prompt at a time."""

from __future__ import annotations

import pytest
import torch

from tests import tiny
from tests.test_model import awake
from tinylm.errors import BadRequest
from tinylm.evaluation.scoring import Question, Scores, prompt_ids, score
from tinylm.generate import generate

MODEL = awake(tiny.model()).eval()
CODER = tiny.tokenizer()
QUESTIONS = [
    Question("the red", (" cat", " dog", " b"), "."),
    Question("a", (" bird",), "."),
    Question("the green dog sees", (" a", " the cat"), "."),
]


@torch.inference_mode()
def log_probability(prompt: str, answer: str) -> float:
    before, after = prompt_ids(CODER, prompt), CODER.encode(answer)
    odds = MODEL(torch.tensor([before + after]))[0].log_softmax(dim=-1)
    return sum(float(odds[len(before) + i - 1, token]) for i, token in enumerate(after))


def test_log_probabilities_are_those_of_one_text_at_a_time() -> None:
    for question, scores in zip(QUESTIONS, score(MODEL, CODER, QUESTIONS), strict=True):
        for choice, value in zip(question.choices, scores.log_probabilities, strict=True):
            expected = log_probability(question.prompt, choice + question.end)
            assert value == pytest.approx(expected, abs=1e-3)


def test_greedy_answers_are_those_of_sampling_at_temperature_zero() -> None:
    for question, scores in zip(QUESTIONS, score(MODEL, CODER, QUESTIONS), strict=True):
        limit = max(len(CODER.encode(c + question.end)) for c in question.choices) + 2
        ids = generate(
            MODEL,
            prompt_ids(CODER, question.prompt),
            limit,
            temperature=0,
            stop={CODER.separator, CODER.encode(".")[0]},
        )
        assert scores.greedy == CODER.decode(ids).strip() or len(ids) == limit


def test_a_prompt_longer_than_the_context_loses_its_beginning() -> None:
    long = Question("x" * 200 + "the red", (" cat",), ".")
    (scores,) = score(MODEL, CODER, [long])
    assert scores.log_probabilities[0] < 0


def test_ranks_with_and_without_length() -> None:
    scores = Scores("", (-4.0, -6.0), (1, 3))
    assert (scores.ranked, scores.ranked_normalised) == (0, 1)


def test_nul_is_refused() -> None:
    with pytest.raises(BadRequest, match="NUL"):
        prompt_ids(CODER, "a\0b")
