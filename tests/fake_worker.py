"""A real worker process with a fake engine: `python fake_worker.py`, arguments as the worker's."""

from __future__ import annotations

import sys

from tests.runs_fakes import CountingEngine
from tinylm.runs.work.worker import command

if __name__ == "__main__":
    sys.exit(command(engine=CountingEngine(gate_at=55)).main(standalone_mode=False))
