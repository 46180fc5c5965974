"""What makes few-shot: its page says of the longer training what the seeds show, and no more."""

from __future__ import annotations

import pytest

from pages.sheets.result import MANY, longer_in_words
from tinylm.experiments.recording import Recording, Trial
from tinylm.experiments.sheets import LONG, TABLES, UNSEEN, few_shot
from tinylm.questions.experiments import Figure, Measured


def recorded(tables: tuple[float, ...]) -> Recording:
    """A recording in which exercises never read come out so with tables, by seed."""

    def trial(arm: str, seed: int, right: float) -> Trial:
        figures = {few_shot(UNSEEN, 0): 0.05, few_shot(UNSEEN, MANY): right}
        return Trial(
            arm, seed, Measured({name: Figure(v, v, v, 247) for name, v in figures.items()})
        )

    trials = [
        trial(arm, seed, right if arm == TABLES else 0.1)
        for arm in (LONG, TABLES)
        for seed, right in enumerate(tables, start=1)
    ]
    return Recording("sheets", "2026-01-01", "here", "abc", "quick", tuple(trials))


@pytest.mark.parametrize(
    ("tables", "said", "not_said"),
    [
        ((0.5, 0.6, 0.7), "**3 of 3** trainings", "not every training"),
        ((0.5, 0.05, 0.7), "**2 of 3** trainings", "no difference"),
        ((0.1, 0.05, 0.1), "no difference", "*can* teach"),
    ],
)
def test_the_longer_training_is_said_as_the_seeds_show_it(
    tables: tuple[float, ...], said: str, not_said: str
) -> None:
    words = longer_in_words(recorded(tables))
    assert said in words
    assert not_said not in words
    assert f"after {MANY} examples" in words
