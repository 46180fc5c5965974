"""Makes data/recorded/experiments/NAME.json anew: trains and measures every arm with every seed.

    python -m benchmarks.record_experiments sheets --seeds 1,2,3,4,5

With --home, what was trained there before is not trained again. --arms names some of the arms,
and of those that they need the names as well: only these are recorded anew, and the others stay as
they are in the recording that there is. With --time, on a machine that does nothing else, only the
seconds of each arm are measured anew, with one seed more, and written into that recording.
"""

from __future__ import annotations

import argparse
import dataclasses
import platform
import subprocess
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from benchmarks.arguments import argument
from tinylm.cli.options import SEEDS, numbers
from tinylm.cli.trials import base_of, carry_through
from tinylm.codec import encode
from tinylm.errors import NotFound
from tinylm.experiments.base import LIVE_SEED
from tinylm.experiments.recording import PLACE, Recording, Trial, recording
from tinylm.experiments.registry import experiment, experiments
from tinylm.openmp import share_processors
from tinylm.process import usable_cores
from tinylm.runs.service import Service


def record(
    name: str, seeds: list[int], home: Path, processes: int, only: Sequence[str] = ()
) -> Recording:
    """Carry out an experiment, and return what it measured; with `only`, of these arms anew."""
    found, service, before = experiment(name), Service(home), recording(name)
    kept = before.trials if only and before is not None else ()
    trials: list[Trial] = [trial for trial in kept if trial.arm not in only]
    if only:
        found = dataclasses.replace(found, arms=tuple(found.arm(arm) for arm in only))
    for seed in seeds or list(found.seeds):
        for trial in carry_through(service, found, seed, processes=processes):
            trials.append(trial)
            shown = ", ".join(f"{n} {one.value:.3f}" for n, one in trial.measured.figures.items())
            print(f"{name} {trial.arm} seed {seed}: {shown}", flush=True)
    service.close()
    cores = usable_cores()
    head = subprocess.check_output(("git", "rev-parse", "--short", "HEAD"), text=True)
    return Recording(
        name,
        datetime.now(UTC).date().isoformat(),
        f"{cores} core{'s' * (cores > 1)}, {platform.machine()}",
        head.strip(),
        found.preset,
        tuple(trials),
        before.seconds if before is not None else {},
    )


def timed(name: str, home: Path, processes: int, only: Sequence[str] = ()) -> Recording:
    """The recording that there is, with the seconds of all its arms or of `only` some anew.

    A base is trained before the clock starts: on the page it is there already.
    """
    found, service, before = experiment(name), Service(home), recording(name)
    if before is None:
        raise NotFound(f"Nothing was recorded of {name} yet.")
    if only:
        found = dataclasses.replace(found, arms=tuple(found.arm(arm) for arm in only))
    seconds = dict(before.seconds) if only else {}
    base = base_of(service, found, LIVE_SEED) if found.of_base else None
    began = time.perf_counter()
    for trial in carry_through(service, found, LIVE_SEED, base, processes):
        now = time.perf_counter()
        seconds[trial.arm], began = round(now - began, 1), now
        print(f"{name} {trial.arm}: {seconds[trial.arm]} s", flush=True)
    service.close()
    return replace(before, seconds=seconds)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.record_experiments", description=__doc__
    )
    parser.add_argument("names", nargs="+", choices=[*experiments()], metavar="NAME")
    parser.add_argument("--seeds", type=argument(numbers("--seeds", 0, SEEDS)), default=[])
    parser.add_argument("--home", type=Path, help="keep the runs there")
    parser.add_argument("--processes", type=int, default=0, help="to measure with; 0: one a core")
    parser.add_argument("--arms", default="", help="only these, with commas between them")
    parser.add_argument("--time", action="store_true", help="only how long each arm takes")
    options = parser.parse_args()
    share_processors()
    PLACE.mkdir(parents=True, exist_ok=True)
    for name in options.names:
        with tempfile.TemporaryDirectory() as folder:
            home = options.home or Path(folder)
            arms = list(filter(None, options.arms.split(",")))
            if options.time:
                found = timed(name, home, options.processes, arms)
            else:
                found = record(name, options.seeds, home, options.processes, arms)
        (PLACE / f"{name}.json").write_text(encode(found) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
