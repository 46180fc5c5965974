"""Predictions: asked once for a setting, judged in words, and kept with what was measured."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.test_pages import click, shown
from tinylm.predictions import Verdict, predictions
from tinylm.runs.service import Service
from ui.predict import asked
from ui.verdicts import judge_choice, judge_number, number_in_words

LEARNER = "ada"
SKIP = "Show me without guessing"
OPTIONS = ("fall", "stay", "rise")


@pytest.fixture(autouse=True)
def _the_learner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.state.learner", lambda: LEARNER)


def choice_page() -> None:
    import streamlit as st

    from ui.predict import predict, reveal

    run = st.text_input("Run", "one")
    if predict("loss", "The loss will …", ("fall", "stay", "rise"), run, ordered=True):
        reveal("loss", "It falls from 7 to 2.", "It has read text.", run, right="fall")


def number_page() -> None:
    from ui.predict import predict_number, reveal_number

    if predict_number("words", "Among how many words?", 1, 10_000, unit="words"):
        reveal_number("words", 11, "It is as unsure as among 11 words.", "Text repeats itself.")


def test_a_question_is_asked_once_and_locked_to_its_setting(service: Service) -> None:
    at = AppTest.from_function(choice_page).run()
    assert "falls from 7" not in shown(at)
    at = click(at, "rise")
    assert not set(OPTIONS) & {button.label for button in at.button}
    assert "**It is the opposite.** You said *rise*. **It falls from 7 to 2.**" in shown(at)
    at = at.text_input[0].set_value("two").run()  # another run: nothing of it is shown yet
    assert "falls from 7" not in shown(at)
    at = click(at, SKIP)
    assert "It falls from 7 to 2." in shown(at)
    assert "was for other settings" in shown(at)
    assert asked(service.answers(LEARNER), "loss") and not asked(service.answers(LEARNER), "los")
    (kept,) = predictions(service.answers(LEARNER))
    assert kept == ("The loss will …", "rise", "It falls from 7 to 2.", "the opposite")


def test_a_number_is_judged_with_how_far_it_was_off(service: Service) -> None:
    at = AppTest.from_function(number_page).run()
    at = click(at, "That is my guess")
    assert "Type a number first" in shown(at)
    at.number_input[0].set_value(40.0)
    at = click(at, "That is my guess")
    assert "You said *40 words*, it is 11 words: you were 3.6 times too high." in shown(at)
    assert not at.number_input
    (kept,) = predictions(service.answers(LEARNER))
    assert (kept.guess, kept.verdict) == ("40 words", "not quite")


def test_predictions_of_earlier_versions_are_still_read() -> None:
    old = {"asked: a": "Which?", "a": "this", "measured: a": "**That**", "asked: b": "What?"}
    assert predictions(old) == [("Which?", "this", "**That**", "")]
    assert asked(old, "a")


@pytest.mark.parametrize("damaged", [None, 3, "x", {}, {"guess": []}])
def test_a_damaged_prediction_counts_as_none(damaged: object) -> None:
    assert predictions({"predicted: a": damaged}) == []


def test_verdicts_on_options() -> None:
    assert judge_choice("fall", ("fall",), OPTIONS) is Verdict.RIGHT
    assert judge_choice("rise", ("fall",), OPTIONS) is Verdict.OPPOSITE
    assert judge_choice("stay", ("fall",), OPTIONS) is Verdict.NOT_QUITE
    assert judge_choice("rise", ("fall",)) is Verdict.NOT_QUITE
    assert judge_choice("rise", ()) is Verdict.UNDECIDED
    assert judge_choice("stay", ("fall", "stay"), OPTIONS) is Verdict.RIGHT


@pytest.mark.parametrize(
    ("guess", "value", "unit", "said"),
    [
        (40, 11, "", "you were 3.6 times too high."),
        (2, 100, "", "you were 50 times too low."),
        (11, 11, "", "and that is what it is."),
        (12, 11, "", "you were only 1 too high."),
        (0, 3, "", "you were 3 too low."),
        (40, 57.2, "%", "it is 57 %: you were 17 points too low."),
        (56, 57.4, "%", "you were only 1 point too low."),
    ],
)
def test_numbers_in_words(guess: float, value: float, unit: str, said: str) -> None:
    assert number_in_words(guess, value, unit).endswith(said)


def test_a_near_number_reads_as_near() -> None:
    """Before: "Right. ... you were 4 points too low", which says two things."""
    assert number_in_words(85, 89, "%", to=94) == (
        "✓ **Close enough.** You said *85 %*, it lies between 89 % and 94 %: "
        "you were only 4 points too low."
    )
    assert number_in_words(89, 89, "%").startswith("✓ **Right.**")


@pytest.mark.parametrize(
    ("guess", "verdict", "said"),
    [
        (70, Verdict.RIGHT, "You said *70 %*, and it lies between 60 % and 90 %."),
        (56, Verdict.RIGHT, "it lies between 60 % and 90 %: you were only 4 points too low."),
        (99, Verdict.NOT_QUITE, "it lies between 60 % and 90 %: you were 9 points too high."),
    ],
)
def test_a_number_that_is_known_to_lie_between_two(
    guess: float, verdict: Verdict, said: str
) -> None:
    """Before, the middle counted as the measured value, though nobody measured it."""
    for ends in ((60, 90), (90, 60)):
        assert judge_number(guess, ends[0], "%", to=ends[1]) is verdict
    assert number_in_words(guess, 60, "%", to=90).endswith(said)
    assert "it is 60 %: you" in number_in_words(guess, 60, "%", to=60.2)


@pytest.mark.parametrize(
    ("guess", "value", "unit", "verdict"),
    [
        (52, 57, "%", Verdict.RIGHT),
        (52, 57.4, "%", Verdict.RIGHT),  # both are shown as 5 points off
        (52, 56.6, "%", Verdict.RIGHT),
        (52, 57.6, "%", Verdict.NOT_QUITE),
        (10, 12.499, "", Verdict.NOT_QUITE),  # shown as 12.5
        (51, 57, "%", Verdict.NOT_QUITE),
        (10, 12, "", Verdict.RIGHT),
        (10, 13, "", Verdict.NOT_QUITE),
        (0, 0, "", Verdict.RIGHT),
        (0, 1, "", Verdict.NOT_QUITE),
    ],
)
def test_a_near_number_is_right(guess: float, value: float, unit: str, verdict: Verdict) -> None:
    assert judge_number(guess, value, unit) is verdict
