"""Without Numba there is nothing here to test."""

from __future__ import annotations

from tinylm.model.gpt import GPT
from tinylm.speed import fastest

collect_ignore_glob = ["test_*.py"] if fastest(GPT) is GPT else []
