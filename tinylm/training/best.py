"""The best validation of a pre-training so far, and a copy of the model as it was then."""

from __future__ import annotations

import math
from typing import NamedTuple

from torch import Tensor

Tensors = dict[str, Tensor]


class Copy(NamedTuple):
    """What a checkpoint of an earlier step needs."""

    step: int
    tokens_seen: int
    model: Tensors
    optimizer: Tensors


class Best:
    """Remembers the step of the lowest validation loss, and keeps a copy that is not saved yet.

    A copy is written once the loss has turned, or before a checkpoint that names its step. As long
    as every validation is better than the one before and checkpoints fall on validations, nothing
    is written beside the usual checkpoints.
    """

    def __init__(self, step: int = 0, loss: float = math.inf) -> None:
        self.step, self.loss = step, loss
        self.copy: Copy | None = None

    def beaten(self, step: int, loss: float) -> bool:
        """Note a validation; returns whether it is the best so far, and then forgets the copy."""
        if not loss < self.loss:
            return False
        self.step, self.loss, self.copy = step, loss, None
        return True

    def taken(self) -> Copy | None:
        """The copy that is to be written, which is not kept any longer; None if there is none."""
        copy, self.copy = self.copy, None
        return copy


def copied(tensors: Tensors) -> Tensors:
    """The same numbers in tensors of their own."""
    return {name: tensor.detach().clone() for name, tensor in tensors.items()}
