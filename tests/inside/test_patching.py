"""Heads are read and replaced: only what is replaced changes, and only from its place on."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests import tiny
from tinylm.inside.patching import Head, Heads, Patch
from tinylm.model.gpt import GPT

pytestmark = pytest.mark.usefixtures("one_thread")
ROWS, LENGTH = 3, 12


@pytest.fixture(scope="module")
def heads() -> Heads:
    return Heads(tiny.awake())


@pytest.fixture(scope="module")
def ids() -> Tensor:
    return torch.randint(1, 256, (ROWS, LENGTH), generator=torch.Generator().manual_seed(2))


def test_a_head_that_writes_its_own_output_changes_nothing(heads: Heads, ids: Tensor) -> None:
    last = torch.tensor([11, 5, 8])
    own = heads.outputs(ids, last)
    patches = [Patch(one, own[one.layer, one.head], last) for one in heads.all]
    torch.testing.assert_close(heads.read(ids, patches), heads.model.hidden_states(ids))


@pytest.mark.parametrize("head", [Head(0, 0), Head(0, 1), Head(1, 1)])
def test_a_patch_changes_its_place_and_what_follows_but_nothing_before(
    heads: Heads, ids: Tensor, head: Head
) -> None:
    at = torch.tensor([6, 6, 6])
    other = torch.ones(1, heads.model.config.head_size)
    before, after = heads.read(ids), heads.read(ids, [Patch(head, other, at)])
    assert torch.equal(before[:, :6], after[:, :6])
    assert not torch.isclose(before[:, 6], after[:, 6]).all(dim=-1).any()
    # Later places of the last layer's own row read only what the layer before it wrote.
    assert torch.equal(before[:, 7:], after[:, 7:]) == (head.layer == 1)


def test_heads_are_named_as_their_weights_lie(heads: Heads, ids: Tensor) -> None:
    silent = Heads(heads.model)
    size = silent.model.config.head_size
    with torch.no_grad():
        silent.model.get_submodule("blocks.0.attention.wv").weight[size:] = 0  # type: ignore[operator]
    found = silent.outputs(ids, torch.full((ROWS,), LENGTH - 1))
    assert found[0, 0].abs().max() > 0
    assert found[0, 1].abs().max() == 0


def test_a_head_with_one_output_is_not_changed_by_its_mean(heads: Heads) -> None:
    same = torch.full((2, LENGTH), 7)  # every position reads the same tokens, so all agree
    mean = heads.mean_outputs([(same, same)])
    patches = [Patch(one, mean[one.layer, one.head][None]) for one in heads.all]
    torch.testing.assert_close(heads.read(same, patches), heads.read(same))


def test_means_count_only_positions_with_a_target(heads: Heads, ids: Tensor) -> None:
    targets = torch.full_like(ids, -100)
    targets[:, 4] = 1
    at = torch.full((ROWS,), 4)
    torch.testing.assert_close(
        heads.mean_outputs([(ids, targets)]), heads.outputs(ids, at).mean(dim=2)
    )


def test_the_model_itself_is_left_as_it_was(ids: Tensor) -> None:
    model = GPT(tiny.MODEL, seed=3)
    before = model(ids)
    heads = Heads(model)
    heads.read(ids, [Patch(Head(0, 0), torch.ones(1, model.config.head_size))])
    assert torch.equal(model(ids), before)
    assert not any(module._forward_pre_hooks for module in heads.model.modules())
