"""`bench` measures what it says: real work, the formula's operations, the reference's shape."""

from __future__ import annotations

import builtins
import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from msgspec import structs
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.speed import scoring, shakespeare, table
from benchmarks.speed.reference import gpt2
from benchmarks.speed.timing import Times, in_turns, ratio
from benchmarks.speed.training import flops_per_token
from tests import tiny
from tinylm.cli import benching as command
from tinylm.cli.main import main
from tinylm.evaluation.context import Context
from tinylm.evaluation.scoring import score
from tinylm.model.gpt import GPT
from tinylm.presets import PRESETS

TEXT = "To be, or not to be, that is the question. " * 40


@pytest.fixture(autouse=True)
def _threads_stay(one_thread: None) -> None:
    """`bench` sets the number of threads of the whole process."""


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the smallest preset, and a scored model that saw few documents."""
    monkeypatch.setattr(command, "PRESETS", dict.fromkeys(("tiny", "quick"), PRESETS["tiny"]))
    monkeypatch.setattr(scoring, "PRESETS", {"quick": PRESETS["tiny"]})
    monkeypatch.setattr(scoring, "VOCAB_SIZE", 512)
    monkeypatch.setattr(scoring, "DOCUMENTS", 400)


def bench(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    status = main(["bench", "--quick", "--json", *arguments])
    return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_formula_counts_what_torch_counts() -> None:
    """Three times the forward pass: torch does not count products added to a tensor in place."""
    model = GPT(structs.replace(tiny.MODEL, n_layer=3))
    ids = torch.zeros(2, model.config.block_size, dtype=torch.int64)
    with FlopCounterMode(display=False) as counter:
        model(ids)
    counted = 3 * counter.get_total_flops() / ids.numel()
    assert flops_per_token(model) == pytest.approx(counted, rel=1e-3)


def test_every_part_measures_something(
    small: None, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "text.txt"
    path.write_text(TEXT, encoding="utf-8")
    status, rows = bench(capsys, "--shakespeare", str(path), "--threads", "1")
    assert status == 0
    *measured, result = rows
    assert {row["part"] for row in measured} == set(command.PARTS)
    assert not [row for row in measured if "missing" in row]
    training = next(row for row in measured if row["part"] == "training")
    assert training["presets"] == ["tiny", "quick"]
    references = {"transformers fp32", "transformers bf16", "transformers fp32, GELU in one"}
    assert set(training["times_as_fast"]) == references
    for number in numbers(measured):
        assert math.isfinite(number)
    for part in command.PARTS:
        assert result[part][-1]["peak_memory_mb"] > 50
    assert result["sampling"][0]["tokens_per_sec"]["ours"] > 0


def numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [n for inner in value.values() for n in numbers(inner)]
    if isinstance(value, list):
        return [n for inner in value for n in numbers(inner)]
    return [value] if isinstance(value, float) else []


def test_people_read_a_table(small: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--quick", "--parts", "machine,shakespeare,sampling"]) == 0
    said = capsys.readouterr().out
    head, *rows = said.splitlines()
    assert head.split() == ["part", "what", "ours", "reference", "times", "as", "fast"]
    assert "fp32, 1 thread," in said and "GFLOP/s" in said
    assert "--shakespeare PATH" in said
    compared = next(row for row in rows if "transformers.generate" in row)
    assert compared.endswith(" x") and compared.count("tokens/s") == 2
    ours_ends = head.index("ours") + len("ours")
    assert compared[:ours_ends].endswith("tokens/s")  # figures stand under their heads
    assert "peak memory" in said


def test_without_transformers_the_other_parts_go_on(
    small: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "transformers":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    status, rows = bench(capsys, "--parts", "training,sampling")
    assert status == 0
    for row in rows[:2]:
        assert "pip install transformers" in row["no_reference"]
        assert row["tokens_per_sec"]["ours"] > 0
        said = "\n".join(table.lines(row["part"], row))
        assert said.count("pip install transformers") == 1


@pytest.mark.parametrize(
    "arguments, status",
    [
        (["--parts", "machine,toaster"], 2),
        (["--rounds", "0"], 2),
        (["--shakespeare", "no/such/file"], 2),
    ],
)
def test_a_bad_request_ends_in_words(
    arguments: list[str], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", *arguments]) == status
    assert capsys.readouterr().err.startswith("tinylm: ")


def test_a_text_too_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "short.txt"
    path.write_text("short", encoding="utf-8")
    assert main(["bench", "--parts", "shakespeare", "--shakespeare", str(path)]) == 2


def test_the_reference_has_our_shape() -> None:
    ours, theirs = GPT(PRESETS["quick"].model), gpt2(PRESETS["quick"].model)

    def in_products(model: torch.nn.Module) -> int:
        return sum(p.numel() for p in model.parameters() if p.dim() == 2)

    positions = theirs.transformer.wpe.weight.numel()
    assert in_products(theirs) - positions == pytest.approx(in_products(ours), rel=0.02)


def test_one_by_one_answers_as_in_batches(small: None) -> None:
    model, tokenizer = scoring.trained(2)
    asked = scoring.questions(Context(tokenizer, model.config.block_size), "facts", 1, 6)
    slow = scoring.one_by_one(model, tokenizer, asked)
    for scores, values in zip(score(model, tokenizer, asked), slow, strict=True):
        assert scores.log_probabilities == pytest.approx(values, abs=1e-3)


def test_works_are_timed_in_turns() -> None:
    calls: list[str] = []
    works = {name: (lambda name=name: calls.append(name)) for name in "ab"}
    times = in_turns(works, rounds=2)
    assert calls == ["a", "b", "a", "b", "a", "b"]
    assert len(times["a"].seconds) == 2


def test_the_ratio_is_of_times_measured_side_by_side() -> None:
    assert ratio(Times((1.0, 10.0, 1.0)), Times((3.0, 30.0, 4.0))) == 3.0


def test_the_loss_on_shakespeare_is_over_the_whole_split(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(bytes(range(256)) * 40)
    windows = shakespeare.Windows(path, seed=1)
    sizes: list[int] = []
    windows.loss(lambda x, y: float(sizes.append(x.numel()) or 0.0))
    assert sum(sizes) == (1024 - 1) // 64 * 64
