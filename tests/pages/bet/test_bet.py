"""Be the model: a bet is scored as a model is, and kept."""

from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from pages.bet import keys
from pages.bet.game import covered
from pages.bet.product import rows, shares_of_words
from pages.bet.scoring import ROUNDS, choices, mean_surprise, shares, surprise
from tests.fake_engine import INSIDE
from tests.pages.test_pages import Open, click, open_page, shown
from tinylm.recorded import bets
from tinylm.runs.service import Service
from ui.frame import literal
from ui.spans import one_in

__all__ = ["open_page"]  # a fixture


def lay(at: AppTest, chips: dict[int, int]) -> AppTest:
    for i, count in chips.items():
        at.slider[i].set_value(count)
    return click(at.run(), "Uncover the word")


@drawn(some.lists(some.integers(0, 10), min_size=1, max_size=6), some.integers(0, 10))
def test_all_shares_together_are_one(chips: list[int], others: int) -> None:
    mine, other = shares(chips, others, words=1000)
    assert sum(mine) + other * (1000 - len(chips)) == pytest.approx(1)


def test_a_covered_word_is_quoted_and_no_space_stands_before_a_full_stop(open_page: Open) -> None:
    """Before: "You gave a a share of < 0.1 %", and "Asia ."."""
    place, bet = next(
        (i, one) for i, one in enumerate(bets().bets) if one.options[one.right] == "a"
    )
    at = open_page("bet")
    for one in bets().bets[: place + 1]:
        at = lay(at, {one.right: 1})
    text = shown(at)
    assert "You gave “**a**” a share" in text
    assert f"**a**{literal(bet.after)}" in text


def test_half_is_one_bit_and_every_halving_one_more() -> None:
    assert [surprise(share) for share in (1, 0.5, 0.25)] == [0, 1, 2]
    assert surprise(0) == math.inf
    assert choices(mean_surprise([0.5, 0.125])) == pytest.approx(4)
    assert choices(math.inf) == math.inf


def test_what_was_bet_after_a_number_that_is_no_share_does_not_move_up(
    open_page: Open, service: Service
) -> None:
    service.set_answer("", keys.BETS, [0.5, 2.0, 0.3])
    assert f"Sentence 2 of {ROUNDS}" in [one.value for one in open_page("bet").subheader]


@pytest.mark.parametrize("kept", ["x", [0.0], [-1], [2.0], [math.nan], ["a"], [0.5, None], {}])
def test_kept_bets_that_are_no_shares_begin_the_game_anew(
    open_page: Open, service: Service, kept: object
) -> None:
    service.set_answer("", keys.BETS, [0.5])
    assert f"Sentence 2 of {ROUNDS}" in [one.value for one in open_page("bet").subheader]
    service.set_answer("", keys.BETS, kept)
    at = open_page("bet")
    assert not at.exception
    first = f"Sentence 1 of {ROUNDS}"
    assert first in [one.value for one in at.subheader]


def test_the_recorded_sentences_can_be_played() -> None:
    found = bets()
    assert len(found.bets) >= ROUNDS and found.words > 500
    for bet in found.bets:
        assert 0 <= bet.right < len(bet.options) == len(set(bet.options))
        for model in (bet.trained, bet.bigram, bet.untrained):
            assert len(model) == len(bet.options)
            assert all(0 < chance <= 1 for chance in model) and sum(model) <= 1.001
    chances = [[getattr(bet, name)[bet.right] for bet in found.bets] for name in MODELS]
    losses = [mean_surprise(one) for one in chances]
    assert losses == sorted(losses), "trained, bigram, untrained"


MODELS = ("trained", "bigram", "untrained")


def test_a_bet_is_scored_beside_the_models_and_survives_a_reload(open_page: Open) -> None:
    at = open_page("bet")
    assert not at.exception
    first = bets().bets[0]
    at = lay(at, {first.right: 9})  # nine on the right word, and one always on the others
    assert "a share of 90 %: **0.2 bits**" in shown(at)
    assert f"Sentence 2 of {ROUNDS}" in [one.value for one in at.subheader]
    again = open_page("bet")
    assert f"Sentence 2 of {ROUNDS}" in [one.value for one in again.subheader]


def test_five_bets_end_in_a_loss_and_the_words_for_it(open_page: Open) -> None:
    at = open_page("bet")
    for place in range(ROUNDS):
        at = lay(at, {bets().bets[place].right: 9})
    text = shown(at)
    assert "mean surprise" in text and "answer key" in text
    assert "the product of the shares of its words" in text and "You gave “**Asia**” 90 %" in text
    assert not at.exception
    at = click(at, "Bet again")
    assert f"Sentence 1 of {ROUNDS}" in [one.value for one in at.subheader]
    at = open_page("start")
    assert "1 of " in at.get("progress")[0].proto.text  # type: ignore[union-attr]


def test_nothing_behind_the_gap_is_shown_before_the_guess(open_page: Open) -> None:
    place, bet = next((i, bet) for i, bet in enumerate(bets().bets) if bet.after.strip(" ."))
    assert place < ROUNDS
    assert bet.after not in covered(bet)
    at = open_page("bet")
    for played in range(place):
        at = lay(at, {bets().bets[played].right: 1})
    assert bet.after.strip() not in shown(at)
    at = lay(at, {bet.right: 1})
    assert literal(bet.after) in shown(at)


def test_a_sentences_probability_is_the_product_of_its_words_in_order() -> None:
    given = (0.5, 0.25, 0.5, None)
    found = msgspec.structs.replace(INSIDE, tokens=("", "A", " cow", "boy"), given=given)
    words = shares_of_words(found)
    assert words == [("A", 0.5), ("cowboy", pytest.approx(0.125))]
    assert [row["product so far"] for row in rows(words)] == ["1 in 2", "1 in 16"]
    assert one_in(1 / 81_234) == "1 in 81,000"
    assert one_in(2**-100) == "1 in a number of 31 digits"


def test_without_a_chip_there_is_nothing_to_uncover(open_page: Open) -> None:
    (button,) = (b for b in open_page("bet").button if b.label == "Uncover the word")
    assert button.disabled
