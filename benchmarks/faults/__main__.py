"""Try every input that once failed: `python -m benchmarks.faults [FOLDER] [--only WORD]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.faults.row import Row
from tinylm.discovery import offered

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "faults"


def rows() -> list[Row]:
    """All inputs, in the order of the modules that offer them."""
    lists = [found for found in offered("benchmarks.faults", "ROWS") if isinstance(found, tuple)]
    return [row for found in lists for row in found if isinstance(row, Row)]


def main() -> int:
    """Print a line for each input; returns 1 where one is not as wanted."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults")
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--only", default="", help="inputs with this in their names")
    options = parser.parse_args()
    wrong = 0
    for row in rows():
        if options.only not in row.name:
            continue
        seen = row.run(options.folder)
        wrong += not seen.ok
        memory = f"{seen.megabytes:5.0f} MB" if seen.megabytes else 8 * " "
        print(f"{'ok    ' if seen.ok else 'NOT OK'} {seen.seconds:6.2f} s {memory}  {row.name}")
        print(f"{'':26}wanted: {row.wanted}")
        print(f"{'':26}came:   {seen.shown}", flush=True)
    print(f"{wrong} not as wanted" if wrong else "all as wanted")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
