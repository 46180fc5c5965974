"""Documents that come only in one part of the training, while the others fill the rest.

Each kind of document is read as often as if it were spread over the whole training.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor

from tinylm.errors import BadRequest
from tinylm.text.batches import Batches, Ids


class BatchesInPhases:
    """The batches of one phase after the other, each counted from its own first update."""

    def __init__(self, phases: Sequence[tuple[int, Batches]]):
        """`phases` are pairs (the update before which it ends, its batches), in their order."""
        self.phases = tuple(phases)

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        begin, batches = 0, self.phases[0][1]
        for (end, _), (_, later) in zip(self.phases, self.phases[1:], strict=False):
            if step >= end:
                begin, batches = end, later
        return batches.batch(step - begin)


def in_phases(
    documents: Sequence[Ids],
    chosen: Sequence[bool],
    begin: float,
    end: float,
    steps: int,
    batches: Callable[[Sequence[Ids]], Batches],
) -> BatchesInPhases:
    """Batches of a training of so many steps whose chosen documents come between two parts of it.

    `batches` makes those of the documents of one phase. Raises BadRequest, as `in_part` does.
    """
    ends = [round(part * steps) for part in (begin, end, 1)]
    places = in_part([len(one) + 1 for one in documents], chosen, begin, end)
    return BatchesInPhases(
        [
            (stop, batches([documents[place] for place in phase]))
            for start, stop, phase in zip([0, *ends], ends, places, strict=False)
            if stop > start
        ]
    )


def in_part(
    sizes: Sequence[int], chosen: Sequence[bool], begin: float, end: float
) -> tuple[list[int], list[int], list[int]]:
    """The documents to read before, in and after a part of the training, by their places.

    `sizes` are their numbers of tokens. The `chosen` ones are all in the part from `begin` to
    `end` (0 to 1); the others fill up each phase in their order, so that each has as many tokens
    as is its share of the training. Raises BadRequest where the chosen ones are too many for it.
    """
    total = sum(sizes)
    inside = sum(size for size, one in zip(sizes, chosen, strict=True) if one)
    if inside > (end - begin) * total:
        raise BadRequest(
            f"Worksheets are {inside / total:.0%} of this text, so they do not fit into "
            f"{end - begin:.0%} of the training: choose a longer part, or fewer worksheets."
        )
    before: list[int] = []
    part = [place for place, one in enumerate(chosen) if one]
    after: list[int] = []
    read, first, second = 0, begin * total, end * total - inside
    for place, (size, one) in enumerate(zip(sizes, chosen, strict=True)):
        if not one:
            middle = read + size / 2
            (before if middle < first else part if middle < second else after).append(place)
            read += size
    return before, part, after
