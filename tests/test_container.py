"""Dockerfile and compose.yaml: what of them can be checked where no container is built."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from server.health import PATH
from tinylm.runs.work.worker import command

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def steps() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile, without comments and with their lines joined."""
    text = re.sub(r"(?m)^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines if line)]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return found


def test_what_is_copied_is_there_and_not_left_out(steps: list[tuple[str, str]]) -> None:
    copied = [
        source
        for name, rest in steps
        if name == "COPY" and "--from=" not in rest
        for source in shlex.split(rest)[:-1]
    ]
    assert {"app.py", "tinylm", "pages", "requirements.txt"} <= set(copied)
    sent = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    for source in copied:
        assert (ROOT / source).exists()
        assert f"!{source}" in sent


def test_everything_that_the_app_imports_is_copied(steps: list[tuple[str, str]]) -> None:
    copied = " ".join(rest for name, rest in steps if name == "COPY")
    for package in ("server", "pages", "ui", "tinylm", "data"):
        assert f" ./{package}" in copied


def test_the_image_runs_as_an_ordinary_user_and_writes_into_its_volume(
    steps: list[tuple[str, str]],
) -> None:
    users = [rest for name, rest in steps if name == "USER"]
    assert users == ["10001"]
    last = [name for name, _ in steps]
    assert last.index("USER") < last.index("CMD")
    settings = " ".join(rest for name, rest in steps if name == "ENV")
    (volume,) = [rest for name, rest in steps if name == "VOLUME"]
    assert f"TINYLM_HOME={volume}" in settings and f"NUMBA_CACHE_DIR={volume}/" in settings


def test_the_health_check_asks_the_address_that_there_is(steps: list[tuple[str, str]]) -> None:
    (check,) = [rest for name, rest in steps if name == "HEALTHCHECK"]
    _, _, code = json.loads(check.partition(" CMD ")[2])
    assert f":8501{PATH}'" in code
    compile(code, "health", "exec")
    (start,) = [json.loads(rest) for name, rest in steps if name == "CMD"]
    assert start[:3] == ["streamlit", "run", "app.py"] and "--server.port=8501" in start


def test_what_a_page_or_the_terminal_offers_is_in_the_image(steps: list[tuple[str, str]]) -> None:
    """In the versions that pyproject.toml names: nobody can install anything in a container."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    (install,) = [rest for name, rest in steps if name == "RUN" and "pip install -r" in rest]
    for extra in ("gguf", "postgresql", "s3", "sftp"):
        for package in extras[extra]:
            assert package in install.replace('"', "")


def test_the_settings_of_the_readme_reach_the_app(compose: dict[str, Any]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"(?m)^\| `TINYLM_HOME` \|(?:.*\n\|)*", readme)
    named = set(re.findall(r"(?m)^\| `(TINYLM_[A-Z_]+)", table))
    assert len(named) > 8
    image = {"TINYLM_HOME"}  # is set there
    workers = {"TINYLM_LONG_SLOTS", "TINYLM_DEVICE"}  # where the app starts its own
    assert named - image - workers <= set(compose["services"]["app"]["environment"])


def test_two_workers_start_with_a_command_that_exists(compose: dict[str, Any]) -> None:
    workers = {name: each for name, each in compose["services"].items() if "worker" in name}
    assert len(workers) == 2
    for worker in workers.values():
        python, option, module, *arguments = worker["command"]
        assert (python, option) == ("python", "-m") and importlib.util.find_spec(module)
        command().make_context("worker", list(arguments))  # raises for what it does not know


def test_nothing_is_writable_but_volumes_and_no_password_is_written_down(
    compose: dict[str, Any],
) -> None:
    services = compose["services"]
    ours = [each for name, each in services.items() if name != "postgres"]
    for each in ours:
        assert each["read_only"] is True and each["cap_drop"] == ["ALL"]
        assert each["depends_on"] == {"postgres": {"condition": "service_healthy"}}
        assert each["restart"] == "unless-stopped"
        assert each["environment"]["TINYLM_DATABASE"] == "postgresql://tinylm@postgres/tinylm"
    assert "PASSWORD=" not in (ROOT / "compose.yaml").read_text(encoding="utf-8")
    assert services["postgres"]["healthcheck"]["test"][0] == "CMD-SHELL"
    named = {volume.partition(":")[0] for each in services.values() for volume in each["volumes"]}
    assert named == set(compose["volumes"])
    homes = [each["volumes"][0] for each in ours]
    assert len(set(homes)) == 3  # a home each, as on machines of their own
