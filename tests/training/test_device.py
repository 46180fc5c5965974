"""The fastest device is taken, what is not there is refused in words, nothing is CPU-only."""

from __future__ import annotations

import platform

import pytest
import torch

from tests import tiny
from tinylm.config import TrainConfig
from tinylm.errors import BadRequest
from tinylm.model.cache import Branches, KeyValueCache
from tinylm.training import device
from tinylm.training.optimizer import Optimizer


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine with an NVIDIA card on which a small update takes a tenth of the time."""
    monkeypatch.delenv("TINYLM_DEVICE", raising=False)
    monkeypatch.setattr(device, "available_devices", lambda: ["cpu", "cuda"])
    monkeypatch.setattr(device, "seconds_of_update", {"cpu": 0.1, "cuda": 0.01}.__getitem__)
    return monkeypatch


def test_auto_takes_what_the_probe_finds_fastest(machine: pytest.MonkeyPatch) -> None:
    assert device.choose_device().type == "cuda"
    machine.setattr(device, "seconds_of_update", {"cpu": 0.1, "cuda": 0.2}.__getitem__)
    assert device.choose_device().type == "cpu"


def test_a_setting_goes_before_the_environment_and_that_before_the_probe(
    machine: pytest.MonkeyPatch,
) -> None:
    machine.setenv("TINYLM_DEVICE", "cpu")
    assert device.choose_device().type == "cpu"
    assert device.choose_device("cuda").type == "cuda"


def test_a_device_that_is_not_there_is_refused_in_words(machine: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadRequest, match="auto or to one of cpu, cuda"):
        device.choose_device("mps")
    machine.setenv("TINYLM_DEVICE", "toaster")
    with pytest.raises(BadRequest, match="toaster"):
        device.choose_device()


def test_the_probe_times_a_real_update() -> None:
    assert 0 < device.seconds_of_update("cpu") < 60


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other libraries of C decide alone")
def test_memory_that_was_freed_is_used_again() -> None:
    import resource

    def new_pages() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

    def use_and_free() -> None:
        [torch.ones(4 << 20) for _ in range(4)]  # 64 MB, more than glibc keeps by itself

    device.use_threads(torch.get_num_threads())
    for _ in range(5):  # by then the heap has grown around what other tests have left in it
        use_and_free()
    before = new_pages()
    for _ in range(5):
        use_and_free()
    assert new_pages() - before < 20_000  # of 81,920


@pytest.mark.parametrize("wanted", ["fp32", "bf16"])
def test_a_wanted_precision_is_taken(wanted: str) -> None:
    assert device.choose_precision(wanted, torch.device("cpu"), 128) == wanted


def test_the_probe_of_precision_leaves_the_threads_as_they_were() -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        assert device._bf16_gain.__wrapped__("cpu", 32) > 0
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_auto_takes_bf16_only_where_it_is_clearly_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    for gain, expected in ((0.3, "fp32"), (1.1, "fp32"), (2.0, "bf16")):
        monkeypatch.setattr(device, "_bf16_gain", lambda *_, gain=gain: gain)
        assert device.choose_precision("auto", torch.device("cpu"), 128) == expected


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_training_and_reading_make_no_tensor_on_another_device(precision: str) -> None:
    """Tensors without numbers ("meta") refuse to meet those of the CPU, as a GPU's would."""
    meta = torch.device("meta")
    model = tiny.model().to(meta)
    optimizer = Optimizer(model, TrainConfig())
    ids = torch.zeros(2, 8, dtype=torch.int64, device=meta)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
        loss = model(ids, ids)
    loss.backward()
    for group in optimizer.groups:
        group.step(0.1, 0.1, torch.float32)
    cache = KeyValueCache(model, rows=2, length=8)
    positions = torch.arange(8, device=meta).expand(2, -1)
    hidden = model.hidden_states(ids, cache, positions)
    visible = torch.ones(2, 3, 8 + 3, dtype=torch.bool, device=meta)
    branches = Branches(cache, torch.zeros(2, dtype=torch.int64, device=meta), visible)
    below = model.hidden_states(ids[:, :3], branches, positions[:, :3])
    assert {loss.device, hidden.device, below.device} == {meta}
