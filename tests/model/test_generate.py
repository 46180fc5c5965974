"""Sampling: the cache changes nothing, seeds repeat, limits hold."""

from __future__ import annotations

import pytest
import torch

from tests import tiny
from tests.model.test_model import awake
from tinylm.errors import BadRequest
from tinylm.model.generate import (
    LEAST_TEMPERATURE,
    _choose,
    generate,
    next_token_odds,
    sampling_odds,
    stream,
)

MODEL = awake(tiny.model()).eval()
PROMPT = [5, 6, 7]


def without_cache(prompt: list[int], number: int) -> list[int]:
    ids = list(prompt)
    for _ in range(number):
        with torch.inference_mode():
            ids.append(int(MODEL(torch.tensor([ids]))[0, -1].argmax()))
    return ids[len(prompt) :]


def test_greedy_sampling_is_the_most_probable_token_each_time() -> None:
    assert generate(MODEL, PROMPT, 20, temperature=0) == without_cache(PROMPT, 20)


def test_one_seed_gives_one_text() -> None:
    first = generate(MODEL, PROMPT, 20, seed=1)
    assert first == generate(MODEL, PROMPT, 20, seed=1)
    assert first != generate(MODEL, PROMPT, 20, seed=2)


def test_the_most_probable_of_one_is_greedy() -> None:
    assert generate(MODEL, PROMPT, 10, top_k=1) == generate(MODEL, PROMPT, 10, temperature=0)


@pytest.mark.parametrize("temperature", [1e-39, 1e-4, float("nan"), float("inf"), -1.0])
def test_a_temperature_that_makes_no_odds_is_refused_in_words(temperature: float) -> None:
    with pytest.raises(BadRequest, match="emperature"):
        generate(MODEL, PROMPT, 1, temperature=temperature)


def test_the_least_temperature_takes_the_most_probable_token() -> None:
    odds = sampling_odds(torch.tensor([900.0, 901.0, -900.0]), LEAST_TEMPERATURE, 0, 1.0)
    assert odds.tolist() == [0.0, 1.0, 0.0]


def test_it_ends_before_a_stop() -> None:
    whole = generate(MODEL, PROMPT, 20, temperature=0)
    stop = whole[7]
    assert generate(MODEL, PROMPT, 20, temperature=0, stop={stop}) == whole[: whole.index(stop)]


def test_it_goes_on_where_the_context_is_full() -> None:
    size = MODEL.config.block_size
    assert len(generate(MODEL, PROMPT, 3 * size)) == 3 * size
    assert len(generate(MODEL, [3] * (2 * size), 5)) == 5


def test_tokens_come_one_by_one() -> None:
    tokens = stream(MODEL, PROMPT, 5, seed=3)
    assert next(tokens) == generate(MODEL, PROMPT, 1, seed=3)[0]


@pytest.mark.parametrize("wrong", [{"temperature": -1.0}, {"top_k": -1}])
def test_nonsense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadRequest):
        generate(MODEL, PROMPT, 3, **wrong)  # type: ignore[arg-type]
    with pytest.raises(BadRequest):
        generate(MODEL, [], 3)


def test_odds_are_the_largest_probabilities() -> None:
    odds = next_token_odds(MODEL, PROMPT, top=256)
    assert sum(p for _, p in odds) == pytest.approx(1.0, abs=1e-5)
    assert [p for _, p in odds] == sorted((p for _, p in odds), reverse=True)
    assert next_token_odds(MODEL, PROMPT, top=3) == odds[:3]


def test_what_is_drawn_is_distributed_as_the_odds() -> None:
    logits = torch.tensor([1.0, 2.0, 0.0, 3.0])
    random = torch.Generator().manual_seed(5)
    drawn = torch.tensor([_choose(logits, 1.5, 0, 1.0, random) for _ in range(4000)])
    shares = torch.bincount(drawn, minlength=4) / 4000
    assert torch.allclose(shares, sampling_odds(logits, 1.5, 0, 1.0), atol=0.03)
