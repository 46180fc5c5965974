"""The weights of a model as text that stands inside an HTML file; unpack.js reads them back."""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING

from tinylm.errors import BadRequest

if TYPE_CHECKING:  # listing the formats needs no torch
    from tinylm.model.gpt import GPT

Sizes = list[tuple[str, int]]


def packed(model: GPT) -> tuple[str, Sizes]:
    """All weights in base64, and the name and the number of weights of each part, in order.

    A weight keeps the first 24 of its 32 bits, rounded: 16 bits of its digits, as against 11 in
    half precision. Its bytes stand apart by their place, because the first ones are much alike.
    """
    import numpy as np

    parts = {name: one.detach().float().cpu().numpy() for name, one in model.named_parameters()}
    whole = np.concatenate([part.ravel() for part in parts.values()])
    if not np.isfinite(whole).all():
        raise BadRequest("This model has weights that are no numbers: export an earlier step.")
    bits = whole.astype(np.float32).view(np.uint32) + np.uint32(0x80)  # rounds what is cut off
    planes = np.concatenate([(bits >> shift).astype(np.uint8) for shift in (24, 16, 8)])
    text = base64.b64encode(zlib.compress(planes.tobytes(), 9)).decode("ascii")
    return text, [(name, part.size) for name, part in parts.items()]
