"""Batched scores are those of one prompt and one choice at a time."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import tiny
from tests.model.test_model import awake
from tinylm.errors import BadRequest
from tinylm.evaluation import likelihoods
from tinylm.evaluation.context import Context, prompt_ids
from tinylm.evaluation.prefix_trees import TREE_NODES, choice_trees
from tinylm.evaluation.scoring import Question, Scores, log_likelihoods, score
from tinylm.model.cache import Branches, KeyValueCache
from tinylm.model.generate import generate

MODEL = awake(tiny.model()).eval()
SIZE = MODEL.config.block_size
CODER = tiny.tokenizer()
QUESTIONS = [
    Question("the red", (" cat", " dog", " b"), "."),
    Question("a", (" bird",), "."),
    Question("the green dog sees", (" a", " the cat"), "."),
]

words = st.sampled_from([*tiny.WORDS, "c", "ca", "zz", ""])
phrases = st.lists(words, max_size=2).map(" ".join)
questions = st.builds(
    Question,
    prompt=phrases,
    choices=st.lists(phrases.map(lambda text: " " + text), min_size=1, max_size=6).map(tuple),
    end=st.sampled_from([".", "\n", " a"]),
)


@torch.inference_mode()
def one_at_a_time(question: Question) -> tuple[list[float], list[int]]:
    """Log-probability of each choice, and the ids of the most probable answer: no cache."""
    choices = [CODER.encode(choice + question.end) for choice in question.choices]
    longest = max(map(len, choices))
    prompt = prompt_ids(CODER, question.prompt)
    values = []
    for choice in choices:
        odds = MODEL(torch.tensor([prompt + choice]))[0].log_softmax(dim=-1)
        values.append(sum(float(odds[len(prompt) + i - 1, t]) for i, t in enumerate(choice)))
    answer: list[int] = []
    stops = {CODER.encode(question.end)[0], CODER.separator}
    while len(answer) < longest + 2 and len(prompt) + len(answer) <= SIZE:
        token = int(MODEL(torch.tensor([prompt + answer]))[0, -1].argmax())
        if token in stops:
            break
        answer.append(token)
    return values, answer


@settings(max_examples=20, deadline=None)
@given(st.lists(questions, min_size=1, max_size=8))
def test_scores_are_those_of_one_text_at_a_time(asked: list[Question]) -> None:
    for question, scores in zip(asked, score(MODEL, CODER, asked), strict=True):
        values, answer = one_at_a_time(question)
        assert scores.log_probabilities == pytest.approx(values, abs=1e-5)
        assert scores.greedy == CODER.decode(answer).strip()


def test_batches_of_any_size_give_the_same_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [Question(w * n, (" cat", " a dog"), ".") for n in (1, 2, 4) for w in tiny.WORDS]
    whole = score(MODEL, CODER, asked)
    monkeypatch.setattr(likelihoods, "BATCH_TOKENS", 1)  # every question alone
    for together, alone in zip(whole, score(MODEL, CODER, asked), strict=True):
        assert together.log_probabilities == pytest.approx(alone.log_probabilities, abs=1e-5)
        assert together.greedy == alone.greedy


def test_many_choices_are_cut_into_trees_that_hold_each_once() -> None:
    pairs = [f" {a} {b}" for a in tiny.WORDS for b in tiny.WORDS]
    choices = (*pairs, " cat", " cat", "")
    ids = [CODER.encode(choice + ".") for choice in choices]
    trees = choice_trees(ids)
    assert len(trees) > 1
    assert max(tree.size for tree in trees) < 2 * TREE_NODES
    assert sorted(i for tree in trees for i in tree.choices) == list(range(len(choices)))
    assert sum(tree.size for tree in trees) < sum(map(len, ids)) / 2  # beginnings are shared
    (scores,) = score(MODEL, CODER, [Question("the red", choices, ".")])
    values, _ = one_at_a_time(Question("the red", choices, "."))
    assert scores.log_probabilities == pytest.approx(values, abs=1e-5)


def test_branches_do_not_see_each_other_and_leave_the_cache_alone() -> None:
    cache = KeyValueCache(MODEL, rows=1, length=8)
    MODEL(torch.tensor([[5, 6, 7]]), cache=cache, positions=torch.arange(3)[None])
    before = cache.keys.clone()
    visible = torch.tensor([[[True, True, True, True, False], [True, True, True, False, True]]])
    branches = Branches(cache, torch.tensor([0, 0]), visible.expand(2, -1, -1))
    ids = torch.tensor([[8, 9], [8, 10]])
    logits = MODEL(ids, cache=branches, positions=torch.full((2, 2), 3))
    assert torch.equal(logits[0, 0], logits[1, 0])  # whatever stands beside it
    for row, column in ((0, 0), (0, 1), (1, 1)):
        alone = MODEL(torch.tensor([[5, 6, 7, int(ids[row, column])]]))[0, -1]
        assert torch.allclose(logits[row, column], alone, atol=1e-5)
    assert torch.equal(cache.keys, before)


def test_greedy_answers_are_those_of_sampling_at_temperature_zero() -> None:
    for question, scores in zip(QUESTIONS, score(MODEL, CODER, QUESTIONS), strict=True):
        ids = generate(
            MODEL,
            prompt_ids(CODER, question.prompt),
            max(len(CODER.encode(c + question.end)) for c in question.choices) + 2,
            temperature=0,
            stop={CODER.separator, CODER.encode(".")[0]},
        )
        assert scores.greedy == CODER.decode(ids).strip()


def test_without_the_ranking_the_greedy_answers_are_the_same() -> None:
    ranked = score(MODEL, CODER, QUESTIONS)
    for one, other in zip(ranked, score(MODEL, CODER, QUESTIONS, ranked=False), strict=True):
        assert (one.greedy, ()) == (other.greedy, other.log_probabilities)


def test_a_prompt_that_does_not_fit_whole_is_refused() -> None:
    """It would lose its beginning, and what is measured would be another prompt."""
    assert score(MODEL, CODER, []) == []
    choices = (" cat", " dog")
    longest = "a" * (SIZE - 1 - Context(CODER, SIZE).longest_answer(choices, "."))
    score(MODEL, CODER, [Question(longest, choices, ".")])
    for prompt, answers in ((f"{longest}a", choices), ("a", (" the red bird" * 20,))):
        with pytest.raises(BadRequest, match="at most 32 at once: shorten"):
            score(MODEL, CODER, [Question(prompt, answers, ".")])


@torch.inference_mode()
def test_log_likelihoods_are_those_of_one_text_at_a_time() -> None:
    texts = ["the red cat", "", "a", "the green bird sees a dog.", " the red bird" * 40]
    for end in (False, True):
        for text, value in zip(texts, log_likelihoods(MODEL, CODER, texts, end=end), strict=True):
            ids = [*prompt_ids(CODER, text), *[CODER.separator] * end]
            expected = 0.0
            for start in range(0, len(ids) - 1, SIZE):
                window = torch.tensor(ids[start : start + SIZE + 1])
                odds = MODEL(window[None, :-1])[0].log_softmax(dim=-1)
                expected += float(odds.gather(1, window[1:, None]).sum())
            assert value == pytest.approx(expected, rel=1e-5, abs=1e-5)


def test_an_untrained_model_finds_every_token_equally_likely() -> None:
    (value,) = log_likelihoods(tiny.model(), CODER, ["the red cat"])
    number = len(CODER.encode("the red cat"))
    assert value / number == pytest.approx(-math.log(CODER.vocab_size), abs=0.1)


def test_the_most_probable_choice_is_ranked_first() -> None:
    assert Scores("", (-4.0, -6.0)).ranked == 0


def test_nul_is_refused() -> None:
    with pytest.raises(BadRequest, match="NUL"):
        prompt_ids(CODER, "a\0b")
    with pytest.raises(BadRequest, match="NUL"):
        log_likelihoods(MODEL, CODER, ["a\0b"])
