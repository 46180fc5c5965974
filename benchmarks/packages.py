"""Measures what each pinned package weighs where it is installed, for docs/dependencies.md.

    python -m benchmarks.packages

A package's own files alone are counted, in megabytes of a million bytes, without what it needs.
"""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).parents[1]
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[\w+\])?==([^\s;]+)", re.MULTILINE)


def pinned(name: str) -> dict[str, str]:
    """The versions that a file of requirements pins, by package."""
    return dict(PINNED.findall((ROOT / name).read_text(encoding="utf-8")))


def megabytes(package: str) -> float:
    """What the files of an installed package weigh. Raises PackageNotFoundError."""
    paths = [Path(str(file.locate())) for file in distribution(package).files or ()]
    return sum(path.stat().st_size for path in paths if path.is_file()) / 1e6


def main() -> None:
    """Print one line for each package, the heaviest first."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        found = {}
        for package in pinned(name):
            try:
                found[package] = megabytes(package)
            except PackageNotFoundError:
                print(f"{package} is not installed")
        print(f"{name}: {sum(found.values()):,.0f} MB")
        for package, weight in sorted(found.items(), key=lambda one: -one[1]):
            print(f"  {package:24} {weight:8.1f} MB")


if __name__ == "__main__":
    main()
