"""Training speed: tokens per second, share of the machine's peak, ratio to the reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from benchmarks.speed.own_process import Apart
from benchmarks.speed.reference import ONE_GELU, PIECED_GELU, PlainLoop, check_installed, gpt2
from benchmarks.speed.timing import in_turns, ratio
from tinylm.config import ModelConfig, TrainConfig
from tinylm.errors import NotFound
from tinylm.model.gpt import GPT
from tinylm.openmp import not_sharing
from tinylm.speed import fastest
from tinylm.training.device import use_threads
from tinylm.training.optimizer import Optimizer
from tinylm.training.update import update


def flops_per_token(model: GPT) -> int:
    """Useful floating-point operations to train on one token: 6 N + 12 L C T.

    N are the parameters in matrix products (the embedding counts once, as the output matrix;
    looking a token up costs none), L layers, C width, T context (Chowdhery et al. 2022,
    https://arxiv.org/abs/2204.02311, appendix B). The optimizer's own work does not count.
    """
    config = model.config
    in_products = sum(p.numel() for p in model.parameters() if p.dim() == 2)
    return 6 * in_products + 12 * config.n_layer * config.n_embd * config.block_size


def training_speed(
    shape: ModelConfig,
    settings: TrainConfig,
    precisions: tuple[str, ...],
    updates: int,
    rounds: int,
    *,
    threads: int,
) -> dict[str, Any]:
    """Tokens per second of ours and of the reference, in turns, on random tokens.

    `updates` a round. Ours uses the first of `precisions`. Each side has a process of its own, set
    up as its users have it. Without `transformers` ours stands alone, and `no_reference` says why.
    """
    size = (settings.batch_size, shape.block_size)
    with not_sharing():
        there = Apart(_begin_theirs, threads)
    with there, Apart(use_threads, threads) as here:
        works = {"ours": here.work("ours", _ours, shape, settings, precisions[0], updates)}
        lacking = {}
        try:
            check_installed()
            for name, precision, activation in (
                *((f"transformers {p}", p, PIECED_GELU) for p in precisions),
                ("transformers fp32, GELU in one", "fp32", ONE_GELU),
            ):
                works[name] = there.work(name, _theirs, shape, activation, precision, size, updates)
        except NotFound as error:
            lacking = {"no_reference": str(error)}
        times = in_turns(works, rounds)
        memory = here.peak_memory()
    tokens = updates * size[0] * size[1]
    return {
        "flops_per_token": flops_per_token(GPT(shape)),
        "precision": precisions[0],
        "peak_memory_mb": memory,
        "tokens_per_sec": {name: tokens / found.median for name, found in times.items()},
        "best_tokens_per_sec": {name: tokens / found.best for name, found in times.items()},
        "times_as_fast": {
            name: ratio(times["ours"], found) for name, found in times.items() if name != "ours"
        },
    } | lacking


def _begin_theirs(threads: int) -> None:
    """Set only the number of threads, for a fair comparison, and nothing else."""
    torch.set_num_threads(threads)


def _random_rows(vocab_size: int, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Ids and targets (B, T)."""
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(0, vocab_size, (size[0], size[1] + 1), generator=generator)
    return ids[:, :-1], ids[:, 1:].contiguous()


def _ours(
    shape: ModelConfig, settings: TrainConfig, precision: str, updates: int
) -> Callable[[], None]:
    model = fastest(GPT)(shape)
    optimizer = Optimizer(model, settings)
    rows = _random_rows(shape.vocab_size, (settings.batch_size, shape.block_size))

    def work() -> None:
        for _ in range(updates):
            update(model, optimizer, rows, settings.steps // 2, settings, precision)

    return work


def _theirs(
    shape: ModelConfig, activation: str, precision: str, size: tuple[int, int], updates: int
) -> Callable[[], None]:
    model = gpt2(shape, activation=activation)
    loop = PlainLoop(model, torch.optim.AdamW(model.parameters(), lr=1e-3), precision)
    rows = _random_rows(shape.vocab_size, size)

    def work() -> None:
        for _ in range(updates):
            loop.update(rows)

    return work
