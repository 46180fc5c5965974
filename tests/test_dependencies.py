"""docs/dependencies.md says of every pinned package what it is for, and no other is imported."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

from benchmarks.packages import PINNED, megabytes, pinned
from tinylm.cli.trackers import PROJECTS

ROOT = Path(__file__).parents[1]
SHIPPED = ("tinylm", "ui", "pages", "server")
OWN = {*SHIPPED, "benchmarks"}
DISTRIBUTIONS = {  # what a package is called where it is installed, if not as it is imported
    "google.protobuf": "protobuf",
    "pythonjsonlogger": "python-json-logger",
}


def extras() -> set[str]:
    """The packages that the extras of pyproject.toml pin."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    found = project["project"].get("optional-dependencies", {}).values()
    return {name for extra in found for line in extra for name, _ in PINNED.findall(line)}


def rows() -> list[str]:
    """The lines of the tables, without their heads."""
    text = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    return [
        line
        for line in text.splitlines()
        if re.match(r"\| [A-Za-z]", line) and not line.startswith("| package |")
    ]


def lower(names: set[str]) -> set[str]:
    return {name.lower() for name in names}


def named() -> set[str]:
    """The packages that have a row."""
    return lower({row.split("|")[1].strip() for row in rows()})


def imported(source: str) -> set[str]:
    """The packages that a file imports, by the names under which they are installed."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules |= {f"{node.module}.{one.name}" for one in node.names}
    found = set()
    for module in modules:
        first, two = module.partition(".")[0], ".".join(module.split(".")[:2])
        found.add(DISTRIBUTIONS.get(two) or DISTRIBUTIONS.get(first) or first)
    return lower(found) - lower(OWN) - lower({*sys.stdlib_module_names})


def test_every_pinned_package_has_its_row_and_every_row_its_package() -> None:
    wanted = {*pinned("requirements.txt"), *pinned("requirements-dev.txt"), *PROJECTS} | extras()
    assert named() == lower(wanted)
    filled = (cell.strip() for row in rows() for cell in row.split("|")[1:-1])
    assert all(filled), "an empty cell"


def test_nothing_is_imported_that_has_no_row() -> None:
    """Also not what another package happens to bring, nor what only the tests have."""
    tests_alone = {*pinned("requirements-dev.txt")} - extras() - {*pinned("requirements.txt")}
    files = [ROOT / "app.py", *(one for name in SHIPPED for one in (ROOT / name).rglob("*.py"))]
    found = {
        name: file.relative_to(ROOT).as_posix()
        for file in files
        for name in imported(file.read_text("utf-8"))
    }
    assert {"torch", "protobuf", "pyarrow", "gguf"} <= found.keys()
    allowed = named() - lower(tests_alone)
    assert not {name: file for name, file in found.items() if name not in allowed}


def test_imports_are_found_wherever_they_stand() -> None:
    source = """
import json, google.protobuf.message as m
from google import protobuf
from . import mine
if TYPE_CHECKING:
    from Foreign.part import A
def late():
    import google.cloud
    from tinylm.errors import B
"""
    assert imported(source) == {"protobuf", "google", "foreign"}


def test_the_weight_is_that_of_the_installed_files() -> None:
    assert 0.3 < megabytes("click") < 3
