"""Try random inputs: `python -m benchmarks.fuzz TARGET --count N --seed S`.

The inputs are tried in processes of their own, many in each; one that takes more than 20 seconds
of processor or 1 GB of memory, or that ends its process, is counted, and the next one goes on.
"""

from __future__ import annotations

import argparse
import json
import logging
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random

from benchmarks.fuzz.target import Target
from tinylm.corpora.files.child import restrict
from tinylm.discovery import offered
from tinylm.process import lower_priority

SECONDS = 20.0  # of processor, for one input
BATCH = 1_000  # inputs a process


def targets() -> dict[str, Target]:
    """All that can be tried, by name."""
    found = offered("benchmarks.fuzz", "TARGET")
    return {one.name: one for one in found if isinstance(one, Target)}


def try_one(target: Target, seed: int, number: int, folder: Path) -> str:
    """What came of the input with this number, as a word. Raises what the program raises."""
    return target.try_one(Random(f"{target.name} {seed} {number}"), folder)


def _try_batch(target: Target, seed: int, first: int, last: int, notes: Path) -> None:
    """Try inputs in this process; what came of them is noted after each."""
    restrict(10 * SECONDS * BATCH, target.memory)
    logging.disable(logging.CRITICAL)  # each damage has a line in the log
    lower_priority()
    with tempfile.TemporaryDirectory() as folder, notes.open("a", encoding="utf-8") as file:
        for number in range(first, last):
            signal.setitimer(signal.ITIMER_PROF, SECONDS)  # its signal ends the process
            began = time.process_time()
            try:
                came = try_one(target, seed, number, Path(folder))
                fault = ""
            except MemoryError:
                came, fault = "over the limits", "memory"
            except Exception:
                came, fault = "uncaught", traceback.format_exc()
            signal.setitimer(signal.ITIMER_PROF, 0)
            seconds = time.process_time() - began
            print(json.dumps([number, came, fault, seconds]), file=file, flush=True)


def run(target: Target, count: int, seed: int, first: int = 0) -> tuple[Counter[str], list[str]]:
    """Try inputs in processes of their own: how many came to what, and the faults in words."""
    came: Counter[str] = Counter()
    faults: list[str] = []
    slowest = (0.0, 0)
    number, end = first, first + count
    with tempfile.TemporaryDirectory() as folder:
        while number < end:
            notes = Path(folder) / "notes"
            notes.write_text("")
            last = min(end, number + BATCH)
            arguments = [target.name, str(seed), str(number), str(last), str(notes)]
            command = [sys.executable, "-m", "benchmarks.fuzz", "--batch", *arguments]
            process = subprocess.run(command, capture_output=True, text=True)
            for line in notes.read_text("utf-8").splitlines():
                done, word, fault, seconds = json.loads(line)
                came[word] += 1
                slowest = max(slowest, (seconds, done))
                faults += [f"{target.name} {seed} {done}: {fault}"] if fault else []
                number = done + 1
            if process.returncode or number < last:
                came["ended its process"] += 1
                said = process.stderr[-500:]
                faults.append(f"{target.name} {seed} {number}: status {process.returncode} {said}")
                number += 1
            print(f"{number - first:,} tried: {dict(came)}", file=sys.stderr, flush=True)
    came_to = ", ".join(f"{word} {times:,}" for word, times in sorted(came.items()))
    most = f"slowest: input {slowest[1]:,}, {slowest[0]:.2f} s"
    print(f"{count:,} of {target.name}, seed {seed}: {came_to}; {most}")
    return came, faults


def main() -> int:
    """Try inputs and print what came of them; returns 1 where there is a fault."""
    if sys.argv[1:2] == ["--batch"]:
        name, seed, first, last, notes = sys.argv[2:]
        _try_batch(targets()[name], int(seed), int(first), int(last), Path(notes))
        return 0
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz")
    parser.add_argument("target", choices=sorted(targets()))
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="the number of the first input")
    options = parser.parse_args()
    _, faults = run(targets()[options.target], options.count, options.seed, options.first)
    for fault in faults:
        print(fault)
    print(f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
