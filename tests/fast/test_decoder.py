"""A text read token by token in compiled functions has the logits of the text read at once."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import tiny
from tests.model.test_model import awake
from tinylm.fast.decoder import CompiledDecoder, decoder
from tinylm.model.decoder import Decoder
from tinylm.model.gpt import GPT
from tinylm.model.lora import add_adapters

MODEL = awake(tiny.model()).eval()
SIZE = MODEL.config.block_size


@given(ids=st.lists(st.integers(0, 255), min_size=2, max_size=SIZE), data=st.data())
@settings(max_examples=25, deadline=None)
def test_logits_are_those_of_the_whole_text(ids: list[int], data: st.DataObject) -> None:
    first = data.draw(st.integers(1, len(ids) - 1))
    reader = CompiledDecoder(MODEL)
    steps = [reader.read(ids[:first]), *map(reader.step, ids[first:])]
    whole = MODEL(torch.tensor([ids]))[0, first - 1 :]
    assert torch.allclose(torch.stack(steps), whole, atol=1e-4)


def test_a_new_context_forgets_the_old_one() -> None:
    reader = CompiledDecoder(MODEL)
    reader.read([1, 2, 3])
    reader.step(4)
    reader.read([9])
    assert torch.allclose(reader.step(8), MODEL(torch.tensor([[9, 8]]))[0, -1], atol=1e-4)


def test_a_full_context_takes_no_more() -> None:
    reader = CompiledDecoder(MODEL)
    reader.read([1] * SIZE)
    with pytest.raises(IndexError):
        reader.step(4)


def test_adapters_are_read_along() -> None:
    model = add_adapters(awake(tiny.model()), rank=2, matrices="all", seed=1)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.normal_(generator=torch.Generator().manual_seed(3))
    reader = decoder(model)
    reader.read([5])
    assert isinstance(reader, CompiledDecoder)
    assert torch.allclose(reader.step(6), model(torch.tensor([[5, 6]]))[0, -1], atol=1e-4)


def test_gates_that_are_shut_fast_leave_finite_logits() -> None:
    model = GPT(MODEL.config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(1e4)
    reader = CompiledDecoder(model)
    reader.read([1])
    assert torch.isfinite(reader.step(2)).all()


def test_other_precisions_and_devices_are_read_by_torch() -> None:
    assert type(decoder(tiny.model().bfloat16())) is Decoder
    assert type(decoder(tiny.model().to("meta"))) is Decoder
