"""Answers about a model, through the real engine at the smallest size."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path

import pytest

from tinylm.answers import engine, loading
from tinylm.errors import BadRequest
from tinylm.evaluation.tasks import task
from tinylm.presets import preset_config
from tinylm.questions import Answer, Question, corpora
from tinylm.questions.inside import Draw
from tinylm.questions.models import ExamplesRead, Fitting, Loss, NextToken, Sample, Score

BASE = "world-tiny-base"
LAST = preset_config("tiny").train.steps


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one tiny pre-trained run, for tests that only read it."""
    home = tmp_path_factory.mktemp("home")
    events = engine.run(preset_config("tiny"), home / "runs" / BASE, home, threads=lambda: 1)
    deque(events, maxlen=0)
    return home


@pytest.fixture(autouse=True)
def _cold() -> Iterator[None]:
    yield
    loading._warm.clear()


def test_scores_carry_number_interval_and_controls(shared: Path) -> None:
    question = Score(BASE, LAST, "facts", 4, limit=20, texts=True)
    score = engine.answer(question, shared)
    assert score.n == len(score.items) == len(score.right) == 20
    assert 0 <= score.low <= score.accuracy <= score.high <= 1
    assert 0 < score.chance < 1
    assert score == engine.answer(question, shared)
    assert [item.correct for item in score.items] == list(score.right)
    assert all(item.correct == (item.answer == item.gold) for item in score.items)
    assert engine.answer(Score(BASE, LAST, "facts", 4, limit=20), shared).items == ()


def test_examples_that_fit_are_told_for_one_item_as_for_all(shared: Path) -> None:
    score = engine.answer(Score(BASE, LAST, "moods", 8, limit=10), shared)
    items = len(task("world", "moods").test)
    places = [i * items // 10 for i in range(10)]
    fit = [engine.answer(Fitting(BASE, LAST, "moods", place, 8), shared) for place in places]
    read = [one.num_fewshot for one in fit]
    assert score.examples == ExamplesRead(8, min(read), sum(read) / 10, max(read), 0)
    assert all(one.num_tokens < one.block_size == 64 for one in fit)
    with pytest.raises(BadRequest, match="no item 250"):
        engine.answer(Fitting(BASE, LAST, "moods", items, 8), shared)


def test_odds_say_how_much_of_a_long_text_was_read(shared: Path) -> None:
    odds = engine.answer(NextToken(BASE, LAST, "The cow is an animal. " * 40), shared)
    assert odds.num_read == 64 < odds.num_tokens
    with pytest.raises(BadRequest, match="at most 64 at once"):
        engine.answer(NextToken(BASE, LAST, "The cow " * 60, choices=(" eats",)), shared)
    with pytest.raises(BadRequest, match="at most 63 at once"):
        engine.answer(Draw(BASE, LAST, "The cow " * 60, 1, 1.0, 0, 1.0, 1), shared)


def test_step_zero_is_the_untrained_model(shared: Path) -> None:
    untrained, trained = (
        max(
            token.probability
            for token in engine.answer(NextToken(BASE, step, "The"), shared).tokens
        )
        for step in (0, LAST)
    )
    assert untrained < 0.01
    assert trained > 2 * untrained


def test_odds_of_allowed_answers(shared: Path) -> None:
    question = NextToken(BASE, LAST, "Ghana ->", choices=(" Accra", " Paris"))
    answer = engine.answer(question, shared)
    assert [choice.text for choice in answer.choices] == [" Accra", " Paris"]
    assert all(0 <= choice.probability <= 1 for choice in answer.choices)


def test_a_sample_repeats_with_its_seed(shared: Path) -> None:
    question = Sample(BASE, LAST, "The", num_tokens=12, seed=4)
    assert engine.answer(question, shared) == engine.answer(question, shared)


def test_a_corpus_is_counted(home: Path) -> None:
    counted = engine.answer(corpora.Statistics("world", 200), home)
    assert counted.train_documents == 200
    assert counted.val_documents > 400
    assert {"prose", "info-box", "worksheet"} <= set(counted.kinds)


@pytest.mark.parametrize(
    "question",
    [
        Sample(BASE, LAST, "a", num_tokens=0),
        Sample(BASE, LAST, "a" * 20_000),
        Sample(BASE, LAST, "a\0b"),
        NextToken(BASE, LAST, "\ud800"),
        NextToken("nobody", LAST, "a"),
        NextToken(BASE, 7, "a"),
        NextToken(BASE, -1, "a"),
        Score(BASE, LAST, "nonsense"),
        Loss("nobody", LAST),
        Loss(BASE, LAST, documents=-1),
        Score(BASE, LAST, "facts", group="nonsense"),
        Score(BASE, LAST, "facts", 9),
    ],
)
def test_nonsense_is_refused(shared: Path, question: Question[Answer]) -> None:
    with pytest.raises(BadRequest):
        engine.answer(question, shared)
