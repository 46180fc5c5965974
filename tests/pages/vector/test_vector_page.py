"""Examples become a vector, on the page: the sentences say what the figures show, and no more."""

from __future__ import annotations

import pytest

from pages.vector.result import bars, meaning, one_head, silenced, turned, what_silence_costs
from tests.pages.test_pages import Open, click, open_page, shown, trained
from tinylm.experiments.recording import Recording, Trial, recording
from tinylm.experiments.vector import (
    ABLATION,
    AFTER,
    BEFORE,
    EXAMPLES,
    LAYER,
    NEXT,
    NONE,
    OTHER,
    PLACE,
    RANKS,
    RIGHT,
    TURNED,
    VECTOR,
    WRONG,
    effect,
)
from tinylm.questions.experiments import Figure, Measured
from tinylm.runs.service import Service
from ui.experiments import Live

__all__ = ["open_page"]  # a fixture


def made(wrong: float = 0.02, following: float = 0.1, layer: int = 1) -> Recording:
    """A recording of three seeds that differ a little."""

    def trials(seed: int) -> list[Trial]:
        more = 0.01 * seed
        loss = {effect("loss", rank): 0.8 + 0.3 * (rank > 0) for rank in range(RANKS + 1)}
        facts = {effect("examples", rank): 0.8 - 0.7 * (rank == 1) for rank in range(RANKS + 1)}
        arms = {
            NONE: {RIGHT: 0.1 + more},
            WRONG: {RIGHT: wrong, OTHER: 0.9},
            VECTOR: {RIGHT: 0.8 + more, NEXT: following, PLACE: layer if seed == 1 else 1},
            LAYER: {RIGHT: 0.85},
            EXAMPLES: {RIGHT: 0.84},
            TURNED: {BEFORE: 0.0, AFTER: 0.8 + more},
            ABLATION: {**loss, **facts},
        }
        return [
            Trial(arm, seed, Measured({n: Figure(v, v, v, 100) for n, v in figures.items()}))
            for arm, figures in arms.items()
        ]

    every = tuple(one for seed in (1, 2, 3) for one in trials(seed))
    return Recording("vector", "2026-11-28", "2 cores", "abc", "quick", every)


def test_the_bars_are_recorded_and_live_ones_lie_over_them() -> None:
    drawn = bars(made(), Live(0, ()))
    assert [round(bar.recorded.mean, 2) for bar in drawn if bar.recorded] == [
        0.12,
        0.02,
        0.82,
        0.84,
    ]
    assert all(bar.live is None for bar in drawn)


def test_the_sentence_has_the_range_over_the_seeds() -> None:
    said = meaning(made())
    assert "**82%** (seeds: 81% to 83%)" in said
    assert "with that of another relation it is 2%" in said
    assert "90% are right for it" in said


def test_a_list_of_another_relation_that_helps_as_much_is_not_called_useless() -> None:
    assert "any" not in meaning(made(wrong=0.9))


@pytest.mark.parametrize(
    "changes, words",
    [
        ({}, "It is in layer 1 with every seed."),
        ({"layer": 2}, "not in the same layer"),
        ({"following": 0.9}, "not far ahead"),
    ],
)
def test_one_head_is_said_to_do_it_only_where_it_does(
    changes: dict[str, float], words: str
) -> None:
    assert words in one_head(made(**changes))  # type: ignore[arg-type]


def test_turning_and_silence_in_words() -> None:
    assert "**82%** (seeds: 81% to 83%) of 100 answers" in turned(made())
    said = what_silence_costs(made())
    assert "bring 10% instead of 80%" in said and "the loss rises by 0.30 too" in said
    rows = silenced(made())
    assert [row["without"] for row in rows][:2] == ["no head: the whole model", "head 1"]
    assert rows[1]["loss"] == "1.10" and rows[1]["moods"] == "–"


def test_what_was_recorded_says_what_the_page_says() -> None:
    found = recording("vector")
    assert found is not None and len(found.seeds) >= 5
    assert "not just *any* list" in meaning(found)
    assert "It comes from" not in one_head(found) and "**one head**" in one_head(found)
    assert "every head is needed" in what_silence_costs(found)


def test_a_run_of_a_text_without_facts_is_not_measured_but_told_so(
    open_page: Open, service: Service
) -> None:
    run = trained(service, corpus="names")
    at = click(open_page("vector", run=run), "Show me without guessing")
    assert "has no facts to ask for" in shown(at)
    assert not any(button.label == "Run it here" for button in at.button)
