"""Tests the recipe on texts that it was not tuned on, with its rates halved and doubled.

    python -m benchmarks.learning.recipe [--preset glance] [--seeds 1,2] CORPUS [CORPUS ...]

A corpus is named as in `train --corpus`, or is a text file. Trains the preset with its own settings
and with each of some changes, and prints a table of validation losses in Markdown: means over the
seeds, in nats per token. If the recipe fits only one corpus, other corpora have their smallest
loss in another row than the first.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from pathlib import Path

from benchmarks.learning.claims import trained
from tinylm.presets import PRESETS


def changes(preset: str) -> dict[str, tuple[str, ...]]:
    """The changed settings by their name in the table. The unchanged preset comes first."""
    train = PRESETS[preset].train
    muon, adam, rows = train.muon_lr, train.learning_rate, train.batch_size
    return {
        "as it is": (),
        "Muon's rate halved": (f"muon_lr={muon / 2}",),
        "Muon's rate doubled": (f"muon_lr={muon * 2}",),
        "AdamW's rate halved": (f"learning_rate={adam / 2}",),
        "AdamW's rate doubled": (f"learning_rate={adam * 2}",),
        "AdamW alone, 0.004": ("muon_lr=0", "learning_rate=0.004"),
        "AdamW alone, 0.002": ("muon_lr=0", "learning_rate=0.002"),
        "half as many rows, as many tokens": (
            f"batch_size={rows // 2}",
            f"steps={train.steps * 2}",
        ),
        "twice as many rows, as many tokens": (
            f"batch_size={rows * 2}",
            f"steps={train.steps // 2}",
        ),
        "constant rate, then down over the last fifth": ("cooldown=0.2",),
    }


def loss(corpus: str, preset: str, seed: int, settings: tuple[str, ...]) -> tuple[float, float]:
    """Validation loss and seconds of one training."""
    base, wall = trained(preset, seed, settings, corpus)
    return float(base["val/loss"]), wall


def main() -> None:
    """Every corpus and change, in one home."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", nargs="+", metavar="CORPUS")
    parser.add_argument("--preset", default="glance")
    parser.add_argument("--seeds", default="1,2")
    options = parser.parse_args()
    seeds = [int(seed) for seed in options.seeds.split(",")]
    with tempfile.TemporaryDirectory() as home:
        os.environ["TINYLM_HOME"] = home
        names = [Path(corpus).stem for corpus in options.corpora]
        print(f"| {options.preset} | " + " | ".join(names) + " |")
        print("|---" * (1 + len(names)) + "|", flush=True)
        for said, settings in changes(options.preset).items():
            cells = []
            for corpus in options.corpora:
                found = [loss(corpus, options.preset, seed, settings) for seed in seeds]
                losses, walls = zip(*found, strict=True)
                each = ", ".join(f"{value:.3f}" for value in losses)
                cells.append(
                    f"{statistics.mean(losses):.3f} ({each}; {statistics.mean(walls):.0f} s)"
                )
            print(f"| {said} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
