"""Homes of several machines that share a place for files."""

from __future__ import annotations

from pathlib import Path

TEXT = "\n\n".join(f"The {n} cats of house {n * 7} sleep while {n} is quiet." for n in range(400))


def homes(tmp_path: Path, number: int) -> list[Path]:
    made = [tmp_path / f"home-{n}" for n in range(number)]
    for home in made:
        (home / "runs").mkdir(parents=True)
    return made
