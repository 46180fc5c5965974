"""A real worker process with a fake engine: `python fake_worker.py`, arguments as the worker's."""

from __future__ import annotations

import argparse
import sys

from tests.runs_fakes import CountingEngine
from tinylm.runs.work.worker import add_arguments, run_worker

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    options = parser.parse_args()
    sys.exit(
        run_worker(
            options.home,
            options.queue,
            options.parent,
            until_stdin_closes=options.until_stdin_closes,
            engine=CountingEngine(gate_at=55),
        )
    )
