"""What may not stand in the code. Who may import whom, import-linter checks (pyproject.toml)."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SHOWN = [
    ROOT / "app.py",
    *(path for room in ("server", "ui", "pages") for path in (ROOT / room).rglob("*.py")),
]
CODE = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted([*(ROOT / "tinylm").rglob("*.py"), *SHOWN])
}
FORBIDDEN = (
    r"\bimport pickle\b",
    r"\btorch\.load\(",
    r"unsafe_allow_html",
    r"\btime\.sleep\(",
    r"\b(TODO|FIXME|XXX)\b",
    r"(?<!\.)\beval\(",
    r"(?<![.\w])exec\(",
)


def test_nothing_dangerous_and_nothing_left_open() -> None:
    found = [
        f"{name}: {match[0]}"
        for name, text in CODE.items()
        for pattern in FORBIDDEN
        for match in re.finditer(pattern, text)
    ]
    assert not found, "\n".join(found)


def test_files_are_short() -> None:
    lines = {name: text.count("\n") for name, text in CODE.items()}
    limits = {name: 150 if name.endswith("/page.py") else 400 for name in CODE}
    found = [f"{name}: {lines[name]} lines" for name in CODE if lines[name] > limits[name]]
    assert not found, "\n".join(found)


def test_every_module_says_what_it_is_for() -> None:
    found = [name for name, text in CODE.items() if not ast.get_docstring(ast.parse(text))]
    assert not found, "\n".join(found)


def test_no_rows_of_any_type_where_types_are_promised() -> None:
    """What pages, questions and experiments hold has a type; ruff's ANN401 sees bare Any alone."""
    rooms = ("pages/", "ui/", "tinylm/questions/", "tinylm/experiments/")
    found = [
        f"{name}:{node.lineno}: {ast.unparse(node)}"
        for name, text in CODE.items()
        if name.startswith(rooms)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Subscript)
        and ast.unparse(node.value) in ("dict", "Mapping", "MutableMapping")
        and any(isinstance(part, ast.Name) and part.id == "Any" for part in ast.walk(node.slice))
    ]
    assert not found, "\n".join(found)


def test_pages_are_drawn_anew_only_where_a_waiting_click_goes_first() -> None:
    calling = {name for name, text in CODE.items() if "st.rerun(" in text}
    assert calling == {"ui/frame.py"}


def test_what_the_server_and_the_listings_import_leaves_torch_out() -> None:
    modules = [
        "app",
        "tinylm.cli.main",
        "tinylm.corpora.registry",
        "tinylm.corpora.statistics",
        "tinylm.evaluation.tasks",
        "tinylm.runs.work.supervisor",
        "tinylm.runs.work.worker",
        "tinylm.training.checkpoints",
    ]
    code = (
        f"import sys, {', '.join(modules)}\n"
        "print({'torch', 'numba', 'safetensors'} & set(sys.modules) or 'none')"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=60)
    assert done.stdout.strip() == "none"


def test_no_two_lessons_use_one_key() -> None:
    found: dict[str, list[str]] = {}
    for path in [ROOT / "ui" / "state.py", *sorted((ROOT / "pages").rglob("keys.py"))]:
        for name, value in re.findall(r'^([A-Z_]+) = "([^"]+)"', path.read_text("utf-8"), re.M):
            found.setdefault(value, []).append(f"{path.relative_to(ROOT)}: {name}")
    assert len(found) > 50
    assert {value: places for value, places in found.items() if len(places) > 1} == {}
