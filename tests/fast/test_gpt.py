"""The faster model is the plain one: the same weights, results, gradients and curve."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests import tiny
from tests.model.test_model import awake
from tinylm.events import EvalDone, StepDone
from tinylm.fast.gpt import FusedGPT
from tinylm.model.cache import Branches, KeyValueCache
from tinylm.model.decoder import Decoder
from tinylm.model.generate import generate
from tinylm.model.gpt import GPT
from tinylm.speed import fastest
from tinylm.training.loop import train

pytestmark = pytest.mark.usefixtures("one_thread")
ROUNDING = {"fp32": 2e-5, "bf16": 0.03}  # nats, of a loss at any step of the curve


def pair() -> tuple[GPT, GPT]:
    """The plain model and the faster one, of the same weights."""
    plain, fused = (awake(kind(tiny.MODEL, seed=3)) for kind in (GPT, FusedGPT))
    assert plain.state_dict().keys() == fused.state_dict().keys()
    return plain, fused


def documents(rows: int, length: int) -> Tensor:
    """Ids of several documents in a row, each begun by a separator."""
    return torch.randint(0, 6, (rows, length), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("apart", [False, True])
def test_hidden_states_are_the_plain_models(apart: bool) -> None:
    plain, fused = pair()
    ids = documents(3, 20)
    ours, theirs = (model.hidden_states(ids, apart=apart) for model in (fused, plain))
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-4)


def test_the_loss_and_its_gradient_are_the_plain_models() -> None:
    ids, targets = documents(3, 20), documents(3, 20).roll(1, 0)
    targets[0, :5] = -100
    plain, fused = pair()
    losses = [model(ids, targets) for model in (plain, fused)]
    torch.testing.assert_close(*losses)
    with torch.no_grad():
        torch.testing.assert_close(fused(ids, targets), losses[0])
    for loss in losses:
        loss.backward()
    for (name, theirs), ours in zip(plain.named_parameters(), fused.parameters(), strict=True):
        assert ours.grad is not None and theirs.grad is not None
        torch.testing.assert_close(ours.grad, theirs.grad, atol=1e-6, rtol=1e-4, msg=name)


def test_other_precisions_are_the_plain_models() -> None:
    """To the last bit: no loop is made for float64, and the model computes as a plain one."""
    ids, targets = documents(3, 20), documents(3, 20).roll(1, 0)
    found = []
    for model in pair():
        model.double()
        model(ids, targets).backward()
        hidden = model.hidden_states(ids, apart=True)
        found.append((hidden, *(parameter.grad for parameter in model.parameters())))
    assert all(map(torch.equal, *found))


def test_half_precision_is_the_plain_models() -> None:
    ids = documents(3, 20)
    with torch.autocast("cpu", dtype=torch.float16):
        assert torch.equal(*(model(ids, ids) for model in pair()))


def test_other_devices_run_no_loop() -> None:
    model, ids = FusedGPT(tiny.MODEL).to("meta"), documents(3, 20).to("meta")
    model(ids, ids).backward()  # a loop would read numbers, of which there are none
    assert model.hidden_states(ids, apart=True).is_meta


@torch.inference_mode()
def test_continuations_of_what_is_cached_are_the_plain_models() -> None:
    found = []
    for model in pair():
        cache = KeyValueCache(model, rows=2, length=16)
        positions = torch.arange(8).expand(2, -1)
        first = model.hidden_states(documents(2, 8), cache, positions)
        visible = torch.ones(2, 3, 8 + 3, dtype=torch.bool)
        visible[:, :, 8:] = torch.eye(3, dtype=torch.bool)  # side by side
        branches = Branches(cache, torch.tensor([0, 1]), visible)
        below = model.hidden_states(documents(2, 3), branches, torch.full((2, 3), 8))
        found.append(torch.cat((first, below), dim=1))
    torch.testing.assert_close(*found, atol=1e-5, rtol=1e-4)


def curve(folder: Path, precision: str) -> list[float]:
    """The loss of each update, and of each validation."""
    job = tiny.job(folder)
    job.precision = precision
    return [event.loss for event in train(job) if isinstance(event, StepDone | EvalDone)]


@pytest.mark.parametrize("precision", ROUNDING)
def test_a_training_without_this_package_has_the_same_curve(
    precision: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up to the rounding of another order of the same sums, which ROUNDING states."""
    assert fastest(GPT) is FusedGPT
    fast = curve(tmp_path / "fast", precision)
    monkeypatch.setitem(sys.modules, "tinylm.fast", None)
    assert fastest(GPT) is GPT and fastest(Decoder) is Decoder
    plain = curve(tmp_path / "plain", precision)
    assert plain != fast  # they are two computations
    assert fast[0] - fast[-1] > 1  # and something was learned
    assert plain == pytest.approx(fast, abs=ROUNDING[precision])


def test_a_text_written_without_this_package_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def text() -> list[int]:
        return generate(awake(tiny.model()), [1, 2], 50, temperature=0)

    fast = text()
    monkeypatch.setitem(sys.modules, "tinylm.fast", None)
    assert text() == fast


def test_a_package_that_is_there_and_broken_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "tinylm.fast")
    monkeypatch.setitem(sys.modules, "tinylm.fast.passes", None)
    with pytest.raises(ImportError, match=r"tinylm\.fast\.passes"):
        fastest(GPT)
