"""What the page says of the leak follows from the recording, for every seed or not at all."""

from __future__ import annotations

from pages.leak.result import knowledge, meaning, no_better
from tinylm.experiments.leak import (
    AS_TEST,
    CLEAN,
    EXPERIMENT,
    HALF,
    LEAKED,
    OWN_WORDS,
    WHOLE,
    WORKSHEET,
    right,
)
from tinylm.experiments.recording import Recording, Trial
from tinylm.questions.experiments import Figure, Measured


def recorded(clean: float, otherwise: float) -> Recording:
    """Three seeds, of which the last one has these shares right in the arm with half leaked."""
    trials = []
    for arm in EXPERIMENT.arms:
        for seed in (1, 2, 3):
            odd = arm.name == HALF and seed == 3
            values = {
                right(WHOLE): 0.2,
                right(LEAKED, AS_TEST): 0.9,
                right(CLEAN, AS_TEST): clean if odd else 0.15,
                right(CLEAN, WORKSHEET): 0.2,
                right(CLEAN, OWN_WORDS): 0.2,
                right(LEAKED, WORKSHEET): otherwise if odd else 0.3,
                right(LEAKED, OWN_WORDS): 0.3,
            }
            figures = {name: Figure(value, 0, 1, 100) for name, value in values.items()}
            trials.append(Trial(arm.name, seed, Measured(figures)))
    return Recording("leak", "2026-11-28", "2 cores", "", "glance", tuple(trials))


def test_it_is_no_better_only_where_no_seed_says_otherwise() -> None:
    usual, odd = recorded(0.15, 0.3), recorded(0.25, 0.3)
    assert no_better(usual) and "no better than before" in meaning(usual)
    assert not no_better(odd) and "no better" not in meaning(odd)


def test_what_the_leak_teaches_is_told_only_where_every_seed_shows_it() -> None:
    words, knows = "hangs on the *words*", "a part of it is knowledge"
    usual, none, much = (knowledge(recorded(0.15, share)) for share in (0.3, 0.15, 0.9))
    assert words in usual and knows in usual
    assert words in none and knows not in none
    assert words not in much and knows in much
