"""Answers what loss small runs let one expect of a larger run."""

from __future__ import annotations

from pathlib import Path

from tinylm.experiments.scale import foretell
from tinylm.questions.scale import Foretell, Foretold


def answer(question: Foretell, home: Path) -> Foretold:
    """The guess and its interval. Raises BadRequest where there are too few small runs."""
    asked = question
    return foretell(asked.small, asked.weights, asked.entropy, asked.tokens, asked.margin)
