"""What torchrun tells each process that it starts; this loads no torch."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

ID = "TORCHELASTIC_RUN_ID"  # only torchrun sets it; other launchers set some of the names below


class Place(NamedTuple):
    """Which of how many processes this one is: in all, and on this machine."""

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    local_size: int = 1

    @property
    def helps(self) -> bool:
        """Whether another process leads the training, and this one only computes."""
        return self.rank > 0


def place(environment: Mapping[str, str] = os.environ) -> Place:
    """The place of this process, which is alone unless torchrun started several."""
    if ID not in environment:
        return Place()
    names = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE")
    return Place(*(int(environment[name]) for name in names))


def share_of(threads: int) -> int:
    """The threads of this process, where all processes of this machine have so many together."""
    return max(1, threads // place().local_size)
