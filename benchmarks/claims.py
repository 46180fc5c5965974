"""What pre-training buys, measured: few-shot facts, and fine-tuning against scratch.

    python -m benchmarks.claims --seeds 1,2,3 [--preset quick] [--labels 128]

Trains the preset once a seed, scores the held-out facts at k = 0, 1, 4, 8, fine-tunes on
labelled questions from that base and from scratch, and prints a table with 95 % intervals.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from typing import Any

FEWSHOT = "0,1,4,8"


def tinylm(*arguments: str) -> dict[str, Any]:
    """The result of one command of the terminal program, as a user would call it."""
    command = [sys.executable, "-m", "tinylm", *arguments, "--json"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def measure(preset: str, seed: int, labels: int) -> None:
    """Train, prompt, fine-tune with one seed; prints as it goes."""
    started = time.perf_counter()
    base = tinylm("train", "--corpus", "world", "--preset", preset, "--seed", str(seed))
    wall = time.perf_counter() - started
    print(
        f"seed {seed}: {base['tokens_seen']:,} tokens, {wall:.1f} s of wall time "
        f"({base['seconds']:.1f} s of it training), val/loss {base['val/loss']:.3f}, "
        f"{base['val/bits_per_byte']:.3f} bits per byte",
        flush=True,
    )
    for name in ("0", "-1"):
        scores = tinylm(
            "eval", base["run"], "--task", "facts", "--num-fewshot", FEWSHOT, "--step", name
        )
        label = "untrained" if name == "0" else "base"
        for row in scores["scores"]:
            print(f"  {label:9} facts      k = {row['num_fewshot']}  {interval(row)}", flush=True)
    for start in (base["run"], "scratch"):
        tuned = tinylm(
            *("finetune", start, "--task", "questions", "--examples", str(labels)),
            *("--seed", str(seed), *(("--like", base["run"]) if start == "scratch" else ())),
        )
        (row,) = tinylm("eval", tuned["run"], "--task", "questions", "--num-fewshot", "0")["scores"]
        label = "scratch" if start == "scratch" else "fine-tuned"
        print(
            f"  {label:10} questions, {labels} labels  {interval(row)}  "
            f"({tuned['steps']} steps, {tuned['seconds']:.1f} s)",
            flush=True,
        )


def interval(row: dict[str, Any]) -> str:
    """Accuracy with its Wilson interval and n."""
    return f"{row['accuracy']:.3f} [{row['low']:.3f}, {row['high']:.3f}] n = {row['n']}"


def main() -> None:
    """Measure every seed in a home of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--labels", type=int, default=128)
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as home:
        os.environ["TINYLM_HOME"] = home
        for seed in options.seeds.split(","):
            measure(options.preset, int(seed), options.labels)


if __name__ == "__main__":
    main()
