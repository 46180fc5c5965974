"""Documents in one part of the training: there alone, and as often as if they were spread."""

from __future__ import annotations

import numpy as np
import pytest
from torch import Tensor

from tinylm.errors import BadRequest
from tinylm.text.batches import DocumentBatches
from tinylm.text.schedule import in_part, in_phases

SIZES = [10] * 100
CHOSEN = [place % 5 == 0 for place in range(100)]  # a fifth


@pytest.mark.parametrize(("begin", "end"), [(0, 0.2), (0.4, 0.7), (0.75, 1), (0, 1)])
def test_each_phase_has_its_share_of_the_text(begin: float, end: float) -> None:
    phases = in_part(SIZES, CHOSEN, begin, end)
    lengths = [begin, end - begin, 1 - end]
    assert [len(phase) / 100 for phase in phases] == pytest.approx(lengths, abs=0.02)
    assert sorted(place for phase in phases for place in phase) == list(range(100))
    assert {place for place, one in enumerate(CHOSEN) if one} <= set(phases[1])


def test_too_many_documents_for_a_part_are_refused() -> None:
    with pytest.raises(BadRequest, match=r"20% of this text.* 10% of the training"):
        in_part(SIZES, CHOSEN, 0.9, 1)


def test_chosen_documents_come_in_their_part_alone_and_as_often_as_if_spread() -> None:
    documents = [np.full(9, 2 if one else 1, dtype=np.uint16) for one in CHOSEN]
    steps = 25  # each of 4 rows of 10 targets: all documents once

    def batches(of: object) -> DocumentBatches:
        return DocumentBatches(of, 4, 10, 0, seed=1)  # type: ignore[arg-type]

    def sheets(made: Tensor) -> int:
        return int((made == 2).sum())

    spread = sum(sheets(batches(documents).batch(step)[1]) for step in range(steps))
    late = in_phases(documents, CHOSEN, 0.6, 1.0, steps, batches)
    counts = [sheets(late.batch(step)[1]) for step in range(steps)]
    assert counts[:15] == [0] * 15
    assert sum(counts) == pytest.approx(spread, rel=0.06)
    assert counts == [sheets(late.batch(step)[1]) for step in reversed(range(steps))][::-1]
