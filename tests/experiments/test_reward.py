"""The experiment about rewards: equal budgets, what is measured, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pages.reward import parts, result
from tests import tiny
from tinylm.answers.experiments import reward as measuring
from tinylm.evaluation.prompts import solved
from tinylm.evaluation.tasks import task
from tinylm.experiments.recording import Recording, Trial, recording
from tinylm.experiments.reward import (
    ANSWERS,
    AS_LONG,
    EXPERIMENT,
    NEW,
    NEW_ONCE,
    NEW_TRIES,
    TASK,
    UPDATES,
)
from tinylm.presets import preset_config
from tinylm.questions.experiments import Figure, Figures, Look, Measured
from tinylm.text.tokenizer import train_tokenizer

QUESTIONS = task("world", TASK)


def recorded(shares: dict[str, list[float]]) -> Recording:
    """A recording in which arms answered these shares of new questions, seed by seed."""
    trials = [
        Trial(arm, seed, Measured({NEW: Figure(value, value, value, 100)}))
        for arm, values in shares.items()
        for seed, value in enumerate(values, start=1)
    ]
    return Recording("reward", "2026-01-01", "2 cores", "abc", "quick", tuple(trials))


SHARES = {
    "labels": [0.1, 0.2],
    "more": [0.1, 0.1],
    "reward": [0.6, 0.7],
    "answers": [0.7, 0.8],
    "answers-long": [0.8] * 2,
}


def test_rewards_and_answers_have_the_same_start_questions_and_updates() -> None:
    assert len(QUESTIONS.train) == ANSWERS
    base = preset_config("quick", seed=7)
    rewarded, shown = (
        EXPERIMENT.config(EXPERIMENT.arm(name), 7, ("run-1", base))
        for name in ("reward", "answers")
    )
    assert rewarded.method == "reward" and shown.method == "full"
    for one in (rewarded, shown):
        assert one.num_examples == ANSWERS
        assert (one.train.steps, one.train.batch_size, one.train.seed) == (UPDATES, 16, 7)
    assert EXPERIMENT.arm("reward").after == EXPERIMENT.arm("answers").after == "labels"


def test_it_measures_new_and_practised_questions_at_once_and_in_tries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few = replace(QUESTIONS, train=QUESTIONS.train[:10], test=QUESTIONS.test[:26])
    coder = train_tokenizer([solved(QUESTIONS, item) for item in QUESTIONS.train], 320)
    model = tiny.model(vocab_size=coder.vocab_size, block_size=160).eval()
    loaded = (model, coder, preset_config("tiny"))
    monkeypatch.setattr(measuring, "load_model", lambda *_: loaded)
    monkeypatch.setattr(measuring, "SOME", 13)
    monkeypatch.setattr(measuring, "find_task", lambda *_: few)
    asked = Figures("reward", "base", "run-1", 60)
    found = measuring.measure(asked, Path())
    assert set(found.figures) == set(EXPERIMENT.figures)
    assert (found.figures[NEW].n, found.figures[NEW_TRIES].n) == (26, 13)
    assert found.figures[NEW_ONCE].value >= found.figures[NEW_TRIES].value
    assert len(found.shown) == measuring.SHOWN
    assert found == measuring.measure(asked, Path())  # the tries are drawn from a seed
    look = measuring.measure(Look("reward", "base", "run-1", 30), Path())
    assert set(look.figures) == {NEW}


def test_what_is_said_follows_from_the_seeds() -> None:
    said = result.meaning(recorded(SHARES))
    assert "from **15%** (seeds: 10% to 20%) to **65%** (seeds: 60% to 70%)" in said
    assert "gets to **75%**" in said and "an answer teaches more" in said
    mixed = result.meaning(recorded(SHARES | {"answers": [0.7, 0.65]}))
    assert "Which teaches more is left open" in mixed and "an answer teaches" not in mixed
    worse = result.meaning(recorded(SHARES | {"reward": [0.05, 0.7]}))
    assert "differs from seed to seed" in worse and "enough to learn" not in worse
    longer = result.budgets_in_words(recorded(SHARES))
    assert f"{AS_LONG} updates on answers" in longer and "**80%**" in longer
    assert result.meaning(recorded({"labels": [0.1]})) == ""
    starts = result.starts_in_words(recorded(SHARES))
    assert "From *base, 8 labels*, rewards lead from 15%" in starts
    assert "to **65%** (seeds: 60% to 70%)" in starts
    assert "led nowhere" not in starts
    mixed = recorded({"base": [0.0, 0.01], "reward-base": [0.5, 0.02]})
    assert result.starts_in_words(mixed).endswith("With *base, no labels* it depends on the seed.")
    scratch = recorded({"scratch": [0.0, 0.01], "reward-scratch": [0.01, 0.02]})
    assert result.starts_in_words(scratch).endswith("With *scratch, 8 labels* they led nowhere.")


def test_the_recording_supports_what_the_page_says() -> None:
    found = recording("reward")
    assert found is not None
    assert all(after > before for before, after in result.pairs(found, "labels", "reward"))
    points = parts.way(found, "reward")
    assert len(points) == EXPERIMENT.looks + 1
    assert (points[0][0], points[-1][0]) == (0, UPDATES)
