"""The package: its wheel holds everything, and runs where there is no checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("pages", "ui", "server", "data", "benchmarks/speed")  # they stand in tinylm/share


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the wheel was unpacked into."""
    folder = tmp_path_factory.mktemp("package")
    build = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site-packages")
    return folder / "site-packages"


def run(installed: Path, home: Path, *arguments: str) -> str:
    """What Python says with these arguments in a folder without a checkout."""
    environment = os.environ | {"PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=home, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def files_of(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_all_files_under_one_name(installed: Path) -> None:
    assert sorted(path.name.split("-")[0] for path in installed.iterdir()) == ["tinylm", "tinylm"]
    package = installed / "tinylm"
    inside = {one for one in files_of(package) if not one.startswith("share/")}
    assert inside == files_of(ROOT / "tinylm")
    for room in ROOMS:
        assert files_of(package / "share" / room) == files_of(ROOT / room), room
    for one in ("app.py", ".streamlit/config.toml"):
        assert (package / "share" / one).read_bytes() == (ROOT / one).read_bytes()


def test_it_needs_what_the_file_of_requirements_names_and_brings_the_command(
    installed: Path,
) -> None:
    (about,) = installed.glob("*.dist-info")
    needed = (about / "METADATA").read_text("utf-8").lower()
    pinned = [
        line.split(";")[0].strip().lower()
        for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    for one in pinned:
        assert f"requires-dist: {one}" in needed
    assert needed.count("requires-dist: ") - needed.count("; extra == ") == len(pinned)
    assert "tinylm = tinylm.__main__:start" in (about / "entry_points.txt").read_text("utf-8")


def test_the_terminal_and_the_first_page_run_from_it(installed: Path, home: Path) -> None:
    home.mkdir(exist_ok=True)
    code = (
        "import sys\n"
        "from tinylm.places import ROOT\n"
        "from tinylm.questions.base import code_version\n"
        "print(ROOT, code_version())\n"
        "sys.argv = ['tinylm', 'settings', 'model']\n"
        "from tinylm.cli.main import main; assert main() == 0\n"
        "sys.path.insert(0, str(ROOT)); import app\n"
        "from streamlit.testing.v1 import AppTest\n"
        "page = AppTest.from_file(str(ROOT / 'pages' / 'main.py'), default_timeout=60).run()\n"
        "assert not page.exception, page.exception\n"
        "print(page.title[0].value, sys.modules['pages.registry'].__file__)\n"
    )
    said = run(installed, home, "-c", code)
    from tinylm.questions.base import code_version

    share = installed / "tinylm" / "share"
    first, *_, last = said.splitlines()
    assert first == f"{share} {code_version()}"  # what was answered in a checkout stays known
    assert "n_layer = " in said
    assert last.endswith(str(share / "pages" / "registry.py"))
