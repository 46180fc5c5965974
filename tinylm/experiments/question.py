"""How a measurement is asked for: by a worker, or by the terminal's own processes."""

from __future__ import annotations

from typing import Any

Question = tuple[str, dict[str, Any]]  # kind of job, its parameters
