"""The walls of the house: who may import whom, what may not stand in the code."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ENGINE = sorted((ROOT / "tinylm").rglob("*.py"))
SHOWN = [ROOT / "app.py", *(ROOT / "ui").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]
CODE = [*ENGINE, *SHOWN]


def imported(path: Path) -> set[str]:
    """Top-level names of all modules that a file imports, inside functions too."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", ENGINE, ids=relative)
def test_the_engine_knows_nothing_of_the_pages(path: Path) -> None:
    roots = {name.split(".")[0] for name in imported(path)}
    assert not roots & {"streamlit", "ui", "pages", "app"}


@pytest.mark.parametrize("path", SHOWN, ids=relative)
def test_pages_reach_no_tensors(path: Path) -> None:
    roots = {name.split(".")[0] for name in imported(path)}
    assert not roots & {"torch", "safetensors"}
    assert not imported(path) & {
        "tinylm.answers.models",
        "tinylm.model.gpt",
        "tinylm.training.loop",
    }


def test_what_the_server_and_the_listings_import_leaves_torch_out() -> None:
    modules = [
        "tinylm.cli.main",
        "tinylm.config",
        "tinylm.corpora.registry",
        "tinylm.corpora.statistics",
        "tinylm.events",
        "tinylm.evaluation.tasks",
        "tinylm.evaluation.prompts",
        "tinylm.evaluation.intervals",
        "tinylm.training.checkpoints",
        "tinylm.runs.service",
        "tinylm.runs.work.supervisor",
        "tinylm.runs.work.worker",
        "tinylm.text.tokenizer",
    ]
    code = f"import sys, {', '.join(modules)}; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)


@pytest.mark.parametrize("path", CODE, ids=relative)
def test_nothing_dangerous_and_nothing_left_open(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for pattern in (
        r"\bimport pickle\b",
        r"\btorch\.load\(",
        r"unsafe_allow_html",
        r"\btime\.sleep\(",
        r"\b(TODO|FIXME|XXX)\b",
        r"(?<!\.)\beval\(",
        r"(?<![.\w])exec\(",
    ):
        assert not re.search(pattern, text), pattern


@pytest.mark.parametrize("path", CODE, ids=relative)
def test_files_are_short_and_say_what_they_are_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    limit = 150 if path.name == "page.py" else 400
    assert text.count("\n") <= limit
    assert not text.strip() or ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("path", SHOWN, ids=relative)
def test_pages_are_drawn_anew_only_where_a_waiting_click_goes_first(path: Path) -> None:
    assert path.name == "frame.py" or "st.rerun(" not in path.read_text(encoding="utf-8")
