"""`tinylm doctor` finds each kind of fault, says what to do, and changes nothing."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from tests.postgres import PASSWORD, Server
from tests.runs.test_postgresql import fill
from tests.runs_fakes import started, tiny
from tinylm import __version__
from tinylm.cli import checkup, doctor, trying
from tinylm.cli.checkup import Check, Finding, Patient
from tinylm.cli.main import main
from tinylm.cli.trying import Broken, Machine, Trial
from tinylm.home import database_url
from tinylm.memory import GB, Memory
from tinylm.process import own_token
from tinylm.runs.store import Store, jobs, looking
from tinylm.runs.store.tables import SCHEMA_VERSION

DUMPS = Path(__file__).parents[1] / "runs" / "data"
CLOSED = 1  # a port that nobody may use


def found(check: Check, port: int = CLOSED) -> Finding:
    (finding,) = checkup.findings(Patient(port), {"it": check})
    if finding.state != "ok":
        assert finding.to_do and finding.to_do.endswith(".") and not finding.found.endswith(".")
    return finding


def wrong(check: Check) -> str:
    finding = found(check)
    assert finding.state == "wrong"
    return f"{finding.found}: {finding.to_do}"


def note(check: Check) -> str:
    finding = found(check)
    assert finding.state == "note"
    return f"{finding.found}: {finding.to_do}"


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    """What is in a folder, and when it was written."""
    return {
        path.relative_to(folder).as_posix(): (
            path.stat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in [folder, *sorted(folder.rglob("*"))]
    }


def test_a_whole_examination_changes_nothing_and_trains_for_real(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Store(database_url(home)).close()
    before = tree(home)
    monkeypatch.setattr(doctor, "SECONDS", 0.05)
    monkeypatch.setattr(doctor, "PRESET", "tiny")
    assert main(["doctor", "--json", "--port", str(CLOSED)]) == 0
    said = {one["check"]: one for one in map(json.loads, capsys.readouterr().out.splitlines())}
    assert list(said) == [*doctor.CHECKS, "torch"]
    assert said["torch"]["state"] == "ok" and "on cpu with" in said["torch"]["found"]
    assert {name for name, one in said.items() if one["state"] != "ok"} <= {"workers", "memory"}
    assert tree(home) == before


def test_a_broken_torch_is_one_finding_among_others(
    home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "torch.py").write_text("raise OSError('libgomp.so.1: cannot open')")
    monkeypatch.setattr(trying, "PACKAGE", tmp_path / "tinylm")  # its parent comes first
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    assert main(["doctor", "--port", str(CLOSED)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(doctor.CHECKS) + 1
    assert lines[-1].startswith("✗ torch") and "libgomp.so.1: cannot open" in lines[-1]
    assert "pip install" in lines[-1]


def test_a_training_that_fails_or_never_begins_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "tinylm" / "__main__.py"
    program.parent.mkdir()
    program.write_text("import sys; sys.exit('tinylm: This machine cannot compute on abacus.')")
    monkeypatch.setattr(trying, "PACKAGE", program.parent)
    with pytest.raises(Broken, match=r"^This machine cannot compute on abacus\.$"):
        trying.train_for(0.1, "tiny", Machine("2", ["cpu"], True))
    program.write_text("import threading; threading.Event().wait()")
    monkeypatch.setattr(trying, "PATIENCE", 0.1)
    with pytest.raises(Broken, match="no update was made within"):
        trying.train_for(0.1, "tiny", Machine("2", ["cpu"], True))


def test_no_room_to_try_anything(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(trying.tempfile, "tempdir", str(tmp_path / "nowhere"))
    monkeypatch.setattr(doctor, "probe", lambda: Machine("2", ["cpu"], True))
    assert "name another folder in TMPDIR" in wrong(doctor.torch)


def test_what_the_speed_means_for_a_lesson() -> None:
    on = started(0, tiny())
    quick = doctor.speed(Trial(31_000.4, 59.6, on), compiled=True)
    assert quick.state == "ok" and "31,000 tokens a second on cpu with 1 thread" in quick.found
    assert "for about 60 s" in quick.found
    slow = doctor.speed(Trial(5_000, 368.0, structs.replace(on, threads=2)), compiled=True)
    assert slow.state == "note" and "about 6 minutes" in slow.found and "glance" in slow.to_do
    assert "not compiled" in doctor.speed(Trial(31_000, 59.0, on), compiled=False).to_do


def test_versions_that_are_missing_or_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkup, "ROOT", tmp_path)
    lines = tmp_path / "requirements.txt"
    lines.write_text("# pinned\nclick==0.0.1\nno-such==1; sys_platform == 'none'\n")
    assert "click" in note(checkup.versions) and "instead of 0.0.1" in note(checkup.versions)
    lines.write_text("click==0.0.1\nno-such-thing==1\n")
    assert "missing: no-such-thing: Install what is needed" in wrong(checkup.versions)
    lines.unlink()  # as in an installed package, whose own list counts
    monkeypatch.setattr(checkup.metadata, "requires", lambda name: ["no-such==2", "x==1; extra"])
    assert "missing: no-such:" in wrong(checkup.versions)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TINYLM_LONG_SLOTS", "many", "TINYLM_LONG_SLOTS must be between 1 and 64"),
        ("TINYLM_LEARNERS", "some", "TINYLM_LEARNERS must be one or many"),
        ("TINYLM_LOG", "xml", "Set TINYLM_LOG to text or json"),
        ("TINYLM_KEEP_DAYS", "a month", "a number of days"),
        ("TINYLM_TEACHER_CODE", "short", "at least 8 characters"),
    ],
)
def test_settings_that_are_not_understood(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    assert said in wrong(checkup.settings)


def test_settings_are_named_without_their_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYLM_DATABASE", "postgresql://ada:secret@h/x")
    assert "TINYLM_DATABASE" in found(checkup.settings).found
    assert "secret" not in found(checkup.settings).found


def test_a_home_that_cannot_be_used(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(checkup.home).state == "ok"
    monkeypatch.setenv("TINYLM_HOME", str(home / "new" / "one"))
    assert "made at the first start" in found(checkup.home).found
    file = tmp_path / "file"
    file.touch()
    for name, said in (
        ("file", "is no folder"),
        ("file/below", "cannot be made"),
        ("a::b", "'::'"),
    ):
        monkeypatch.setenv("TINYLM_HOME", str(tmp_path / name))
        assert said in wrong(checkup.home) and "TINYLM_HOME to " in wrong(checkup.home)


def test_a_home_of_another_user(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store(database_url(home)).close()
    access = checkup.os.access
    monkeypatch.setattr(
        checkup.os, "access", lambda path, mode: path.name != "tinylm.db" and access(path, mode)
    )
    assert "may not read and write" in wrong(checkup.home) and "tinylm.db" in wrong(checkup.home)
    monkeypatch.setattr(checkup.os, "access", lambda *_: False)
    assert str(home) in wrong(checkup.home)

    def refuse(_self: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(home))

    monkeypatch.setattr(Path, "exists", refuse)
    assert "cannot be used (Permission denied): Give this user its rights" in wrong(checkup.home)


def test_little_room_on_the_disk(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(home)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=5e8))
    assert "0.5 GB are free: Free some space" in note(checkup.disk)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=5e6))
    assert "Free some space" in wrong(checkup.disk)


# The database


def made(home: Path, script: str) -> Path:
    file = home / "tinylm.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(script)
    return file


def test_a_migration_that_is_to_come_is_said_and_not_done(home: Path) -> None:
    made(home, (DUMPS / "version-4.sql").read_text("utf-8"))
    before = tree(home)
    assert f"of version 4, and is copied and brought to version {SCHEMA_VERSION}" in note(
        checkup.database
    )
    assert "None" not in note(checkup.workers)  # of an earlier version nothing else is read
    assert tree(home) == before


def test_a_copy_of_an_earlier_version_is_named_with_what_it_holds(home: Path) -> None:
    file = made(home, (DUMPS / "version-4.sql").read_text("utf-8"))
    assert found(checkup.copies).state == "ok"
    Store(database_url(home)).close()
    (copy,) = home.glob(f"{file.name}.version-4-*")
    said = note(checkup.copies)
    assert said.startswith(f"{copy} still holds what the database held before an upgrade")
    assert "also what was deleted since: Once you need no way back, delete" in said
    second = copy.with_name(f"{copy.name}-2")
    second.touch()
    assert note(checkup.copies).startswith(f"{copy}, {second} still hold what")


def test_a_store_that_is_in_use_can_be_looked_at(home: Path) -> None:
    assert "prepared at the first start" in found(checkup.database).found
    assert tree(home).keys() == {"."}
    store = Store(database_url(home))
    store.set_answer("ada", "key", 1)
    assert found(checkup.database).found.endswith(f"of version {SCHEMA_VERSION}")
    store.close()


def test_databases_that_cannot_be_used(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = made(home, "CREATE TABLE customers (id INTEGER);")
    assert "Give tinylm a database of its own" in wrong(checkup.database)
    file.unlink()
    Store(database_url(home)).close()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE tinylm_meta SET value = '99'")
    assert "Use the tinylm that wrote it" in wrong(checkup.database)
    file.write_bytes(b"no database" * 1000)
    assert "is damaged: Move the file away" in wrong(checkup.database)
    monkeypatch.setenv("TINYLM_DATABASE", "postgresql://ada:secret@127.0.0.1:1/class")
    assert "cannot be reached: Check that its server runs" in wrong(checkup.database)
    assert "secret" not in wrong(checkup.database)
    assert "cannot be reached" in wrong(checkup.copies)
    monkeypatch.setenv("TINYLM_DATABASE_PASSWORD_FILE", str(home / "nothing"))
    assert "password of the database cannot be read" in wrong(checkup.database)
    monkeypatch.setenv("TINYLM_DATABASE", "mysql://ada:secret@h/class")
    monkeypatch.delenv("TINYLM_DATABASE_PASSWORD_FILE")
    assert "is not an address that tinylm understands" in wrong(checkup.database)


def test_a_postgresql_server_is_only_looked_at(
    home: Path, tmp_path: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = postgres.new_database()
    monkeypatch.setenv("TINYLM_DATABASE", address)
    assert "it is empty" in found(checkup.database).found
    fill(address, tmp_path, 4)
    for _ in range(2):  # the first look has brought nothing up to date
        assert "it is of version 4" in note(checkup.database)
    assert found(checkup.copies).state == "ok"
    Store(address).close()
    assert "the schema tinylm-version-4-" in note(checkup.copies)
    wrong_password = address.replace(PASSWORD.replace(" ", "%20"), "guessed")
    monkeypatch.setenv("TINYLM_DATABASE", wrong_password)
    assert "refuses this user or password" in wrong(checkup.database)


def test_the_place_that_is_shared(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "in the home alone" in found(checkup.files).found
    place = tmp_path / "place"
    monkeypatch.setenv("TINYLM_STORAGE", str(place))
    assert "prepared at the first start" in found(checkup.files).found and not place.exists()
    place.mkdir()
    (place / "tinylm-storage.json").write_text('{"version": 99, "id": "x"}')
    assert "is of version 99" in wrong(checkup.files)
    (place / "tinylm-storage.json").write_text("{")
    assert "is damaged: Name another place" in wrong(checkup.files)
    (place / "tinylm-storage.json").rename(place / "holiday.jpg")
    assert "holds files of something else" in wrong(checkup.files)
    monkeypatch.setenv("TINYLM_STORAGE", "nonsense://place")
    assert "TINYLM_STORAGE" in wrong(checkup.files)


# What runs


@pytest.fixture
def beats(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str]]]:
    """Workers, by token and queue, that give a sign between two looks."""
    alive: list[tuple[str, str]] = []
    store, real = Store(database_url(home)), looking.look

    def look(url: str) -> looking.Look:
        for worker, queue in alive:
            store.beat_worker(worker, queue)
        return real(url)

    monkeypatch.setattr(looking, "look", look)
    monkeypatch.setattr(checkup, "SECOND", 0.0)
    store.beat_worker("silent/1:1:1", "both")
    yield alive
    store.close()


def test_workers_that_are_alive_or_lacking(
    beats: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "none is alive: Start the app" in note(checkup.workers)
    monkeypatch.setenv("TINYLM_WORKERS", "external")
    assert "none is alive, and the app starts none: Start" in wrong(checkup.workers)
    beats.append(("there/1:1:1", "short"))
    lacking = wrong(checkup.workers)
    assert lacking.startswith("1 is alive on 1 machine, but none takes runs: Start one more: ")
    assert lacking.endswith("python -m tinylm worker --queue long.")
    beats.append(("there/1:2:1", "long"))
    assert found(checkup.workers).found == f"2 are alive on 1 machine, all of tinylm {__version__}"
    monkeypatch.setattr(jobs, "__version__", "0.0.1")
    beats.append(("there/1:3:1", "long"))
    assert "some of tinylm 0.0.1: End them and start them anew." in wrong(checkup.workers)


def test_a_worker_process_of_this_computer_needs_to_give_no_sign(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(database_url(home))
    store.beat_worker(own_token(), "both")
    store.close()
    monkeypatch.setattr(checkup.threading, "Event", lambda: pytest.fail("it waited"))
    assert found(checkup.workers).found.startswith("1 is alive")


@contextmanager
def answering(status: int, answer: object) -> Iterator[int]:
    """A server that answers everything so; yields its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("localhost", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_what_listens_on_the_port_of_the_app() -> None:
    assert found(checkup.port).found == f"{CLOSED} is free"
    ours = {"program": "tinylm", "version": __version__, "status": "ok", "problem": ""}
    for answer, state, said in (
        ({}, "note", "another program"),
        (["x"], "note", "--server.port"),
        (ours, "ok", f"tinylm {__version__} answers"),
        (ours | {"version": "0.0.1"}, "wrong", "start it anew"),
        (ours | {"problem": "no worker for runs is alive"}, "wrong", "no worker for runs is alive"),
    ):
        with answering(503 if state == "wrong" else 200, answer) as port:
            finding = found(checkup.port, port)
        assert finding.state == state and said in f"{finding.found}: {finding.to_do}"


def test_little_memory_and_few_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "memory_here", lambda: Memory(4 * GB, 0.5 * GB))
    assert "0.5 GB of 4.0 GB are free" in note(checkup.memory)
    monkeypatch.setattr(checkup, "usable_cores", lambda: 1)
    assert note(checkup.cores).startswith("1 core, ")
