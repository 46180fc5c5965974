"""The compiled loops compute what the operations of torch do, in fp32 and in bf16."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from tests.fast import plain_passes
from tinylm.fast import kernels, passes
from tinylm.model.gpt import rotary_tables

fp32, bf16 = torch.float32, torch.bfloat16
KINDS = [fp32, bf16]
B, T, HEADS, SIZE = 2, 70, 3, 8  # more positions than two whole vectors
N, C = B * T, HEADS * SIZE
FIRST = torch.zeros(B, T, dtype=torch.int64)
FIRST[0, 31:], FIRST[0, 33:], FIRST[0, 64:], FIRST[0, 69:] = 31, 33, 64, 69  # documents


def numbers(*shape: int, kind: torch.dtype = fp32, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(kind)


def flat(found: Any) -> list[Tensor]:
    if isinstance(found, Tensor):
        return [found]
    return [tensor for part in found for tensor in flat(part)]


def cases(kind: torch.dtype, passes: Any = passes) -> dict[str, Callable[[], Any]]:
    """Each pass on numbers of this precision; those that it changes are made anew a call."""
    heads, norms = numbers(N, 3, HEADS, SIZE, kind=kind), numbers(2, SIZE, seed=3)
    tables = rotary_tables(T, SIZE)
    scores, shares = (numbers(B * HEADS, T, T, kind=kind, seed=i) for i in (4, 5))
    inverse = passes.turned(heads, norms, *tables)[2]
    to_pairs, to_values = (numbers(*s, kind=kind) for s in ((2, B * HEADS, T, SIZE), (6, T, SIZE)))
    weights = torch.tensor([0.25, 0.0, 0.75, 0.5]).repeat(N // 4)
    logits = 4 * numbers(N, 150, kind=kind, seed=6)
    logits[3, 7] += 30  # a row that is sure of its answer

    def slopes() -> tuple[Tensor, Tensor]:
        changed = logits.clone()
        return passes.slopes(changed, torch.arange(N) + 4, weights), changed

    def attended_back() -> Tensor:
        # Where nothing is seen the shares are zero.
        seen = passes.attended(shares.clone(), FIRST)
        return passes.attended_back(scores.clone(), seen)

    def product_added() -> Tensor:
        factors = numbers(4, N, kind=kind), numbers(N, C, kind=kind, seed=1)
        return passes.product_added(numbers(4, C), *factors, fp32)

    def add_rows() -> Tensor:
        total = numbers(40, C, seed=1)
        passes.add_rows(total, torch.arange(N) // 4, rows)
        return total

    def directions() -> tuple[Tensor, Tensor]:
        momentum = numbers(3, 20, 50, seed=1)
        gradients = [numbers(*shape, seed=7) for shape in ((20, 50), (20, 50), (50, 20))]
        return passes.directions(gradients, 2, momentum, 0.9, kind), momentum

    def move() -> tuple[Tensor, Tensor]:
        wide, tall = numbers(2, 20, 50), numbers(1, 50, 20, seed=1)
        passes.move(wide, tall, numbers(3, 20, 50, kind=kind, seed=2), 0.9, 0.2, 0.3)
        return wide, tall

    def joint_norm() -> Tensor:
        return torch.tensor(passes.joint_norm([numbers(20, 50), numbers(7), numbers(0)]))

    rows, grad = numbers(N, C), numbers(N, C, kind=kind, seed=1)
    narrow, both = numbers(N, 10, kind=kind), numbers(N, 2, 10, kind=kind)
    return {
        "added": lambda: passes.added(rows, narrow, numbers(C, 10, kind=kind, seed=1)),
        "product_added": product_added,
        "normed": lambda: passes.normed(rows, numbers(C), kind),
        "normed_back": lambda: passes.normed_back(grad, rows, numbers(C), numbers(N), 2 * rows),
        "gated": lambda: passes.gated(3 * both),
        "gated_back": lambda: passes.gated_back(narrow, 3 * both),
        "turned": lambda: passes.turned(heads, norms, *tables),
        "turned_back": lambda: passes.turned_back(
            to_pairs, to_values, heads, inverse, norms, *tables
        ),
        "attended": lambda: passes.attended(scores.clone(), FIRST),
        "attended_back": attended_back,
        "add_rows": add_rows,
        "slopes": slopes,
        "directions": directions,
        "move": move,
        "joint_norm": joint_norm,
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", cases(fp32))
def test_a_loop_computes_what_torchs_operations_do(
    name: str, kind: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = cases(kind)[name]
    runs, run = [], passes._run
    monkeypatch.setattr(passes, "_run", lambda *inputs: (runs.append(1), run(*inputs)))
    compiled = flat(case())
    # Products with a sum in fp32 are the library's.
    assert bool(runs) == ((name, kind) not in {("added", fp32), ("product_added", fp32)})
    runs.clear()
    plain = flat(cases(kind, plain_passes)[name]())
    assert not runs
    rounding = 1e-5 if kind == fp32 else 0.02
    for ours, theirs in zip(compiled, plain, strict=True):
        assert ours.dtype == theirs.dtype
        assert ours.shape == theirs.shape
        difference = (ours.double() - theirs.double()).norm()
        assert difference <= rounding * theirs.double().norm()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", cases(fp32))
def test_any_number_of_threads_gives_the_same_numbers(name: str, kind: torch.dtype) -> None:
    case, before = cases(kind)[name], torch.get_num_threads()
    found = []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            found.append(flat(case()))
    finally:
        torch.set_num_threads(before)
    assert all(torch.equal(a, b) for a, b in zip(*found, strict=True))


def test_gradients_may_lie_in_memory_as_they_like() -> None:
    momentum, gradient = numbers(1, 20, 50, seed=1), numbers(20, 50)
    other, turned = momentum.clone(), gradient.mT.contiguous().mT
    plain = passes.directions([gradient], 1, momentum, 0.9, fp32)
    assert torch.allclose(passes.directions([turned], 1, other, 0.9, fp32), plain, atol=1e-6)
    assert torch.allclose(momentum, other, atol=1e-6)


def test_weights_of_bf16_are_moved_as_well() -> None:
    weight, tall = torch.ones(1, 2, 3, dtype=bf16), torch.ones(0, 3, 2, dtype=bf16)
    passes.move(weight, tall, torch.ones(1, 2, 3, dtype=bf16), 1.0, 0.25, 0.25)
    assert weight.eq(0.75).all()


def test_no_gradient_has_no_length() -> None:
    assert passes.joint_norm([]) == 0


def test_a_target_that_is_no_token_is_refused() -> None:
    with pytest.raises(IndexError):
        passes.slopes(torch.zeros(2, 40), torch.tensor([0, 40]), torch.ones(2))


def test_a_number_that_is_none_shows_in_the_loss() -> None:
    logits = torch.zeros(2, 40)
    logits[1, 3] = torch.nan
    nats = passes.slopes(logits, torch.tensor([0, 0]), torch.ones(2))
    assert nats.isfinite().tolist() == [True, False]


@given(st.floats(-60, 60, width=32, allow_subnormal=False))
@settings(deadline=None)
def test_the_exponential_function_is_exact_to_some_units_in_the_last_place(x: float) -> None:
    ours = float(kernels.exp(kernels.f32(x)))
    assert ours == pytest.approx(float(torch.tensor(x).exp()), rel=1e-6)


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_rounding_to_bf16_is_torchs(bits: int) -> None:
    number = torch.tensor([bits], dtype=torch.uint32).view(fp32)
    if number.isnan():
        return
    out = torch.empty(1, 1, dtype=bf16)
    passes._run(kernels.add, number[None], torch.zeros(1, 1), out)
    assert torch.equal(out[0], number.bfloat16())
