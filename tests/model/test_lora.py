"""Adapters begin as the base, learn alone, count as the formula says, and merge without loss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from tests import tiny
from tinylm.errors import BadRequest
from tinylm.events import EvalDone, Event, RunStarted, StepDone
from tinylm.model.gpt import GPT
from tinylm.model.lora import MATRICES, add_adapters, has_adapters, num_trainable, plain_weights
from tinylm.training.job import TrainingJob
from tinylm.training.loop import load_weights, train

IDS = torch.randint(0, 256, (3, 16), generator=torch.Generator().manual_seed(5))


pytestmark = pytest.mark.usefixtures("one_thread")


def trained_base(seed: int = 3) -> GPT:
    """Weights without the zero matrices of an untrained model, so that all of it matters."""
    model = tiny.model(seed)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.05)
    return model


def adapted_job(folder: Path, **settings: Any) -> TrainingJob:
    """The little sentences, read by a base with adapters."""
    job = tiny.job(folder, muon_lr=0.0, learning_rate=1e-2, **settings)
    job.model = add_adapters(trained_base(), 4, "all", seed=7)
    return job


def merge(model: GPT) -> GPT:
    """A plain GPT of the weights that a checkpoint of `model` holds."""
    plain = tiny.model()
    plain.load_state_dict(plain_weights(model))
    return plain


def copy_of(model: GPT) -> dict[str, torch.Tensor]:
    return {name: parameter.detach().clone() for name, parameter in model.named_parameters()}


@pytest.mark.parametrize("matrices", MATRICES)
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_an_adapted_model_begins_as_its_base_exactly(matrices: str, precision: str) -> None:
    base, adapted = trained_base(), add_adapters(trained_base(), 4, matrices, seed=1)
    with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
        assert torch.equal(adapted(IDS), base(IDS))


@pytest.mark.parametrize("matrices", MATRICES)
@pytest.mark.parametrize("rank", [1, 8])
def test_trainable_numbers_are_rank_times_inputs_plus_outputs(matrices: str, rank: int) -> None:
    model = tiny.model()
    every = num_trainable(model)
    assert every == model.num_parameters
    shapes = [
        weights.shape
        for name, weights in model.named_parameters()
        if name.split(".")[-2] in MATRICES[matrices]
    ]
    assert len(shapes) == tiny.MODEL.n_layer * len(MATRICES[matrices])
    add_adapters(model, rank, matrices, seed=1)
    assert num_trainable(model) == sum(rank * (rows + columns) for rows, columns in shapes)
    assert model.num_parameters == every + num_trainable(model)


def test_a_choice_of_matrices_adapts_these_alone() -> None:
    model = add_adapters(tiny.model(), 2, "attention", seed=1)
    learning = {name for name, p in model.named_parameters() if p.requires_grad}
    assert {name.split(".")[3] for name in learning} == {"wq", "wk", "wv", "wo"}


def test_only_the_adapters_learn(tmp_path: Path) -> None:
    job = adapted_job(tmp_path)
    before = copy_of(job.model)
    losses = [event.loss for event in train(job) if isinstance(event, EvalDone)]
    assert losses[-1] < losses[0]
    for name, weights in job.model.named_parameters():
        assert torch.equal(weights, before[name]) == (not name.endswith((".a", ".b"))), name


def test_a_merged_model_is_plain_and_says_the_same(tmp_path: Path) -> None:
    job = adapted_job(tmp_path)
    base = merge(job.model)
    list(train(job))
    plain = merge(job.model)
    assert not has_adapters(plain)
    assert copy_of(plain).keys() == copy_of(tiny.model()).keys()
    assert num_trainable(plain) == plain.num_parameters
    assert torch.allclose(plain(IDS), job.model(IDS), atol=1e-5)
    assert not torch.allclose(plain(IDS), base(IDS), atol=1e-2)


def test_the_change_of_a_matrix_has_at_most_the_adapters_rank(tmp_path: Path) -> None:
    job = adapted_job(tmp_path)
    list(train(job))
    before, after = trained_base().blocks[0], merge(job.model).blocks[0]
    for change in (
        after.attention.wo.weight - before.attention.wo.weight,
        after.mlp.gate.weight - before.mlp.gate.weight,
    ):
        values = torch.linalg.svdvals(change)
        assert values[0] > 1e-3
        assert values[4:].max() < 1e-5 * values[0] + 1e-6


def test_with_full_rank_any_change_can_be_had() -> None:
    model = tiny.model()
    add_adapters(model, 32, "attention", seed=1)
    layer = model.blocks[0].attention.wq
    wanted = torch.randn(32, 32, generator=torch.Generator().manual_seed(2))
    adapter = layer.parametrizations["weight"][0]
    with torch.no_grad():
        adapter.b.copy_((wanted - layer.weight) @ torch.linalg.inv(adapter.a) / adapter.scale)
    assert torch.allclose(layer.weight, wanted, atol=1e-3)


def test_the_seed_decides_the_adapters() -> None:
    first, second, other = (add_adapters(tiny.model(), 2, "mlp", seed) for seed in (1, 1, 2))
    name = "blocks.0.mlp.up.parametrizations.weight.0.a"
    assert torch.equal(copy_of(first)[name], copy_of(second)[name])
    assert not torch.equal(copy_of(first)[name], copy_of(other)[name])


def test_a_checkpoint_holds_the_merged_model(tmp_path: Path) -> None:
    job = adapted_job(tmp_path)
    list(train(job))
    read = tiny.model()
    load_weights(read, job.checkpoints.load())
    assert torch.equal(read(IDS), merge(job.model)(IDS))


@pytest.mark.parametrize("at", [3, 10])
def test_a_run_goes_on_bit_for_bit(tmp_path: Path, at: int) -> None:
    whole = adapted_job(tmp_path / "whole")
    expected = [e for e in train(whole) if isinstance(e, StepDone | EvalDone)]
    first = adapted_job(tmp_path / "parts")
    done: list[Event] = []

    def control() -> str:
        return "pause" if any(isinstance(e, StepDone) and e.step == at for e in done) else "run"

    for event in train(first, control=control):
        done.append(event)
    second = adapted_job(tmp_path / "parts")
    second.resume = second.checkpoints.load(with_optimizer=True)
    done += train(second)
    got = [e for e in done if isinstance(e, StepDone | EvalDone)]
    assert [(e.step, e.loss) for e in got] == [(e.step, e.loss) for e in expected]
    for a, b in zip(whole.model.parameters(), second.model.parameters(), strict=True):
        assert torch.equal(a, b)


def test_a_run_tells_how_many_numbers_learn(tmp_path: Path) -> None:
    job = adapted_job(tmp_path, steps=1)
    started = next(event for event in train(job) if isinstance(event, RunStarted))
    assert started.num_trainable == num_trainable(job.model) < started.num_parameters


def test_nonsense_is_refused() -> None:
    with pytest.raises(BadRequest, match="one of attention, mlp, all"):
        add_adapters(tiny.model(), 2, "norms", seed=1)
    with pytest.raises(BadRequest, match="at least 1"):
        add_adapters(tiny.model(), 0, "all", seed=1)
    with pytest.raises(BadRequest, match="takes adapters once"):
        add_adapters(add_adapters(tiny.model(), 1, "all", seed=1), 1, "all", seed=1)
