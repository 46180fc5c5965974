"""`tinylm import`: an export comes back, and a model made elsewhere is listed and measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.elsewhere.folders import folder
from tinylm.cli.main import main


def test_a_folder_is_imported_listed_and_measured(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = folder("gpt2", tmp_path / "tiny-gpt2")
    assert main(["import", str(source), "--title", "Theirs", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["kind"], told["title"]) == ("elsewhere", "Theirs")
    assert main(["runs"]) == 0
    assert "made elsewhere: Theirs" in capsys.readouterr().out
    asked = ["eval", told["run"], "--task", "moods", "--num-fewshot", "1", "--limit", "2"]
    assert main([*asked, "--json"]) == 0
    told_scores = json.loads(capsys.readouterr().out.splitlines()[-1])["scores"]
    assert [(one["num_fewshot"], one["n"]) for one in told_scores] == [(1, 2)]
    for command in (["eval", told["run"], "--loss"], ["ladder", told["run"]]):
        assert main(command) == 2
        assert "This model was made elsewhere" in capsys.readouterr().err
    assert main(["export", told["run"], "--format", "gguf", "--out", str(tmp_path / "out")]) == 2
    assert "made elsewhere is not exported" in capsys.readouterr().err
    assert main(["finetune", told["run"], "--task", "moods", "--examples", "8"]) == 2
    assert "made elsewhere is not trained here" in capsys.readouterr().err


def test_what_is_no_model_is_one_line(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("tinylm: The folder") and said.count("\n") == 1
