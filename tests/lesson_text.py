"""The text of lessons, as it stands in their code: string literals that people will read."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
BLANK = "␣"  # stands for a value that is computed
DOCUMENTED = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Literal(NamedTuple):
    """A string literal; what an f-string computes is BLANK in it."""

    place: str  # file:line
    text: str


def lesson_files(name: str) -> list[Path]:
    """The source files of a lesson."""
    return sorted((ROOT / "pages" / name).rglob("*.py"))


def literals(path: Path) -> Iterator[Literal]:
    """The string literals of a module, without its docstrings and without parts of f-strings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    left_out: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node) is not None:
            left_out.add(id(node.body[0].value))  # type: ignore[attr-defined]
        if isinstance(node, ast.JoinedStr):
            left_out.update(id(part) for part in node.values)
            left_out.update(_formats(node))
    for node in ast.walk(tree):
        place = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        if id(node) in left_out:
            continue
        if isinstance(node, ast.JoinedStr):
            yield Literal(place, "".join(map(_shown, node.values)))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield Literal(place, node.value)


def _formats(node: ast.JoinedStr) -> Iterator[int]:
    """The nested f-strings that say how values are formatted, such as `.1%`."""
    for part in node.values:
        if isinstance(part, ast.FormattedValue) and part.format_spec is not None:
            yield id(part.format_spec)
            yield from (id(one) for one in ast.walk(part.format_spec))


def _shown(part: ast.expr) -> str:
    return str(part.value) if isinstance(part, ast.Constant) else BLANK


def sentences(text: str) -> list[str]:
    """The whole sentences of a literal, without the signs of Markdown."""
    found = []
    for line in text.splitlines():
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)|[*_`\\]|:[a-z-]+\[|\]", r"\1", line)
        plain = re.sub(rf"{BLANK}%?", "8", plain)
        for one in re.findall(r"[^.!?]*(?:[.!?:](?![\s]|$)[^.!?]*)*[.!?:](?=\s|$)", plain):
            if len(one.split()) > 2:
                found.append(one.strip())
    return found
