"""The curve that a learner draws: kept with the run it was drawn for, and judged in words."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.pretrain.draw_it import AT, half_way, positions, shape_in_words
from tests.pages.pretrain.test_scene import measured
from tests.pages.test_pages import Open, click, open_page, shown
from tinylm.predictions import predictions
from tinylm.runs.service import Service

__all__ = ["open_page"]  # a fixture
LEARNER = "ada"


@pytest.fixture(autouse=True)
def _the_learner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.state.learner", lambda: LEARNER)


def drawn(open_page: Open, values: list[int]) -> AppTest:
    at = open_page("pretrain")
    at.session_state["drawn_curve"] = values  # as the browser sends it
    at.button_group[0].set_value("tiny").run()
    return click(at, "Start training")


def test_a_drawing_is_locked_to_its_run_and_judged_beside_what_was_measured(
    open_page: Open, service: Service
) -> None:
    at = drawn(open_page, [40, 30, 20, 10, 10])
    said = shown(at)
    assert "You said *40*, it is 512: you were 13 times too low." in said
    assert "**Half of the fall was over after" in said
    (run,) = service.runs()
    assert service.answers(LEARNER)[f"drawn curve of {run.id}"] == [39.81, 15.85, 6.31, 2.51, 2.51]
    assert [one.verdict for one in predictions(service.answers(LEARNER))] == [
        "not quite",
        "right",
    ]
    assert service.answers(LEARNER).keys().isdisjoint({"untrained-perplexity"})


def test_whoever_draws_is_told_the_vocabulary_of_this_model(open_page: Open) -> None:
    at = open_page("pretrain")
    for name, said in {"quick": "67% as many as", "full": "as many as"}.items():
        at.button_group[0].set_value(name).run()
        assert f"this one has {said} the model on Start" in shown(at)


def test_nothing_is_judged_where_nothing_was_drawn(open_page: Open, service: Service) -> None:
    at = open_page("pretrain")
    at.button_group[0].set_value("tiny").run()
    at = click(at, "Start training")
    assert "Your drawing" not in shown(at)
    assert not predictions(service.answers(LEARNER))


def test_no_answer_stands_beside_the_question(open_page: Open) -> None:
    said = shown(open_page("pretrain"))
    assert "is called its **perplexity**" in said  # defined before it is asked for
    assert "2,048" not in said


@pytest.mark.parametrize("sent", [None, "x", [1, 2], [0, 0, 0, 0, 101], [0, 0, 0, 0, None]])
def test_what_is_no_drawing_is_refused(sent: object) -> None:
    assert positions(sent) == []


def test_half_of_a_fall_is_counted_in_halvings() -> None:
    assert half_way([0, 10, 100], [100, 10, 1]) == 10
    assert half_way([0, 100], [100, 1]) == 50
    assert half_way([0, 100], [5, 5]) is None


def test_the_shape_is_judged_with_both_steps() -> None:
    evals = [measured(0, 1000), measured(10, 31), measured(100, 1)]
    later = shape_in_words([10 ** (3 - 3 * at) for at in AT], evals, 100)
    assert "after 10 of 100 steps" in later and "later, after 50 steps" in later
    assert "about where you drew it" in shape_in_words([1000, 30, 9, 3, 1], evals, 100)
    assert "does not fall" in shape_in_words([5, 5, 5, 5, 5], evals, 100)
    assert "learned nothing" in shape_in_words([5, 5, 5, 5, 5], evals[::-1], 100)
