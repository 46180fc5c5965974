"""Intervals: Wilson's against published values and scipy, the bootstrap against theory."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinylm.errors import BadRequest
from tinylm.evaluation.intervals import paired_bootstrap, wilson


@pytest.mark.parametrize(
    ("correct", "n", "low", "high"),
    [  # Newcombe, Statistics in Medicine 17 (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_known_values(correct: int, n: int, low: float, high: float) -> None:
    assert wilson(correct, n) == pytest.approx((low, high), abs=5e-5)


@settings(deadline=None)  # the first example pays for the import
@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_agrees_with_scipy(counts: tuple[int, int]) -> None:
    stats = pytest.importorskip("scipy.stats")
    expected = stats.binomtest(*counts).proportion_ci(method="wilson")
    low, high = wilson(*counts)
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-9)
    assert 0 <= low <= counts[0] / counts[1] <= high <= 1


def test_wilson_at_the_edges() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    for correct, n in ((-1, 5), (6, 5)):
        with pytest.raises(BadRequest):
            wilson(correct, n)


def test_paired_bootstrap_of_equal_models_is_zero() -> None:
    scores = [0.0, 1.0, 1.0, 0.0] * 10
    assert paired_bootstrap(scores, scores, seed=1) == (0.0, 0.0, 0.0)


def test_paired_bootstrap_is_close_to_the_normal_interval() -> None:
    rng = random.Random(3)
    a = [rng.gauss(0.7, 0.2) for _ in range(200)]
    b = [rng.gauss(0.5, 0.2) for _ in range(200)]
    gaps = [x - y for x, y in zip(a, b, strict=True)]
    mean = sum(gaps) / len(gaps)
    error = math.sqrt(sum((g - mean) ** 2 for g in gaps) / len(gaps) / len(gaps))
    difference, low, high = paired_bootstrap(a, b, seed=1)
    assert difference == pytest.approx(mean)
    assert low == pytest.approx(mean - 1.96 * error, abs=0.005)
    assert high == pytest.approx(mean + 1.96 * error, abs=0.005)
    assert paired_bootstrap(a, b, seed=1) == (difference, low, high)
    assert paired_bootstrap(b, a, seed=1)[0] == pytest.approx(-difference)


def test_paired_bootstrap_needs_pairs() -> None:
    for a, b in (([], []), ([1.0], [1.0, 0.0])):
        with pytest.raises(BadRequest):
            paired_bootstrap(a, b, seed=1)
