"""The most memory that a process has used; as a program, that of a short run and its estimate.

python -m benchmarks.speed.memory --preset glance --set n_layer=4 --set precision=fp32
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import psutil

STEPS = 2
DOCUMENTS = 2000


def peak_memory() -> float:
    """The most megabytes this process has used; on Windows, the megabytes it uses now."""
    try:
        import resource
    except ImportError:  # Windows
        return float(psutil.Process().memory_info().rss / 1e6)
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def main() -> None:
    """Train a few steps with the last validation, and print the estimate and the peak."""
    from tinylm.answers import engine
    from tinylm.config import parse_setting
    from tinylm.memory import memory_needed
    from tinylm.presets import preset_config

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", default="glance")
    parser.add_argument("--set", action="append", default=[], dest="settings", metavar="KEY=VALUE")
    options = parser.parse_args()
    changes = {"documents": DOCUMENTS, "steps": STEPS} | dict(map(parse_setting, options.settings))
    config = preset_config(options.preset, **changes)
    with tempfile.TemporaryDirectory() as folder:
        for _ in engine.run(config, Path(folder) / "run", Path(folder)):
            pass
    print(f"estimated {memory_needed(config) / 1e6:,.0f} MB, peak {peak_memory():,.0f} MB")


if __name__ == "__main__":
    main()
