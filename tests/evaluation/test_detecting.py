"""A detector's area and errors: blind, perfect, and judged by thresholds of other items."""

from __future__ import annotations

import pytest

from tinylm.evaluation.detecting import Errors, crossed_errors, roc_area, threshold


def test_the_area_is_the_chance_that_a_positive_scores_higher() -> None:
    assert roc_area([3, 4], [1, 2]) == 1
    assert roc_area([1, 2], [3, 4]) == 0
    assert roc_area([1, 2, 3], [1, 2, 3]) == pytest.approx(0.5)
    assert roc_area([1], [1, 0]) == pytest.approx(0.75)


def test_the_threshold_lies_between_the_kinds() -> None:
    assert threshold([5, 6, 7], [1, 2, 3]) == 4
    assert threshold([1], [1]) == 1


def test_both_kinds_count_alike_however_many_there_are() -> None:
    assert threshold([5.0, 6.0], [0.0] * 90 + [5.5] * 10) < 5


def test_every_item_is_judged_by_the_other_half() -> None:
    assert crossed_errors([9, 10, 11, 12], [1, 2, 3, 4]) == Errors(0, 4, 0, 4)
    # The lowest positive is below the limit that the other half suggests.
    assert crossed_errors([1, 8, 9, 8], [2, 3, 2, 3]).missed == 1
