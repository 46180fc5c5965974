"""docs/dependencies.md says of every pinned package what it is for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from benchmarks.packages import PINNED, megabytes, pinned

ROOT = Path(__file__).parents[1]


def test_every_pinned_package_has_its_row_and_every_row_its_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = project["project"].get("optional-dependencies", {}).values()
    wanted = {*pinned("requirements.txt"), *pinned("requirements-dev.txt")}
    wanted |= {name for extra in extras for line in extra for name, _ in PINNED.findall(line)}
    text = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if re.match(r"\| [A-Za-z]", line)]
    named = {row.split("|")[1].strip() for row in rows} - {"package"}
    assert {name.lower() for name in named} == {name.lower() for name in wanted}
    assert all(cell.strip() for row in rows for cell in row.split("|")[1:-1]), "an empty cell"


def test_the_weight_is_that_of_the_installed_files() -> None:
    assert 0.3 < megabytes("click") < 3
