"""What waiting threads cost: training speed by thread and spin count, on a quiet or busy machine.

    python -m benchmarks.speed.threads [--seconds 4] [--rounds 3]

Each figure is the best of several rounds, and each round runs in a new process. On the busy
machine, one other process uses all of one core.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from tinylm.openmp import SPIN_COUNT

SETTINGS = {
    "1 thread": (1, {}),
    "2 threads, libgomp's default": (2, {}),
    f"2 threads, GOMP_SPINCOUNT={SPIN_COUNT}": (2, {"GOMP_SPINCOUNT": SPIN_COUNT}),
    "2 threads, OMP_WAIT_POLICY=PASSIVE": (2, {"OMP_WAIT_POLICY": "PASSIVE"}),
}


def speed(threads: int, seconds: float) -> float:
    """Tokens per second of the quick preset's model, forward, backward and update."""
    import torch

    from tinylm.model.gpt import GPT
    from tinylm.presets import PRESETS
    from tinylm.speed import fastest
    from tinylm.training.device import use_threads
    from tinylm.training.optimizer import Optimizer

    preset = PRESETS["quick"]
    use_threads(threads)
    model = fastest(GPT)(preset.model)
    optimizer = Optimizer(model, preset.train)
    shape = (preset.train.batch_size, preset.model.block_size)
    ids = torch.randint(0, preset.model.vocab_size, shape)
    count, started = -2, time.perf_counter()
    while count < 1 or time.perf_counter() - started < seconds:
        count += 1
        if count == 0:  # the first updates are slower
            started = time.perf_counter()
        model(ids, ids).backward()
        optimizer.clip_gradient(1.0)
        optimizer.step(1.0)
        optimizer.zero_grad()
    return count * ids.numel() / (time.perf_counter() - started)


def in_own_process(threads: int, environment: dict[str, str], seconds: float) -> float:
    code = f"from benchmarks.speed.threads import speed; print(speed({threads}, {seconds}))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return float(done.stdout)


@contextmanager
def busy_process() -> Iterator[None]:
    """Another process that uses all of one core until the block ends."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
        try:
            yield
        finally:
            process.kill()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    for machine in ("quiet", "one core busy"):
        with busy_process() if machine != "quiet" else nullcontext():
            for name, (threads, environment) in SETTINGS.items():
                best = max(
                    in_own_process(threads, environment, options.seconds)
                    for _ in range(options.rounds)
                )
                print(f"{machine:14} {name:36} {best:8,.0f} tokens/s", flush=True)


if __name__ == "__main__":
    main()
