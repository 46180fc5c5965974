"""Draw docs/architecture.svg from the imports of the code: `python docs/draw.py`.

The rows are the layers of the contract in pyproject.toml. An arrow means "imports". It is left
out if other arrows lead to the same box. Needs Graphviz (`dot`) and requirements-dev.txt.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from itertools import pairwise
from pathlib import Path
from textwrap import fill

import grimp

ROOT = Path(__file__).resolve().parents[1]
STYLE = """
  graph [ranksep=0.42, nodesep=0.22, fontname="Helvetica", bgcolor="white"]
  node [shape=box, style="rounded,filled", fillcolor="#eef4fb", color="#5b7fa6",
        fontname="Helvetica", fontsize=13, margin="0.14,0.07"]
  edge [color="#7a8794", arrowsize=0.6]
"""
Edges = set[tuple[str, str]]


def contract() -> dict[str, list[str]]:
    """The contract with the layers of tinylm and the imports that it makes exceptions for."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    return next(one for one in contracts if one.get("containers") == ["tinylm"])


def layers() -> list[list[str]]:
    """The boxes of each row, from the top. The modules of the lowest layer share one box."""
    there = {path.stem for path in (ROOT / "tinylm").iterdir()}
    rows = [
        [name for name in sorted(re.findall(r"\w+", row)) if name in there]
        for row in contract()["layers"]
    ]
    packages = [name for name in rows[-1] if (ROOT / "tinylm" / name).is_dir()]
    modules = [name for name in rows[-1] if name not in packages]
    return [["server"], ["pages"], ["ui"], *rows[:-1], packages, [", ".join(modules)]]


def imports(rows: list[list[str]]) -> Edges:
    """Pairs (a, b) where box a imports box b, without the exceptions of the contract."""
    graph = grimp.build_graph("tinylm", "ui", "pages", "server", cache_dir=None)
    box = {name: one for row in rows for one in row for name in one.split(", ")}
    excepted = [one.split(" -> ") for one in contract()["ignore_imports"]]

    def box_of(module: str) -> str:
        first, *rest = module.split(".")
        return box.get(rest[0] if first == "tinylm" and rest else first, "")

    found = {
        (box_of(module), box_of(other))
        for module in graph.modules
        for other in graph.find_modules_directly_imported_by(module)
        if not any(fnmatch(module, a) and fnmatch(other, b) for a, b in excepted)
    }
    return {(a, b) for a, b in found if a and b and a != b}


def reaches(edges: Edges, start: str, end: str) -> bool:
    """Whether arrows lead from `start` to `end`."""
    seen, ahead = set(), [start]
    while ahead:
        here = ahead.pop()
        seen.add(here)
        ahead += [b for a, b in edges if a == here and b not in seen]
    return end in seen


def fewest(edges: Edges) -> Edges:
    """The edges without those that other edges already imply."""
    for edge in sorted(edges):
        if reaches(edges - {edge}, *edge):
            edges = edges - {edge}
    return edges


def dot(rows: list[list[str]], edges: Edges) -> str:
    """The picture in Graphviz's language. Arrows that lead upwards are red."""
    row_of = {name: place for place, row in enumerate(rows) for name in row}
    lines = ["digraph tinylm {", STYLE]
    for row in rows:
        lines.append("  {rank=same; " + "; ".join(f'"{name}"' for name in row) + "}")
    lines += [f'  "{name}" [label="{fill(name, 60)}"]' for row in rows for name in row]
    lines += [f'  "{a[0]}" -> "{b[0]}" [style=invis]' for a, b in pairwise(rows)]
    for a, b in sorted(edges):
        upwards = ' [color="#c0392b", constraint=false]' if row_of[a] > row_of[b] else ""
        lines.append(f'  "{a}" -> "{b}"{upwards}')
    return "\n".join([*lines, "}"])


def main() -> None:
    sys.path.insert(0, str(ROOT))
    rows = layers()
    text = dot(rows, fewest(imports(rows)))
    drawn = subprocess.run(["dot", "-Tsvg"], input=text, capture_output=True, text=True, check=True)
    svg = re.sub(r"<!--.*?-->\n?", "", drawn.stdout, flags=re.DOTALL)
    (ROOT / "docs" / "architecture.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
