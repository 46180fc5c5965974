"""The commands as a whole: every one explains itself, a shell completes them, the app starts."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import click
import pytest

from tests.runs_fakes import tiny
from tinylm import __version__
from tinylm.cli.main import COMMANDS, COMPLETE, main
from tinylm.places import APP
from tinylm.runs.service import Service


def test_every_command_and_all_that_it_takes_is_explained(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--help"]) == 0
    listed = capsys.readouterr().out
    for command in COMMANDS:
        assert f"  {command.name} " in listed
        assert not command.get_short_help_str(66).endswith("...")
        for parameter in command.params:
            assert isinstance(parameter, click.Option | click.Argument)
            assert parameter.help, (command.name, parameter.name)
        assert main([str(command.name), "--help"]) == 0
        assert "Show this message" in capsys.readouterr().out
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"tinylm, version {__version__}\n"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("tinylm exp", ["experiment", "export"]),
        ("tinylm train --preset g", ["glance"]),
        ("tinylm eval world", ["RUN"]),
        ("tinylm finetune world", ["RUN"]),
        ("tinylm settings m", ["model"]),
        ("tinylm export RUN --format c", ["csv"]),
        ("tinylm train --re", ["--recipe"]),
    ],
)
def test_a_shell_completes_commands_options_and_runs(
    home: Path,
    line: str,
    words: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    service = Service(home)
    run = service.store.create_run(tiny(), "")
    service.close()
    monkeypatch.setenv(COMPLETE, "bash_complete")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(line.count(" ")))
    assert main([]) == 0
    found = [said.partition(",")[2] for said in capsys.readouterr().out.splitlines()]
    assert found == [run if word == "RUN" else word for word in words]


def test_the_app_is_what_streamlit_runs_with_all_further_options(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(sys, "argv", ["tinylm"])
    monkeypatch.setattr(
        runpy, "run_module", lambda name, **_: started.append((name, list(sys.argv)))
    )
    assert main(["app", "--server.port", "8600", "--server.headless=true"]) == 0
    options = ["--server.port", "8600", "--server.headless=true"]
    assert started == [("streamlit", ["streamlit", "run", str(APP), *options])]
    assert APP.is_file()
