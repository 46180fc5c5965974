"""How much longer a training takes because it is looked at early and asked for whole words.

    python -m benchmarks.speed.looks [--preset glance] [--threads 2]

Trains the preset once. The time until an event comes is that event's; so the share needs no second
run to compare with, and little of it depends on what else the computer does.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from tinylm.events import NextWordOdds, Preparing, StepDone
from tinylm.presets import PRESETS, preset_config
from tinylm.process import usable_cores
from tinylm.training.device import use_threads
from tinylm.training.looks import EARLY_LOOKS
from tinylm.training.loop import train
from tinylm.training.prepare import prepare_pretraining


def spent(preset: str, home: Path, threads: int) -> dict[str, float]:
    """Seconds of updates, of early looks, of whole words in the other looks, and of the rest."""
    config = preset_config(preset)
    stages = prepare_pretraining(config, home / "runs" / "looks", home, resume=False)
    job = next(stage for stage in stages if not isinstance(stage, Preparing))
    job.threads = lambda: threads
    early = {step for step in EARLY_LOOKS if step < config.train.eval_interval}
    seconds: defaultdict[str, float] = defaultdict(float)
    began = time.perf_counter()
    for event in train(job):
        now = time.perf_counter()
        kind = (
            "updates"
            if isinstance(event, StepDone)
            else "early looks"
            if event.step in early
            else "whole words"
            if isinstance(event, NextWordOdds)
            else "all else"
        )
        seconds[kind] += now - began
        began = time.perf_counter()
    return dict(seconds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", choices=list(PRESETS), default="glance")
    parser.add_argument("--threads", type=int, default=usable_cores())
    asked = parser.parse_args()
    use_threads(asked.threads)
    with tempfile.TemporaryDirectory() as folder:
        found = spent(asked.preset, Path(folder), asked.threads)
    added = found["early looks"] + found["whole words"]
    before = sum(found.values()) - added
    print(", ".join(f"{kind} {seconds:.2f} s" for kind, seconds in found.items()))
    print(f"{asked.preset}: {added / before:.2%} longer than without")
