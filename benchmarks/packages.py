"""Measures what each pinned package weighs where it is installed, for docs/dependencies.md.

    python -m benchmarks.packages [--releases INDEX]

A package's own files alone are counted, in megabytes of a million bytes, without what it needs.
With the address of a package index that answers in JSON (PEP 691 and 700), each line also says when
the pinned version and the newest one were uploaded there.
"""

from __future__ import annotations

import argparse
import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import requests

ROOT = Path(__file__).parents[1]
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[\w+\])?==([^\s;]+)", re.MULTILINE)


def pinned(name: str) -> dict[str, str]:
    """The versions that a file of requirements pins, by package."""
    return dict(PINNED.findall((ROOT / name).read_text(encoding="utf-8")))


def megabytes(package: str) -> float:
    """What the files of an installed package weigh. Raises PackageNotFoundError."""
    paths = [Path(str(file.locate())) for file in distribution(package).files or ()]
    return sum(path.stat().st_size for path in paths if path.is_file()) / 1e6


def uploaded(index: str, package: str, version: str) -> tuple[str, str]:
    """The days on which this version and the newest of a package were uploaded to an index."""
    name = re.sub(r"[-_.]+", "-", package).lower()
    answer = requests.get(
        f"{index.rstrip('/')}/{name}/",
        headers={"Accept": "application/vnd.pypi.simple.v1+json"},
        timeout=30,
    )
    answer.raise_for_status()
    files = [(one["filename"], one["upload-time"][:10]) for one in answer.json()["files"]]
    pinned = [day for file, day in files if re.search(rf"-{re.escape(version)}(-|\.tar)", file)]
    return min(pinned), max(day for _, day in files)


def main() -> None:
    """Print one line for each package, the heaviest first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--releases", metavar="INDEX", default="", help="ask this index, too")
    index = parser.parse_args().releases
    for name in ("requirements.txt", "requirements-dev.txt"):
        found = {}
        for package in pinned(name):
            try:
                found[package] = megabytes(package)
            except PackageNotFoundError:
                print(f"{package} is not installed")
        print(f"{name}: {sum(found.values()):,.0f} MB")
        for package, weight in sorted(found.items(), key=lambda one: -one[1]):
            days = uploaded(index, package, pinned(name)[package]) if index else ()
            print(f"  {package:24} {weight:8.1f} MB  {'  '.join(days)}")


if __name__ == "__main__":
    main()
