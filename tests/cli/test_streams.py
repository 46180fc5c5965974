"""The terminal's output where it is not UTF-8, where nobody reads it, and where it is closed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.runs_fakes import tiny
from tinylm.runs.service import Service

PROGRAM = [sys.executable, "-m", "tinylm"]
TRAIN = [*PROGRAM, "train", "--preset", "tiny", "--steps", "4", "--set", "threads=1"]
TITLE = "naïve 日本語 🌱"


def run(command: list[str], **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, capture_output=True, env=os.environ | environment, timeout=120)


@pytest.fixture
def titled(home: Path) -> str:
    """The id of a run with a title that few encodings have."""
    service = Service(home)
    run_id = service.store.create_run(tiny(), TITLE)
    service.close()
    return run_id


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_any_text_can_be_written_in_any_encoding(titled: str, encoding: str) -> None:
    as_json = run([*PROGRAM, "runs", "--json"], PYTHONIOENCODING=encoding)
    assert as_json.returncode == 0 and not as_json.stderr
    assert json.loads(as_json.stdout)["title"] == TITLE
    refused = run([*PROGRAM, "eval", "日本語"], PYTHONIOENCODING=encoding)
    assert refused.returncode == 2
    assert refused.stderr.count(b"\n") == 1 and b"???" in refused.stderr
    listed = run([*PROGRAM, "corpora"], PYTHONIOENCODING=encoding, LC_ALL="C")
    assert listed.returncode == 0 and b"world" in listed.stdout


def into_closed_pipe(command: list[str], stream: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command with one stream a pipe that nobody reads; the other is kept."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        both = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | {stream: writer}
        return subprocess.run(command, **both, timeout=120)  # type: ignore[call-overload]
    finally:
        os.close(writer)


@pytest.mark.parametrize(("stream", "options"), [("stdout", ["--json"]), ("stderr", [])])
def test_a_run_goes_on_where_nobody_reads_its_events(
    home: Path, stream: str, options: list[str]
) -> None:
    ended = into_closed_pipe([*TRAIN, *options], stream)
    assert ended.returncode == 0
    assert not ended.stderr
    service = Service(home)
    (row,) = service.runs()
    service.close()
    assert (row.status, row.step, row.error) == ("done", 4, "")


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize("command", ["runs", "nonsense"])
def test_other_commands_end_without_a_word(titled: str, stream: str, command: str) -> None:
    ended = into_closed_pipe([*PROGRAM, command], stream)
    assert ended.returncode in (0, 1, 2)
    said = b"" if command != "nonsense" else b"tinylm: "
    assert ended.stderr is None or ended.stderr.startswith(said)
    assert b"Traceback" not in (ended.stderr or b"")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell that closes descriptors")
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_takes_nothing_and_harms_no_file(titled: str, closed: str) -> None:
    ended = run(["sh", "-c", f"{' '.join(PROGRAM)} runs {closed}"])
    assert ended.returncode == 0
    assert not ended.stderr
    refused = run(["sh", "-c", f"{' '.join(PROGRAM)} eval nobody-at-all {closed}"])
    assert refused.returncode == 2
    assert not refused.stdout
