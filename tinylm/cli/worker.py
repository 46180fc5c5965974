"""`tinylm worker`: a process that works on what the pages ask for."""

from __future__ import annotations

from tinylm.runs.work.worker import command

worker = command()
