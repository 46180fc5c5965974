"""The lines of tinylm's own code that compute what each view of the Inside page shows.

They are read from the source files without importing them, so the server needs no torch.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from textwrap import dedent

from tinylm.places import PACKAGE

GPT, GENERATE = "tinylm/model/gpt.py", "tinylm/model/generate.py"
TRACES, PATCHING = "tinylm/inside/traces.py", "tinylm/inside/patching.py"

ROOT = PACKAGE.parent

# For each view: (file, name of a function in it), in the order in which the functions run.
VIEWS: dict[str, tuple[tuple[str, str], ...]] = {
    "odds": ((TRACES, "unembedded"), (TRACES, "odds_after")),
    "attention": ((GPT, "Attention.forward"),),
    "lens": ((GPT, "Block.forward"), (TRACES, "unembedded")),
    "map": ((TRACES, "word_vectors"), (TRACES, "plane")),
    "copying": ((TRACES, "induction_scores"),),
    "patch": ((PATCHING, "Heads.read"), (PATCHING, "_replaced")),
    "write": ((GENERATE, "sampling_odds"), (GENERATE, "_draw")),
}


@dataclass(frozen=True)
class Source:
    """The source code of one function."""

    path: str  # relative to the root of the repository
    first: int  # number of its first line, from 1
    last: int
    text: str  # these lines, without the indentation that they share


def sources(view: str) -> tuple[Source, ...]:
    """The functions that compute `view`, one of the keys of VIEWS."""
    return tuple(_source(path, name) for path, name in VIEWS[view])


def _source(path: str, name: str) -> Source:
    text = (ROOT / path).read_text(encoding="utf-8")
    found: ast.AST = ast.parse(text)
    for part in name.split("."):
        found = next(
            node
            for node in ast.iter_child_nodes(found)
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == part
        )
    assert isinstance(found, ast.FunctionDef)
    first, last = found.lineno, found.end_lineno or found.lineno
    return Source(path, first, last, dedent("\n".join(text.splitlines()[first - 1 : last])))
