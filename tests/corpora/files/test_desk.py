"""The files that sessions brought to a server: their turns, their limits, and that they go."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

import pytest

from tinylm.corpora.files import desk as desk_module
from tinylm.corpora.files.desk import AT_ONCE, FORGOTTEN_AFTER, MAX_BATCH, MAX_FILES, Desk
from tinylm.corpora.files.report import Brought, Report
from tinylm.errors import BadRequest, Cancelled, NotFound, StorageError
from tinylm.files import part_prefix
from tinylm.process import own_token

TEXT = memoryview(b"some text")
WAIT = 30.0


class Reader:
    """Reads when it is told to, as `read_files` does."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.read: list[str] = []
        self.error: Exception | None = None

    def __call__(
        self,
        files: Mapping[int, Brought],
        folder: Path,
        on_progress: Callable[[int, float], None],
        cancelled: Callable[[], bool],
    ) -> dict[int, Report]:
        on_progress(0, 0.5)
        while not self.go.wait(0.01):
            if cancelled():
                raise Cancelled("cancelled")
        if self.error:
            raise self.error
        reports = {}
        for number, brought in files.items():
            self.read.append(brought.name)
            (folder / f"{number}.txt").write_bytes(Path(brought.path).read_bytes())
            reports[number] = Report(brought.name, encoding=brought.column)
        return reports


@pytest.fixture
def reader() -> Reader:
    return Reader()


def test_files_are_read_and_their_text_is_there_until_it_is_dropped(
    tmp_path: Path, reader: Reader
) -> None:
    desk = Desk(tmp_path, read=reader)
    batch = desk.bring([("a.txt", TEXT), ("b.txt", TEXT)])
    assert not desk.look(batch).over
    reader.go.set()
    found = desk.look(batch, WAIT)
    assert found.over and [report.name for report in found.reports] == ["a.txt", "b.txt"]
    assert desk.text(batch) == b"some text\n\nsome text"
    desk.choose(batch, 1, "another column", None)
    assert [one.encoding for one in desk.look(batch, WAIT).reports] == ["", "another column"]
    assert reader.read == ["a.txt", "b.txt", "b.txt"]
    desk.drop(batch)
    with pytest.raises(NotFound, match="choose them again"):
        desk.look(batch)
    assert [path.name for path in tmp_path.glob("reading/*/*")] == []


def test_few_are_read_at_once_and_a_dropped_one_gives_its_place(
    tmp_path: Path, reader: Reader
) -> None:
    desk = Desk(tmp_path, read=reader)
    batches = [desk.bring([("a.txt", TEXT)]) for _ in range(AT_ONCE + 1)]
    looks = [desk.look(batch, 0.2) for batch in batches]
    assert sum(look.waits for look in looks) == 1
    begun = [batch for batch, look in zip(batches, looks, strict=True) if not look.waits]
    assert desk.look(begun[0]).share == 0.5
    for batch in begun:
        desk.drop(batch)
    (left,) = set(batches) - set(begun)
    while desk.look(left, 0.05).waits:  # the test's own limit of time ends it where it never begins
        pass
    reader.go.set()
    assert desk.look(left, WAIT).over and reader.read == ["a.txt"]


def test_what_a_session_and_the_server_hold_is_limited(
    tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    desk = Desk(tmp_path, read=reader, now=lambda: now)
    with pytest.raises(BadRequest, match=f"At most {MAX_FILES} files"):
        desk.bring([("a.txt", TEXT)] * (MAX_FILES + 1))
    with pytest.raises(BadRequest, match="61 MB together"):
        desk.bring([("a.txt", memoryview(bytes(MAX_BATCH + 1_000_000)))])
    monkeypatch.setattr(desk_module, "MAX_HELD", 20)
    first, second = (desk.bring([("a.txt", TEXT)]) for _ in range(2))
    with pytest.raises(BadRequest, match="try again in a minute"):
        desk.bring([("a.txt", TEXT)])
    now = FORGOTTEN_AFTER - 1
    desk.look(first)
    now = FORGOTTEN_AFTER + 1
    desk.bring([("a.txt", TEXT)])  # the second was looked at by nobody for long
    with pytest.raises(NotFound):
        desk.look(second)


@pytest.mark.parametrize(
    ("error", "says"), [(StorageError("The disk is full."), "full"), (RuntimeError(), "again")]
)
def test_whatever_goes_wrong_is_a_sentence(
    tmp_path: Path, reader: Reader, error: Exception, says: str
) -> None:
    desk = Desk(tmp_path, read=reader)
    reader.error = error
    reader.go.set()
    assert says in desk.look(desk.bring([("a.txt", TEXT)]), WAIT).problem


def test_a_disk_that_refuses_is_a_sentence(tmp_path: Path, reader: Reader) -> None:
    (tmp_path / "reading").write_text("a file where the folder should be")
    with pytest.raises(StorageError, match="TINYLM_HOME"):
        Desk(tmp_path, read=reader).bring([("a.txt", TEXT)])


def test_what_a_killed_server_left_is_removed(tmp_path: Path, reader: Reader) -> None:
    host, _, _ = own_token().rsplit(":", 2)
    gone = part_prefix().replace(quote(own_token(), safe=""), quote(f"{host}:999999:1", safe=""))
    alive, other = f"{part_prefix()}alive", "other"
    for name in (f"{gone}gone", alive, other):
        (tmp_path / "reading" / name).mkdir(parents=True)
    Desk(tmp_path, read=reader).bring([("a.txt", TEXT)])
    left = {path.name for path in (tmp_path / "reading").iterdir()}
    assert f"{gone}gone" not in left and {alive, other} <= left
