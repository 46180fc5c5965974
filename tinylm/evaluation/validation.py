"""A model's loss on text that it never read."""

from __future__ import annotations

import torch

from tinylm.evaluation.metrics import bits_per_byte
from tinylm.model.gpt import GPT
from tinylm.text.batches import ValidationSet


@torch.inference_mode()
def validate(model: GPT, data: ValidationSet) -> tuple[float, float]:
    """Mean loss in nats per token and bits per byte over whole documents."""
    device = model.embedding.weight.device
    nats = 0.0
    for ids, targets in data.batches:
        count = int((targets >= 0).sum())
        nats += model(ids.to(device), targets.to(device)).item() * count
    return nats / data.num_tokens, bits_per_byte(nats, data.num_bytes)
