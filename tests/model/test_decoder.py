"""A text read token by token has the logits of the text read at once."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import tiny
from tests.model.test_model import awake
from tinylm.model.decoder import Decoder

MODEL = awake(tiny.model()).eval()
SIZE = MODEL.config.block_size


@given(ids=st.lists(st.integers(0, 255), min_size=2, max_size=SIZE), data=st.data())
@settings(max_examples=25, deadline=None)
def test_logits_are_those_of_the_whole_text(ids: list[int], data: st.DataObject) -> None:
    first = data.draw(st.integers(1, len(ids) - 1))
    reader = Decoder(MODEL)
    steps = [reader.read(ids[:first]), *map(reader.step, ids[first:])]
    whole = MODEL(torch.tensor([ids]))[0, first - 1 :]
    assert torch.allclose(torch.stack(steps), whole, atol=1e-4)
