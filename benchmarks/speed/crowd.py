"""Thirty learners press at once: how long each waits for a write, and how many are refused.

    python -m benchmarks.speed.crowd [--learners 30]

Each of so many threads of one process keeps the interpreter busy, as a page does that is drawn, and
then queues a run, four times. That is the worst case for the store of a server: who holds the lock
of SQLite shares the interpreter with all who wait for it.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

from tinylm.errors import StorageError
from tinylm.home import database_url
from tinylm.presets import preset_config
from tinylm.runs.store import Store

ARRIVING = 3.0  # seconds within which all learners begin
DRAWING = 0.15  # seconds of one core that a page takes
PRESSES = 4  # of each learner
COUNTED = 1_000  # steps of work between two looks at the clock


def busy(seconds: float) -> int:
    """Keep the interpreter busy for so many seconds of this thread."""
    begun, found = time.thread_time(), 0
    while time.thread_time() - begun < seconds:
        found += sum(range(COUNTED))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", type=int, default=30)
    options = parser.parse_args()
    config = preset_config("quick")
    waits: list[float] = []
    refused: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        store = Store(database_url(Path(folder)))

        def learner(number: int) -> None:
            time.sleep(random.Random(number).random() * ARRIVING)
            for _ in range(PRESSES):
                busy(DRAWING)
                begun = time.perf_counter()
                try:
                    store.create_run(config, owner=str(number))
                except StorageError as error:
                    refused.append(str(error))
                waits.append(time.perf_counter() - begun)

        threads = [threading.Thread(target=learner, args=(n,)) for n in range(options.learners)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        store.close()
    print(
        f"{len(waits)} writes of {options.learners} threads: {len(refused)} refused; "
        f"median {median(waits):.2f} s, longest {max(waits):.2f} s"
    )


if __name__ == "__main__":
    main()
