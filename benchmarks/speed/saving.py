"""What it costs to save a checkpoint, and what of it is flushing and digests.

    python -m benchmarks.speed.saving [--rounds 20] [--preset quick] [--folder FOLDER]

In turns: as it is, without flushing, and without flushing and digests. Prints the median and
the quickest in milliseconds, and by the quickest, how much longer the preset's training takes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

from tinylm.model.gpt import GPT
from tinylm.presets import preset_config
from tinylm.training import checkpoints
from tinylm.training.checkpoints import CheckpointFolder
from tinylm.training.optimizer import Optimizer

WAYS = ("as it is", "without flushing", "without flushing and digests")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--folder", type=Path, help="where to save; default: a temporary folder")
    options = parser.parse_args()
    config = preset_config(options.preset)
    model = GPT(config.model, seed=1)
    state = Optimizer(model, config.train).state_dict()
    weights = dict(model.named_parameters())
    taken: dict[str, list[float]] = {way: [] for way in WAYS}
    flush = os.fsync
    with tempfile.TemporaryDirectory(dir=options.folder) as place:
        folder = CheckpointFolder(place)
        for step in range(options.rounds * len(WAYS)):
            way = WAYS[step % len(WAYS)]
            with (
                patch.object(os, "fsync", flush if way == WAYS[0] else lambda handle: None),
                patch.object(
                    checkpoints, "_sum", checkpoints._sum if way != WAYS[2] else lambda data: ""
                ),
            ):
                began = time.perf_counter()
                folder.save(step, 0, config, config.model, weights, state)
                taken[way].append(1000 * (time.perf_counter() - began))
            folder.remove_after(step - 2)
    for way, times in taken.items():
        median, quickest = statistics.median(times), min(times)
        print(f"{way:28} median {median:6.1f}, quickest {quickest:6.1f} of {len(times)}, in ms")
    saves = -(-config.train.steps // config.train.checkpoint_interval)
    more = min(taken[WAYS[0]]) - min(taken[WAYS[2]])
    print(f"{saves} checkpoints in a run: {saves * more / 1000:.2f} s more")


if __name__ == "__main__":
    main()
