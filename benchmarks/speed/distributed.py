"""One process with all threads beside several with their share: their curves, and their speed.

    python -m benchmarks.speed.distributed [--preset quick] [--steps 200] [--processes 2]
        [--set KEY=VALUE]

Each training is a command of the terminal in a home of its own. Printed are the largest difference
of their losses at any step, tokens per second after the first tenth of the steps, and the seconds
of processor that all processes of the command took, with what they load and prepare.
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


def main() -> None:
    """Train with one process and with several, and print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--set", action="append", default=[], dest="settings", metavar="KEY=VALUE")
    options = parser.parse_args()
    words = ["--preset", options.preset, "--steps", str(options.steps)]
    words += [f"--set={one}" for one in (f"threads={options.processes}", *options.settings)]
    alone, together = trained(1, words), trained(options.processes, words)
    apart = max(abs(alone.losses[step] - loss) for step, loss in together.losses.items())
    print(f"largest difference of the losses of {len(alone.losses)} steps: {apart:.2e}")
    for name, one in (
        (f"1 process, {options.processes} threads", alone),
        (f"{options.processes} processes, 1 thread each", together),
    ):
        print(f"{name}: {one.tokens_per_sec:,.0f} tokens/s, {one.processor:.1f} s of processor")


if __name__ == "__main__":
    main()
