"""Several continuations of several prompts, drawn at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from tinylm.model.cache import KeyValueCache
from tinylm.model.gpt import GPT


@torch.no_grad()
def tries(
    model: GPT,
    prompts: Sequence[Sequence[int]],
    each: int,
    limit: int,
    stops: Collection[int],
    *,
    temperature: float,
    random: torch.Generator,
) -> list[list[list[int]]]:
    """`each` continuations of each prompt, drawn at a `temperature` above 0.

    A continuation ends with the first id in `stops`, or without one after `limit` ids or where the
    context is full. `random` is a generator of the processor.
    """
    device = model.embedding.weight.device
    lengths = torch.tensor([len(prompt) for prompt in prompts])
    ids = torch.zeros(len(prompts), int(lengths.max()), dtype=torch.int64)
    for row, prompt in enumerate(prompts):
        ids[row, : len(prompt)] = torch.tensor(prompt)
    room = min(model.config.block_size, ids.shape[1] + limit - 1)
    cache = KeyValueCache(model, len(prompts), room)
    # Padding in the cache is never seen: a row's own tokens overwrite it, or it is masked.
    positions = torch.arange(ids.shape[1], device=device).expand(len(prompts), -1)
    hidden = model.hidden_states(ids.to(device), cache, positions)
    hidden = hidden[torch.arange(len(prompts), device=device), (lengths - 1).to(device)]
    cache.repeat(each)
    hidden, lengths = (t.repeat_interleave(each, dim=0) for t in (hidden, lengths))  # (B, C), (B,)
    written: list[list[int]] = [[] for _ in range(len(lengths))]
    left = [min(limit, model.config.block_size - n + 1) for n in lengths.tolist()]
    while True:
        logits = F.linear(hidden, model.embedding.weight).float().cpu()  # (B, V)
        drawn = _draw((logits / temperature).softmax(dim=-1), random)
        for row, token in enumerate(drawn.tolist()):
            if left[row]:
                written[row].append(token)
                left[row] = 0 if token in stops else left[row] - 1
        if not any(left):
            return [written[i : i + each] for i in range(0, len(written), each)]
        # Rows that have ended may overwrite the last position, which they no longer read.
        place = lengths.clamp(max=room - 1)[:, None].to(device)
        hidden = model.hidden_states(drawn[:, None].to(device), cache, place)[:, 0]
        lengths = lengths + 1


def _draw(odds: Tensor, random: torch.Generator) -> Tensor:
    """An index (B,) of each row of odds (B, V), drawn with its probability."""
    sums = odds.cumsum(dim=-1)
    places = torch.rand(len(odds), 1, generator=random) * sums[:, -1:]
    # A place may be rounded up to the whole sum: then the last index whose odds are not 0 is taken.
    last = torch.searchsorted(sums, sums[:, -1:].contiguous())
    return torch.searchsorted(sums, places, right=True).minimum(last)[:, 0]
