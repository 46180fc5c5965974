"""The home folder: where there can be none, a sentence says what to set."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tinylm.cli.main import main
from tinylm.errors import StorageError
from tinylm.home import home_dir


@pytest.mark.parametrize("chosen", ["/data/a::b", "one::two", "~nobody-of-this-name/x"])
def test_a_folder_that_cannot_be_used_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], chosen: str
) -> None:
    monkeypatch.setenv("TINYLM_HOME", chosen)
    with pytest.raises(StorageError, match="set TINYLM_HOME"):
        home_dir()
    assert main(["runs"]) == 1
    assert "set TINYLM_HOME" in capsys.readouterr().err


def test_without_a_home_folder_a_sentence_asks_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", unknown)
    with pytest.raises(StorageError, match="set TINYLM_HOME"):
        home_dir()


def test_without_compiled_loops_everything_still_runs() -> None:
    code = "from tinylm.fast import COUNTERPARTS; print(len(COUNTERPARTS))"
    for value, found in (("1", b"0"), ("0", b"5")):
        environment = os.environ | {"NUMBA_DISABLE_JIT": value}
        ended = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment)
        assert ended.stdout.strip() == found, ended.stderr
