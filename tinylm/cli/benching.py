"""Measures all speeds for the command `bench`, and prints them as text or as JSON lines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from benchmarks.speed import processor as machine
from benchmarks.speed import sampling, scoring, shakespeare, table, training
from benchmarks.speed.memory import peak_memory
from tinylm import speed
from tinylm.cli.terminal import print_json
from tinylm.config import ModelConfig
from tinylm.errors import BadRequest, NotFound
from tinylm.presets import PRESETS, Preset
from tinylm.process import usable_cores
from tinylm.training.device import choose_precision, use_threads

PARTS = ("machine", "training", "shakespeare", "sampling", "scoring")
FEWSHOT = (0, 4)


@dataclass(frozen=True)
class Effort:
    """How much work each part does: more takes longer and gives steadier figures."""

    rounds: int
    updates: int = 20
    num_tokens: int = 100
    prompts: int = 200
    scoring_steps: int = 100
    shakespeare_steps: int = 0  # 0: those of the recipes
    shakespeare_windows: int = 0  # windows of the validation split; 0: all


QUICK = Effort(1, 1, 5, 4, 2, 2, 2)


@dataclass
class Bench:
    """The parts that are measured, and figures that later parts take from earlier ones."""

    effort: Effort
    threads: int
    wanted_precision: str
    path: Path | None
    peaks: dict[str, float]  # highest matrix speed by precision, in GFLOP/s

    def precision(self, shape: ModelConfig) -> str:
        """The precision, fp32 or bf16, in which a model of this shape is trained here."""
        return choose_precision(self.wanted_precision, torch.device("cpu"), shape.n_embd)

    def machine(self) -> Iterator[dict[str, Any]]:
        for precision in machine.KINDS:
            for threads in sorted({1, self.threads}):
                peak = machine.matrix_peak(precision, threads, 3 * self.effort.rounds)
                self.peaks[precision] = max(peak, self.peaks.get(precision, 0))
                yield {"precision": precision, "threads": threads, "gflops": peak}

    def training(self) -> Iterator[dict[str, Any]]:
        for names, preset in _shapes():
            own = self.precision(preset.model)
            if own not in self.peaks:
                rounds = 3 * self.effort.rounds
                self.peaks[own] = machine.matrix_peak(own, self.threads, rounds)
            precisions = tuple(dict.fromkeys((own, "fp32", "bf16")))
            found = training.training_speed(
                preset.model,
                preset.train,
                precisions,
                self.effort.updates,
                self.effort.rounds,
                threads=self.threads,
            )
            done = found["flops_per_token"] * found["tokens_per_sec"]["ours"]
            yield {"presets": names} | found | {"share_of_peak": done / self.peaks[own] / 1e9}

    def shakespeare(self) -> Iterator[dict[str, Any]]:
        if self.path is None:
            yield {"missing": "give Tiny Shakespeare's file: --shakespeare PATH"}
            return
        steps, limit = self.effort.shakespeare_steps, self.effort.shakespeare_windows
        own, theirs = shakespeare.OURS.steps, shakespeare.REFERENCE_STEPS
        ours = shakespeare.ours(self.path, steps or own, limit=limit)
        yield {"model": "ours"} | ours
        found = shakespeare.reference(self.path, steps or theirs, limit=limit)
        yield {"model": "nanoGPT's recipe"} | found
        # Where the reference does not reach the loss, even its whole time is too short, so that the
        # ratio is only a lower bound.
        if ours["reached"]:
            yield {
                "times_as_fast": found["seconds"] / ours["seconds"],
                "least": not found["reached"],
            }

    def sampling(self) -> Iterator[dict[str, Any]]:
        yield sampling.sampling_speed(
            PRESETS["quick"].model, self.effort.num_tokens, 2 * self.effort.rounds
        )

    def scoring(self) -> Iterator[dict[str, Any]]:
        model, tokenizer = scoring.trained(self.effort.scoring_steps)
        for k in FEWSHOT:
            yield scoring.scoring_speed(
                model, tokenizer, k, self.effort.prompts, self.effort.rounds
            )


def run_bench(
    *,
    parts: str,
    rounds: int,
    threads: int,
    precision: str,
    path: Path | None,
    quick: bool,
    as_json: bool,
) -> None:
    """Measure part after part, and print each result at once. Raises BadRequest or NotFound."""
    wanted = ",".join(PARTS) if parts == "all" else parts
    names = [part.strip() for part in wanted.split(",")]
    for part in names:
        if part not in PARTS:
            raise BadRequest(f"There is no part {part!r}; choose from {', '.join(PARTS)}.")
    if path is not None and not path.is_file():
        raise NotFound(f"{path} is no file: give the path of Tiny Shakespeare.")
    speed.compile_once()
    threads = threads or usable_cores()
    # The reference shares this process and must run as it would alone. So memory is not kept for
    # reuse, although our own training would gain from it.
    use_threads(threads, keep_memory=False)
    bench = Bench(
        effort=QUICK if quick else Effort(rounds),
        threads=threads,
        wanted_precision=precision,
        path=path,
        peaks={},
    )
    found: dict[str, Any] = {
        "threads": threads,
        "precision": bench.precision(PRESETS["quick"].model),
    }
    if not as_json:
        print(table.line(*table.HEAD))
    for part in names:
        if sys.stderr.isatty():
            print(f"measuring: {part}", file=sys.stderr)
        found[part] = []
        for row in _with_sentence(getattr(bench, part)):
            found[part].append(row)
            if as_json:
                print_json({"type": "measured", "part": part} | row)
            else:
                print("\n".join(table.lines(part, row)), flush=True)
        memory = peak_memory()
        found[part].append({"peak_memory_mb": memory})
        if not as_json:
            print(table.line(part, "peak memory of this process so far", f"{memory:,.0f} MB"))
    if as_json:
        print_json({"type": "result"} | found)


def _with_sentence(part: Callable[[], Iterator[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    """The rows of a part; one that lacks an optional dependency says so in a row instead."""
    try:
        yield from part()
    except NotFound as error:
        yield {"missing": str(error)}


def _shapes() -> list[tuple[list[str], Preset]]:
    """The presets to measure, with their names: those of the same model and batch size are one."""
    found: dict[Any, tuple[list[str], Preset]] = {}
    for name, preset in PRESETS.items():
        names, _ = found.setdefault((preset.model, preset.train.batch_size), ([], preset))
        names.append(name)
    return list(found.values())
