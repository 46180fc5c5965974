"""Spaced repetition with a clock that is set by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.explain.schedule import (
    DAY,
    MINUTE,
    RESTS,
    Card,
    due,
    from_plain,
    judged,
    next_due,
    to_plain,
)
from tests.runs_fakes import FakeClock

NAMES = ("a", "b", "c")


def test_what_is_missed_comes_back_after_ten_minutes_and_what_is_right_after_a_day() -> None:
    clock = FakeClock()
    assert due({}, NAMES, clock()) == ["a", "b", "c"]
    cards = judged({}, "a", False, clock())
    cards = judged(cards, "b", True, clock())
    assert due(cards, NAMES, clock()) == ["c"]
    clock.now += 10 * MINUTE
    assert due(cards, NAMES, clock()) == ["a", "c"]
    clock.now += DAY
    assert due(cards, NAMES, clock()) == ["a", "b", "c"]


def test_a_right_judgement_lets_it_rest_longer_each_time_and_a_wrong_one_begins_anew() -> None:
    clock, cards = FakeClock(), {}
    rests = []
    for _ in range(6):
        cards = judged(cards, "a", True, clock())
        rests.append(cards["a"].due - clock())
        clock.now = cards["a"].due
    assert rests == [*RESTS[1:], RESTS[-1], RESTS[-1]]
    assert judged(cards, "a", False, clock())["a"] == Card(0, clock() + RESTS[0])


def test_it_is_said_when_the_next_one_comes() -> None:
    clock = FakeClock()
    cards = judged(judged({}, "a", True, clock()), "b", False, clock())
    assert next_due(cards, clock()) == 10 * MINUTE
    assert next_due({}, clock()) is None


def test_a_clock_that_was_wrong_hides_no_statement() -> None:
    cards = judged({}, "a", True, now=1e12)
    assert due(cards, ["a"], now=1e9) == ["a"]


@given(st.dictionaries(st.sampled_from(NAMES), st.integers(0, 4)), st.floats(0, 1e10))
def test_cards_are_kept_and_read_back(boxes: dict[str, int], now: float) -> None:
    cards = {name: Card(box, now) for name, box in boxes.items()}
    assert from_plain(to_plain(cards), NAMES) == cards


@pytest.mark.parametrize(
    "kept",
    [None, [], "x", {"a": 1}, {"a": [9, 1.0]}, {"a": [0]}, {"x": [0, 1.0]}, {"a": ["0", "1"]}],
)
def test_what_is_no_card_is_left_out(kept: object) -> None:
    assert from_plain(kept, NAMES) == {}


def test_a_time_that_is_no_number_is_asked_at_once() -> None:
    assert due({"a": Card(0, math.nan)}, ["a"], now=1.0) == ["a"]
