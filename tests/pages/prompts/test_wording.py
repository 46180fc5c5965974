"""The same facts in a form that was read and in a new one: said only as far as it was measured."""

from __future__ import annotations

import pytest

from pages.prompts import wording
from tests.fake_engine import ANSWERS
from tests.measurements import measured
from tests.pages.test_pages import Open, click, open_page, shown, trained
from tinylm.questions.models import Measurement, Score
from tinylm.runs.service import Service

__all__ = ["open_page"]  # a fixture

READ, NEW = measured(0.86, 0.8, 0.9, 200), measured(0.02, 0.01, 0.05, 200)


def test_examples_recognise_a_known_exercise_where_the_intervals_say_so() -> None:
    said = wording.conclusion(READ, NEW)
    assert "teach no new one" in said and "86% are right" in said and "new one 2%" in said
    assert "intervals meet" in wording.conclusion(READ, measured(0.8, 0.7, 0.88, 200))


def test_it_is_measured_after_the_experiment_and_never_before_the_prediction(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def score(asked: Score) -> Measurement:
        return NEW if asked.task == wording.NEW else READ

    monkeypatch.setitem(ANSWERS, Score, score)
    base = trained(service)
    at = open_page("prompts", run=base)
    assert "in another form" not in shown(at)
    at = click(click(at, "rise"), "Run the experiment")
    assert "in another form" in shown(at) and "teach no new one" not in shown(at)
    at = click(at, "Ask both")
    assert not at.exception
    assert "teach no new one" in shown(at)
    table = next(one.value for one in at.table if "form" in one.value)
    assert list(table["form"]) == ["`… ->`", "`Question: … Answer:`"]
    assert list(table["right"]) == ["86%", "2%"]
