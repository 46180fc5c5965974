"""The bets of a class: each kind of question is counted, each learner once, and nobody is named."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from pages.teacher.charts import bars_of
from pages.teacher.tally import counts, edges_of, in_bars, in_words, questions, revealed
from tests.pages.teacher.test_teacher_page import (
    CODE,
    TEACHER,
    _a_browser_with_a_name,
    code,
    teacher_page,
    view,
)
from tests.pages.test_pages import click, open_page, shown
from tinylm.runs.service import Service
from tinylm.runs.store.classroom import KeptAnswer
from ui.predict import DRAWN, DRAWN_ENDS, PREDICTED, Kept
from ui.verdicts import SHARE

__all__ = ["CODE", "_a_browser_with_a_name", "code", "open_page", "teacher_page"]  # fixtures

OPTIONS = ("fall", "stay", "rise")


def bet(owner: str, name: str, guess: str | float, **more: object) -> KeptAnswer:
    plain = msgspec.to_builtins(Kept(f"The {name.partition(' ')[0]} will be …", guess, 1))
    return KeptAnswer(owner, f"{PREDICTED}{name}", plain | more)


def test_a_learner_counts_once_with_the_first_bet_and_options_keep_their_order() -> None:
    given = [
        bet("ada", "loss of run-1", "rise", options=OPTIONS),
        bet("ada", "loss of run-2", "fall", options=OPTIONS),
        bet("ben", "loss of run-3", "rise", options=OPTIONS),
        bet("", "loss of run-4", "fall", options=OPTIONS),
        bet("", "loss of run-5", "fall", options=OPTIONS),
    ]
    (found,) = questions(given)
    assert counts(found) == {"fall": 2, "stay": 0, "rise": 2}
    assert "**4 bets.**" in in_words(found)


def test_a_bet_stays_the_first_though_what_was_measured_of_it_is_kept_later() -> None:
    given = [
        bet("ada", "loss of run-2", "fall", options=OPTIONS, place=2),
        bet("ada", "loss of run-1", "rise", options=OPTIONS, place=1, measured="It fell."),
    ]
    (found,) = questions(given)
    assert counts(found) == {"fall": 0, "stay": 0, "rise": 1}


def test_shares_stand_in_tenths_and_the_middle_is_said() -> None:
    given = [bet(str(n), "share", float(n * 25), unit=SHARE) for n in range(5)]
    (found,) = questions(given)
    bars = counts(found)
    assert len(bars) == 10 and sum(bars.values()) == 5
    assert bars["90–100"] == 1 and bars["20–30"] == 1
    assert "says 50 % or less" in in_words(found)


def test_numbers_of_different_size_stand_in_bars_that_grow() -> None:
    bars = in_bars([3.0, 40.0, 9_000.0], "words")
    assert sum(bars.values()) == 3
    assert "2–5" in bars and "5,000–10,000" in bars


@example([999999.9999999999, 2e7], "")  # whose logarithm is rounded to 6
@example([-1e-05], "")  # -1e-05 divided by the width of a bar is rounded
@given(
    st.lists(st.floats(-1e6, 1e6) | st.floats(1e-3, 1e9), min_size=1, max_size=40),
    st.sampled_from(["", "words", "nats"]),
)
def test_every_number_is_in_one_bar(numbers: list[float], unit: str) -> None:
    edges = edges_of(numbers, unit)
    assert edges == sorted(set(edges)) and 2 <= len(edges) <= 20
    assert edges[-1] > max(numbers)
    assert sum(in_bars(numbers, unit).values()) == len(numbers)


def test_a_single_bet_has_a_bar_of_its_own_number_and_marks_of_whole_learners() -> None:
    (one,) = questions([bet("a", "words", 19.0, unit="words")])
    assert counts(one) == {"19": 1}
    (two,) = questions([bet("a", "words", 19.0, unit="words"), bet("b", "words", 19.1)])
    assert sum(counts(two).values()) == 2
    assert bars_of({"19": 1}, "")["layout"]["yaxis"]["dtick"] == 1


def test_drawn_curves_are_a_question_of_their_own_and_damaged_ones_are_left_out() -> None:
    good = KeptAnswer("ada", f"{DRAWN}run-1", [9000, 300, 40.5, 20, 8])
    bad = [
        KeptAnswer("ben", f"{DRAWN}run-2", value)
        for value in (3, [1, 2], ["a"] * 5, [0.1] * 5, None)
    ]
    (found,) = questions([good, *bad])
    assert found.drawn == ((9000.0, 300.0, 40.5, 20.0, 8.0),)
    assert "begins at 9,000 and ends at 8" in in_words(found)


@pytest.mark.parametrize("damaged", [None, 3, {}, {"guess": []}])
def test_a_damaged_bet_counts_as_none(damaged: object) -> None:
    assert questions([KeptAnswer("ada", f"{PREDICTED}loss", damaged)]) == []


def test_what_was_measured_is_told_with_how_many_were_right() -> None:
    given = [
        bet("ada", "loss of a", "rise", measured="It fell to 2.", verdict="the opposite"),
        bet("ben", "loss of b", "fall", measured="It fell to 2.", verdict="right"),
        bet("eve", "loss of c", "fall", measured="It fell to 3.", verdict="right"),
        bet("joe", "loss of d", "fall"),
    ]
    lines = revealed(questions(given)[0], {})
    assert lines[0] == "**2 of 3 were right.**"
    assert "2 different runs" in lines[1] and lines[2] == "It fell to 2."
    assert "Nobody has measured" in revealed(questions([given[3]])[0], {})[0]


def test_the_page_shows_the_bets_first_and_what_was_measured_on_a_click(
    service: Service, teacher_page: AppTest
) -> None:
    at = view(teacher_page, "Bets")
    assert "Nobody has bet yet" in shown(at)
    for one in (
        bet("secret-name", "loss of a", "rise", options=OPTIONS, measured="It fell to 2."),
        bet("other-name", "words", 40.0, unit="words"),
    ):
        service.store.set_answer(one.owner, one.key, one.value)
    at = at.run().selectbox[0].set_value("loss").run()
    assert not at.exception
    assert "The most frequent answer is *rise*: 1 of 1" in shown(at)
    assert "It fell to 2" not in shown(at) and "secret-name" not in shown(at)
    at = click(at, "Show what was measured")
    assert "It fell to 2." in shown(at)
    at = at.selectbox[0].set_value("words").run()
    assert "Show what was measured" in [one.label for one in at.button]


def keep(service: Service, *kept: KeptAnswer) -> None:
    for one in kept:
        service.store.set_answer(one.owner, one.key, one.value)


def test_of_a_drawn_curve_its_beginning_and_its_end_are_revealed(
    service: Service, teacher_page: AppTest
) -> None:
    first, last = DRAWN_ENDS
    keep(
        service,
        KeptAnswer("ada", f"{DRAWN}run-1", [9000, 300, 40.5, 20, 8]),
        bet("ada", f"{first} of run-1", 9000.0),
        bet("ada", f"{last} of run-1", 8.0),
    )
    at = view(teacher_page, "Bets").selectbox[0].set_value("drawn").run()
    at = click(at, "Show what was measured")
    assert "Nobody has measured it yet" in shown(at)
    measured = bet("ada", f"{last} of run-1", 8.0, measured="It is 7.", verdict="right")
    keep(service, measured)
    text = shown(at.run())
    assert "Nobody has measured it yet" not in text and f"The {last} will be" in text
    assert "**1 of 1 were right.**" in text and "It is 7." in text
    assert f"The {first} will be" not in text  # nobody has measured that one


def test_what_the_teacher_tries_is_no_bet_of_the_class(
    service: Service, teacher_page: AppTest
) -> None:
    keep(
        service,
        bet(TEACHER, "loss", "rise", options=OPTIONS),
        KeptAnswer(TEACHER, f"{DRAWN}run-1", [9000, 300, 40.5, 20, 8]),
    )
    at = view(teacher_page, "Bets")
    assert "Nobody has bet yet" in shown(at)
    keep(service, bet("ada", "loss", "fall", options=OPTIONS))
    assert "The most frequent answer is *fall*: 1 of 1" in shown(at.run())
