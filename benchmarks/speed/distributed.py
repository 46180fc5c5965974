"""One process beside several: their curves, and their speed.

    python -m benchmarks.speed.distributed [--preset quick] [--steps 200] [--processes 2]
        [--seeds 1,2,3] [--set KEY=VALUE]

Each training is a command of the terminal in a home of its own: one process with one thread, with
as many threads as there shall be processes, with one thread and each batch in as many parts, and
then that many processes. Printed are, for each, the largest difference of its losses at any step
from those of one process with one thread; the same between the parts and the processes, whose sums
have the same order; tokens per second after the first tenth of the steps; and the seconds of
processor that all processes of the command took, with what they load and prepare.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from typing import Any, NamedTuple

from tinylm.cli.options import given_settings
from tinylm.presets import preset_config

LAUNCHER = ("-m", "torch.distributed.run", "--nproc-per-node")


class Trained(NamedTuple):
    """What one command told."""

    losses: dict[int, float]
    tokens_per_sec: float
    processor: float


def trained(processes: int, words: list[str]) -> Trained:
    """Train once, with so many processes."""
    launcher = (*LAUNCHER, str(processes)) if processes > 1 else ()
    command = (sys.executable, *launcher, "-m", "tinylm", "train", "--json", *words)
    before = _processor()
    with tempfile.TemporaryDirectory() as home:
        output = subprocess.run(
            command, env=os.environ | {"TINYLM_HOME": home}, check=True, stdout=subprocess.PIPE
        ).stdout
    steps = [one for one in map(json.loads, output.splitlines()) if one["type"] == "step"]
    later: list[dict[str, Any]] = steps[len(steps) // 10 :]
    return Trained(
        {one["step"]: one["loss"] for one in steps},
        statistics.median(one["tokens_per_sec"] for one in later),
        _processor() - before,
    )


def _processor() -> float:
    """Seconds of processor of all commands that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def apart(one: Trained, other: Trained) -> float:
    """The largest difference of their losses at any step."""
    return max(abs(one.losses[step] - loss) for step, loss in other.losses.items())


def main() -> None:
    """Train with one process and with several, and print how far their losses are apart."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--set", action="append", default=[], dest="settings", metavar="KEY=VALUE")
    options = parser.parse_args()
    number = options.processes
    batch = preset_config(options.preset, **given_settings(options.settings)).train.batch_size
    alone, together = "1 process, 1 thread", f"{number} processes"
    parts = f"1 process, 1 thread, {number} parts"
    variants = {
        alone: (1, "threads=1"),
        f"1 process, {number} threads": (1, f"threads={number}"),
        parts: (1, "threads=1", f"micro_batch_size={-(-batch // number)}"),
        together: (number, f"threads={number}"),
    }
    for seed in options.seeds.split(","):
        words = ["--preset", options.preset, "--steps", str(options.steps), "--seed", seed]
        found = {}
        for name, (processes, *settings) in variants.items():
            chosen = [f"--set={one}" for one in (*options.settings, *settings)]
            one = found[name] = trained(processes, [*words, *chosen])
            print(
                f"seed {seed}, {name}: {apart(found[alone], one):.2e} apart from {alone}, "
                f"{one.tokens_per_sec:,.0f} tokens/s, {one.processor:.1f} s of processor",
                flush=True,
            )
        print(f"seed {seed}, parts and processes: {apart(found[parts], found[together]):.2e} apart")


if __name__ == "__main__":
    main()
