"""Sampling, token by token, with a key-value cache."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import torch
from torch import Tensor

from tinylm.decoder import decoder
from tinylm.errors import BadRequest
from tinylm.model import GPT


def generate(
    model: GPT,
    prompt: Sequence[int],
    num_tokens: int,
    *,
    temperature: float = 1.0,
    top_k: int = 0,
    stop: Collection[int] = (),
    seed: int = 0,
) -> list[int]:
    """The ids that continue `prompt`: up to `num_tokens`, ending before any of `stop`."""
    return list(
        stream(
            model, prompt, num_tokens, temperature=temperature, top_k=top_k, stop=stop, seed=seed
        )
    )


@torch.inference_mode()
def stream(
    model: GPT,
    prompt: Sequence[int],
    num_tokens: int,
    *,
    temperature: float = 1.0,
    top_k: int = 0,
    stop: Collection[int] = (),
    seed: int = 0,
) -> Iterator[int]:
    """Yield one id at a time. `temperature` 0 takes the most probable token; `top_k` 0 is all.

    Where the context is full, the earlier half is forgotten and reading goes on from the
    later half.
    """
    if not prompt:
        raise BadRequest("A prompt needs at least one token.")
    if temperature < 0 or top_k < 0:
        raise BadRequest("Temperature and top_k cannot be negative.")
    random = torch.Generator().manual_seed(seed)
    size = model.config.block_size
    context = list(prompt[-size:])
    reader = decoder(model)
    logits = reader.read(context)
    for _ in range(num_tokens):
        token = _choose(logits, temperature, top_k, random)
        if token in stop:
            return
        yield token
        context.append(token)
        if len(context) > size:
            context = context[size // 2 :]
            logits = reader.read(context)
        else:
            logits = reader.step(token)


def _choose(logits: Tensor, temperature: float, top_k: int, random: torch.Generator) -> int:
    logits = logits.float().cpu()
    if temperature == 0:
        return int(logits.argmax())
    logits = logits / temperature
    if 0 < top_k < len(logits):
        smallest = logits.topk(top_k).values[-1]
        logits = logits.masked_fill(logits < smallest, -torch.inf)
    return int(torch.multinomial(logits.softmax(dim=-1), 1, generator=random))


@torch.inference_mode()
def next_token_odds(model: GPT, prompt: Sequence[int], top: int) -> list[tuple[int, float]]:
    """The `top` most probable next tokens after `prompt` as (id, probability)."""
    device = model.embedding.weight.device
    ids = torch.tensor([list(prompt[-model.config.block_size :])], device=device)
    probabilities = model(ids)[0, -1].float().softmax(dim=-1)
    best = probabilities.topk(min(top, len(probabilities)))
    return list(zip(best.indices.tolist(), best.values.tolist(), strict=True))
