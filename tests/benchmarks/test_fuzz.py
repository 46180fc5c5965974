"""A small part of the random inputs; `python -m benchmarks.fuzz` tries as many as one likes."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.fuzz.__main__ import targets, try_one

COUNT = 150


@pytest.mark.parametrize("name", targets())
def test_random_inputs_are_used_or_refused_in_a_sentence(name: str, tmp_path: Path) -> None:
    for number in range(COUNT):
        try_one(targets()[name], seed=17, number=number, folder=tmp_path)
