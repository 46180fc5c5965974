"""Metrics against their definitions, and macro-F1 against scikit-learn."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinylm.errors import BadRequest
from tinylm.evaluation.metrics import accuracy, bits_per_byte, macro_f1, perplexity

PAIRS = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcde")), min_size=1)


def test_accuracy() -> None:
    assert accuracy(["a", "b", "a", "b"], ["a", "b", "b", "b"]) == 0.75


def test_macro_f1_counts_a_rare_label_as_much_as_a_common_one() -> None:
    gold = ["a"] * 9 + ["b"]
    assert accuracy(gold, ["a"] * 10) == 0.9
    assert macro_f1(gold, ["a"] * 10) == pytest.approx((18 / 19 + 0) / 2)


@settings(deadline=None)  # the first example pays for the import
@given(PAIRS)
def test_macro_f1_agrees_with_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    gold, predicted = zip(*pairs, strict=True)
    expected = sklearn.f1_score(gold, predicted, average="macro", zero_division=0)
    assert macro_f1(gold, predicted) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("gold", "predicted", "expected"),
    [  # by hand from the definition; the first is scikit-learn's own example
        ([0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1], 0.26666666666666666),
        (["x", "y", "y"], ["x", "y", "z"], 0.5555555555555556),
        ([1, 1], [0, 0], 0.0),
        ([1], [1], 1.0),
    ],
)
def test_macro_f1_known_values(
    gold: list[object], predicted: list[object], expected: float
) -> None:
    assert macro_f1(gold, predicted) == pytest.approx(expected)


def test_perplexity_of_equal_odds_is_their_number() -> None:
    assert perplexity(math.log(1536)) == pytest.approx(1536)
    assert perplexity(0) == 1
    assert perplexity(1e9) == math.inf


def test_bits_per_byte_of_a_uniform_byte_model_is_eight() -> None:
    assert bits_per_byte(100 * math.log(256), 100) == pytest.approx(8)


def test_what_cannot_be_measured_is_refused() -> None:
    for metric in (accuracy, macro_f1):
        for gold in ([], ["a"]):
            with pytest.raises(BadRequest):
                metric(gold, [])
    with pytest.raises(BadRequest):
        bits_per_byte(1.0, 0)
