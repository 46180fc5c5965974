"""Sampling text token by token, with a key-value cache."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypedDict, Unpack

import torch
from torch import Tensor

from tinylm.errors import BadRequest
from tinylm.model.decoder import Decoder
from tinylm.model.gpt import GPT
from tinylm.speed import fastest

LEAST_TEMPERATURE = 0.001


class SamplingOptions(TypedDict, total=False):
    """The keyword arguments of `stream`."""

    temperature: float
    top_k: int
    top_p: float
    stop: Collection[int]
    seed: int


def generate(
    model: GPT, prompt: Sequence[int], num_tokens: int, **options: Unpack[SamplingOptions]
) -> list[int]:
    """Up to `num_tokens` ids that continue `prompt`. They end before the first id in `stop`."""
    return list(stream(model, prompt, num_tokens, **options))


@torch.inference_mode()
def stream(
    model: GPT,
    prompt: Sequence[int],
    num_tokens: int,
    *,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    stop: Collection[int] = (),
    seed: int = 0,
) -> Iterator[int]:
    """Yield up to `num_tokens` ids that continue `prompt`, one at a time.

    `temperature` 0 always takes the most probable token. `top_k` 0 and `top_p` 1 leave out no
    token; `sampling_odds` explains both. When the context is full, the model forgets the earlier
    half of it and reads the later half again. Raises BadRequest for an empty prompt or options
    that make no sense.
    """
    if not prompt:
        raise BadRequest("A prompt needs at least one token.")
    check_sampling(temperature, top_k, top_p)
    random = torch.Generator().manual_seed(seed)
    size = model.config.block_size
    context = list(prompt[-size:])
    reader = fastest(Decoder)(model)
    logits = reader.read(context)
    for _ in range(num_tokens):
        token = _choose(logits, temperature, top_k, top_p, random)
        if token in stop:
            return
        yield token
        context.append(token)
        if len(context) > size:
            context = context[size // 2 :]
            logits = reader.read(context)
        else:
            logits = reader.step(token)


def check_sampling(temperature: float, top_k: int, top_p: float) -> None:
    """Raise BadRequest if one of the sampling options makes no sense."""
    if temperature < 0 or top_k < 0:
        raise BadRequest("Temperature and top_k cannot be negative.")
    if temperature and not LEAST_TEMPERATURE <= temperature < float("inf"):
        raise BadRequest(
            f"The temperature is 0 (always the most probable token) or at least "
            f"{LEAST_TEMPERATURE:g}; got {temperature:g}."
        )
    if not 0 < top_p <= 1:
        raise BadRequest(f"top_p must be above 0 and at most 1; got {top_p:g}.")


def sampling_odds(logits: Tensor, temperature: float, top_k: int, top_p: float) -> Tensor:
    """The probabilities (V,) to draw from: temperature first, then top_k, then top_p.

    `temperature` must be above 0. `top_k` keeps the k most probable tokens. `top_p` keeps the
    smallest set of most probable tokens whose probabilities add up to at least `top_p` (nucleus
    sampling, Holtzman et al. 2020, https://arxiv.org/abs/1904.09751).
    """
    logits = logits.float()
    logits = (logits - logits.max()) / temperature  # at most 0, so exp cannot overflow
    if 0 < top_k < len(logits):
        smallest = logits.topk(top_k).values[-1]
        logits = logits.masked_fill(logits < smallest, -torch.inf)
    odds = logits.softmax(dim=-1)
    if top_p < 1:
        ordered = odds.sort(descending=True)
        before = ordered.values.cumsum(dim=-1) - ordered.values  # sum of the more probable tokens
        odds = odds.index_fill(0, ordered.indices[before >= top_p], 0.0)
        odds = odds / odds.sum()
    return odds


def _choose(
    logits: Tensor, temperature: float, top_k: int, top_p: float, random: torch.Generator
) -> int:
    logits = logits.cpu()
    if temperature == 0:
        return int(logits.argmax())
    return _draw(sampling_odds(logits, temperature, top_k, top_p), random)


def _draw(odds: Tensor, random: torch.Generator) -> int:
    """Draw an index at random, each with its probability in `odds` (V,).

    A random place between 0 and the sum of all odds falls into the share of one index. This
    takes a third of the time of torch.multinomial, which is made for many draws at once.
    """
    sums = odds.cumsum(dim=0)
    place = torch.rand(1, generator=random) * sums[-1:]
    # `right=True` makes sure that odds of 0 are never drawn. The place may be rounded up to the
    # whole sum; `min` then takes the last index whose odds are not 0.
    last = torch.searchsorted(sums, sums[-1:])
    return min(int(torch.searchsorted(sums, place, right=True)), int(last))


@dataclass(frozen=True)
class Drawn:
    """A token that was drawn, and the probabilities it was drawn from."""

    token: int
    probability: float  # in the model, before temperature, top_k and top_p
    before: list[tuple[int, float]]  # the model's most probable tokens, as (id, probability)
    after: dict[int, float]  # the same tokens' probabilities after temperature, top_k and top_p


@torch.inference_mode()
def draw_next(
    model: GPT,
    context: Sequence[int],
    *,
    temperature: float,
    top_k: int,
    top_p: float,
    seed: int,
    top: int = 10,
) -> Drawn:
    """Draw one token after `context`. The draw depends on `seed` and the length of `context`.

    Raises BadRequest for options that make no sense.
    """
    check_sampling(temperature, top_k, top_p)
    ids = torch.tensor([list(context[-model.config.block_size :])])
    logits = model(ids.to(model.embedding.weight.device))[0, -1].float().cpu()
    plain = logits.softmax(dim=-1)
    if temperature == 0:
        odds = torch.zeros_like(plain).index_fill_(0, logits.argmax(), 1.0)
    else:
        odds = sampling_odds(logits, temperature, top_k, top_p)
    random = torch.Generator().manual_seed(seed * 1_000_003 + len(context))
    token = _draw(odds, random)
    best = plain.topk(min(top, len(plain)))
    shown = list(zip(best.indices.tolist(), best.values.tolist(), strict=True))
    return Drawn(token, plain[token].item(), shown, {i: odds[i].item() for i, _ in shown})


@torch.inference_mode()
def next_token_odds(model: GPT, prompt: Sequence[int], top: int) -> list[tuple[int, float]]:
    """The `top` most probable next tokens after `prompt` as (id, probability)."""
    device = model.embedding.weight.device
    ids = torch.tensor([list(prompt[-model.config.block_size :])], device=device)
    probabilities = model(ids)[0, -1].float().softmax(dim=-1)
    best = probabilities.topk(min(top, len(probabilities)))
    return list(zip(best.indices.tolist(), best.values.tolist(), strict=True))
