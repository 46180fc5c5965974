"""Reading in a process of its own: its limits, and that one file harms no other."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import psutil
import pytest

from tests.corpora.files.test_word import paragraph, word_file
from tinylm.corpora.files import reading
from tinylm.corpora.files.child import read_file, readers
from tinylm.corpora.files.reading import Limits, read_files, text_of
from tinylm.corpora.files.report import Brought
from tinylm.errors import Cancelled, StorageError

SPINS = "while True: pass"
EATS = "pieces = []\nwhile True: pieces.append(bytearray(10_000_000))"


def brought(folder: Path, name: str, content: bytes) -> Brought:
    path = folder / name
    path.write_bytes(content)
    return Brought(name, str(path))


def instead(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Let the reading process run this code, within the limits that it gives itself."""
    begins = (
        "import sys, msgspec\nfrom tinylm.corpora.files import child\n"
        "task = msgspec.json.decode(sys.stdin.buffer.read(), type=child.Task)\n"
        "child.restrict(task.seconds, task.memory)\n"
    )
    monkeypatch.setattr(reading, "COMMAND", [sys.executable, "-c", begins + code])


def test_several_files_say_each_what_it_gave(tmp_path: Path) -> None:
    files = {
        0: brought(tmp_path, "a.docx", word_file(paragraph("from Word"))),
        1: brought(tmp_path, "b.docx", b"damaged"),
        2: brought(tmp_path, "c.csv", b"id,text\n1,from a table\n"),
        3: brought(tmp_path, "d.txt", b"plain\n"),
        4: Brought("e.txt", str(tmp_path / "nowhere.txt")),
    }
    told: list[tuple[int, float]] = []
    reports = read_files(files, tmp_path, lambda number, share: told.append((number, share)))
    assert sorted(reports) == [0, 1, 2, 3, 4]
    assert "damaged" in reports[1].problem and "cannot be read" in reports[4].problem
    assert text_of(tmp_path, reports) == b"from Word\n\nfrom a table\n\nplain"
    assert reports[2].beginning == "from a table"
    assert {number for number, share in told if share == 1.0} == {0, 1, 2, 3, 4}
    (tmp_path / "0.txt").unlink()
    with pytest.raises(StorageError, match="read them again"):
        text_of(tmp_path, reports)


@pytest.mark.parametrize(
    ("code", "limits", "says"),
    [
        (SPINS, Limits(seconds=1), "longer to read"),
        (EATS, Limits(memory=300_000_000), "memory|damaged"),
        ("import os; os.kill(os.getpid(), 9)", Limits(), "may be damaged"),
        ("raise SystemExit(3)", Limits(), "may be damaged"),
        ("print('no JSON')", Limits(), "may be damaged"),
        ("import threading; threading.Event().wait()", Limits(clock=1), "longer to read"),
    ],
    ids=["spins", "eats", "killed", "ends", "babbles", "waits"],
)
def test_however_a_reader_ends_it_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, limits: Limits, says: str
) -> None:
    instead(monkeypatch, code)
    before = psutil.Process().children()
    report = read_files({0: brought(tmp_path, "a.txt", b"text")}, tmp_path, limits=limits)[0]
    assert re.search(says, report.problem)
    assert psutil.Process().children() == before


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit memory so")
def test_the_process_cannot_have_more_memory_than_it_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead(monkeypatch, "bytearray(400_000_000)")
    limits = Limits(memory=300_000_000)
    report = read_files({0: brought(tmp_path, "a.txt", b"text")}, tmp_path, limits=limits)[0]
    assert report.problem and report.megabytes < 300


def test_a_hostile_file_takes_no_time_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time of a batch is shared: what one file has spent, it has not taken from the rest."""
    instead(
        monkeypatch,
        "while task.brought.name == 'bad.txt': pass\n"
        "text, report = child.read_file(task.brought, lambda share: None)\n"
        "open(task.text, 'w').write(text)\n"
        "sys.stdout.buffer.write(msgspec.json.encode(report))",
    )
    files = {0: brought(tmp_path, "bad.txt", b"small"), 1: brought(tmp_path, "good.txt", b"larger")}
    reports = read_files(files, tmp_path, limits=Limits(seconds=2))
    assert "longer" in reports[0].problem and not reports[1].problem


def test_a_cancelled_reading_leaves_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead(monkeypatch, SPINS)
    looks = iter([False, False, True])
    before = psutil.Process().children()
    with pytest.raises(Cancelled):
        read_files(
            {0: brought(tmp_path, "a.txt", b"text")}, tmp_path, cancelled=lambda: next(looks)
        )
    assert psutil.Process().children() == before


def test_an_error_that_nobody_foresaw_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Odd(Exception):
        pass

    def fails(*_: object) -> None:
        raise Odd

    monkeypatch.setattr(zipfile, "ZipFile", fails)
    text, report = read_file(brought(tmp_path, "a.docx", b"PK"), lambda share: None)
    assert (text, "may be damaged" in report.problem) == ("", True)
    assert "Odd" in capsys.readouterr().err  # for the server's log


@pytest.mark.parametrize("ending", sorted(readers()))
@pytest.mark.parametrize("content", [b"", b"\0", b"\xff\xfe", b"\n", b'"'])
def test_next_to_nothing_is_read_or_refused(tmp_path: Path, ending: str, content: bytes) -> None:
    read_file(brought(tmp_path, f"a.{ending}", content), lambda share: None)


def test_a_file_that_is_too_large_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with path.open("wb") as file:
        file.truncate(20_000_001)
    _, report = read_file(Brought("a.txt", str(path)), lambda share: None)
    assert "at most 20 MB" in report.problem


def test_the_process_is_lean() -> None:
    """It starts for each file, so it loads neither torch nor the database."""
    code = (
        "import sys, tinylm.corpora.files.child as child; child.readers()\n"
        "print({'torch', 'numpy', 'pandas', 'sqlalchemy', 'streamlit'} & set(sys.modules) or '-')"
    )
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert done.stdout.strip() == "-"
