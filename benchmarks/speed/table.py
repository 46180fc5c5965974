"""The results of `bench` as a table for people: ours, the reference and their ratio."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.speed import shakespeare

Cells = tuple[str, ...]  # what, ours and, where there is another, it, ours as a multiple of it
Row = dict[str, Any]

WIDTHS = (12, 62, 18, 18, 16)
HEAD = ("part", "what", "ours", "reference", "times as fast")


def lines(part: str, row: Row) -> Iterator[str]:
    """The lines of the table that one measured row of `part` gives."""
    if "missing" in row:
        yield f"{part:{WIDTHS[0]}} {row['missing']}"
        return
    for cells in _CELLS[part](row):
        yield line(part, *cells)
    if "no_reference" in row:
        yield f"{part:{WIDTHS[0]}} {row['no_reference']}"


def line(*cells: str) -> str:
    """Cells in columns: words to the left, figures to the right."""
    (part, what), figures = cells[:2], cells[2:]
    told = [f"{figure:>{width}}" for figure, width in zip(figures, WIDTHS[2:], strict=False)]
    return " ".join([f"{part:{WIDTHS[0]}}", f"{what:{WIDTHS[1]}}", *told]).rstrip()


def _machine(row: Row) -> Iterator[Cells]:
    threads = f"{row['threads']} thread{'s' * (row['threads'] > 1)}"
    what = f"matrix products, {row['precision']}, {threads}, at best"
    yield what, f"{row['gflops']:,.0f} GFLOP/s"


def _training(row: Row) -> Iterator[Cells]:
    shape, speeds = ", ".join(row["presets"]), row["tokens_per_sec"]
    ours = f"{speeds['ours']:,.0f} tokens/s"
    what = f"{shape}: share of the peak in {row['precision']}, optimizer included"
    yield what, f"{row['share_of_peak']:.0%}"
    for name, times in row.get("times_as_fast", {}).items():
        yield f"{shape}: {name}", ours, f"{speeds[name]:,.0f} tokens/s", f"{times:.2f} x"
    if "no_reference" in row:
        yield f"{shape}: training", ours
    memory = f"{row['peak_memory_mb']:,.0f} MB"
    yield f"{shape}: peak memory of the process that trains", memory


def _shakespeare(row: Row) -> Iterator[Cells]:
    goal = f"val/loss {shakespeare.TARGET}"
    if "times_as_fast" in row:
        least = "at least " if row["least"] else ""
        yield f"time to {goal}", "", "", f"{least}{row['times_as_fast']:.2f} x"
        return
    seconds = f"{row['seconds']:.1f} s"
    short = "" if row["reached"] else f", not at {shakespeare.TARGET} yet"
    what = f"{row['model']}: {row['steps']} steps, val/loss {row['val/loss']:.3f}{short}"
    yield (what, seconds) if row["model"] == "ours" else (what, "", seconds)


def _sampling(row: Row) -> Iterator[Cells]:
    speeds = {name: f"{speed:,.0f} tokens/s" for name, speed in row["tokens_per_sec"].items()}
    times = f"{row['times_as_fast']:.2f} x" if "times_as_fast" in row else ""
    yield "sampling, one text: transformers.generate", *_pair(speeds, "transformers"), times


def _scoring(row: Row) -> Iterator[Cells]:
    speeds = {name: f"{speed:,.0f} prompts/s" for name, speed in row["prompts_per_sec"].items()}
    what = f"scoring, k = {row['num_fewshot']}, n = {row['n']}: one by one"
    yield what, *_pair(speeds, "one by one"), f"{row['times_as_fast']:.2f} x"


def _pair(speeds: dict[str, str], other: str) -> tuple[str, str]:
    return speeds["ours"], speeds.get(other, "")


_CELLS = {
    "machine": _machine,
    "training": _training,
    "shakespeare": _shakespeare,
    "sampling": _sampling,
    "scoring": _scoring,
}
