"""Answers about a model, through the real engine at the smallest size."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path

import pytest

from tinylm.answers import engine, loading
from tinylm.errors import BadRequest
from tinylm.presets import preset_config
from tinylm.questions import Answer, Question, corpora
from tinylm.questions.models import Loss, NextToken, Sample, Score

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
