"""Formats are found by being files, and a folder is written whole or not at all."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tinylm import export
from tinylm.cli.main import main
from tinylm.errors import BadRequest, StorageError
from tinylm.export import ExportedRun, Format, format_named, formats, write_export
from tinylm.home import shown_id

NOTHING = ExportedRun(Path(), -1, [], [])
PAIR = Format(1, "pair", "two files", lambda run: {"a.txt": b"a", "b.txt": b"b"})


@pytest.fixture
def trained(home: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The id of a tiny run."""
    command = ["train", "--preset", "tiny", "--steps", "4", "--set", "threads=1", "--json"]
    assert main(command) == 0
    return str(json.loads(capsys.readouterr().out.splitlines()[-1])["run"])


def test_a_new_format_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "note.py").write_text(
        "from tinylm.export.base import Format\n"
        "FORMAT = Format(15, 'note', 'a note', lambda run: {'note.txt': b'step -1'})\n"
    )
    monkeypatch.setattr(export, "__path__", [*export.__path__, str(tmp_path)])
    formats.cache_clear()
    try:
        names = [one.name for one in formats()]
        assert names.index("gguf") + 1 == names.index("note") == names.index("lm-eval") - 1
        (path,) = write_export(format_named("note"), NOTHING, tmp_path / "out")
    finally:
        formats.cache_clear()
    assert path.read_bytes() == b"step -1"


def test_listing_the_formats_needs_no_torch() -> None:
    import subprocess

    code = "import sys, tinylm.cli.main; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "False", done.stderr


def test_a_folder_is_new_or_empty(tmp_path: Path) -> None:
    out = tmp_path / "made" / "out"
    assert write_export(PAIR, NOTHING, out) == [out / "a.txt", out / "b.txt"]
    (out / "a.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for taken in (out, tmp_path / "file"):
        with pytest.raises(BadRequest, match="new or empty"):
            write_export(PAIR, NOTHING, taken)
    assert (out / "a.txt").read_text() == (tmp_path / "file").read_text() == "mine"
    (tmp_path / "empty").mkdir()
    write_export(PAIR, NOTHING, tmp_path / "empty")
    assert sorted(path.name for path in (tmp_path / "empty").iterdir()) == ["a.txt", "b.txt"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "file", "made"]


def test_nothing_stays_where_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_bytes = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if path.name == "b.txt":
            raise OSError(28, "No space left on device")
        return write_bytes(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageError, match="No space left on device"):
        write_export(PAIR, NOTHING, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_the_terminal_writes_a_model_and_a_curve(
    trained: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", trained, "--format", "hf", "--out", str(tmp_path / "hf"), "--json"]) == 0
    (result,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (result["type"], result["run"], result["format"]) == ("result", trained, "hf")
    names = {Path(path).name for path in result["files"]}
    assert names == {path.name for path in (tmp_path / "hf").iterdir()}
    assert {"model.safetensors", "config.json", "tokenizer.json"} <= names
    assert main(["export", trained, "--format", "csv", "--out", str(tmp_path / "csv")]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'csv' / 'curve.csv'}\n"
    header, *lines = (tmp_path / "csv" / "curve.csv").read_text().splitlines()
    assert header.startswith("step,tokens_seen,train/loss,val/loss")
    assert [line.split(",")[0] for line in lines] == ["0", "1", "2", "3", "4"]
    untrained, last = lines[0].split(","), lines[-1].split(",")
    assert untrained[2] == "" and float(untrained[3]) > float(last[3])
    *numbers, reward = last
    assert all(float(cell) > 0 for cell in numbers)
    assert reward == "", "this run learned from its text"
    for name in ("report", "page"):  # files to take home, which need nothing from anywhere
        assert main(["export", trained, "--format", name, "--out", str(tmp_path / name)]) == 0
        text = (tmp_path / name / f"{shown_id(trained)}-{name}.html").read_text(encoding="utf-8")
        assert "default-src 'none'" in text and shown_id(trained) in text
        assert trained not in text
        assert "http://" not in text and "https://" not in text


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--format", "onnx"], "There is no format 'onnx': choose one of report, page, hf, peft, "),
        (["--format", "hf", "--step", "77"], "no checkpoint at step 77"),
    ],
)
def test_what_cannot_be_exported_is_said_in_one_line(
    trained: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    words: str,
) -> None:
    assert main(["export", trained, *options, "--out", str(tmp_path / "out")]) == 2
    output = capsys.readouterr()
    assert output.out == "" and words in output.err
    assert len(output.err.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_run_that_has_not_begun_has_nothing_to_export(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tinylm.presets import preset_config
    from tinylm.runs.service import Service

    service = Service(home)
    run = service.start(preset_config("tiny"))
    service.close()
    for name, words in (("hf", "no checkpoint yet"), ("csv", "no curve yet")):
        assert main(["export", run, "--format", name, "--out", str(tmp_path / name)]) == 2
        assert words in capsys.readouterr().err
