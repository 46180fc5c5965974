"""What a model says after one prompt, if one of its heads writes another thing at the end of it."""

from __future__ import annotations

import math
from collections.abc import Container, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from tinylm.evaluation.forced import forced
from tinylm.inside.patching import Head, Heads, Patch
from tinylm.inside.vectors import with_outputs


@dataclass(frozen=True)
class Reading:
    """A prompt as a model reads it, with the output of one head replaced at its end, or not."""

    heads: Heads
    prompt: list[int]
    head: Head | None = None
    value: Tensor | None = None  # (1, hs)

    @torch.inference_mode()
    def odds(self, following: Sequence[int] = ()) -> Tensor:
        """The odds (V,) of the token after the prompt and the tokens that follow it."""
        model = self.heads.model
        device = model.embedding.weight.device
        patches = []
        if self.head is not None and self.value is not None:
            last = torch.tensor([len(self.prompt) - 1], device=device)
            patches = [Patch(self.head, self.value, last)]
        ids = torch.tensor([[*self.prompt, *following]], device=device)
        hidden = self.heads.read(ids, patches)
        return F.linear(hidden[0, -1], model.embedding.weight).float().softmax(dim=-1)

    def greedy(self, stops: Container[int], longest: int) -> list[int]:
        """The most probable token at each place, up to a stop."""
        found: list[int] = []
        while len(found) < longest and (best := int(self.odds(found).argmax())) not in stops:
            found.append(best)
        return found

    def probabilities(self, answers: Sequence[Sequence[int]]) -> list[float]:
        """The probability of each of the answers as a whole."""
        rows = [(self.prompt, list(answer)) for answer in answers]
        if self.head is None or self.value is None:
            found = forced(self.heads.model, rows)
        else:
            config = self.heads.model.config
            shape = config.n_layer, config.n_head, len(rows), config.head_size
            found = with_outputs(self.heads, rows, [self.head], self.value.expand(shape))
        return [math.exp(one.log_probability) for one in found]
