"""A store that an earlier tinylm wrote opens: what cannot be computed again is kept.

`data/version-1.sql` is the dump of a store of that version, with two short trainings of ours.
"""

from __future__ import annotations

import math
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import OperationalError

from tests.postgres import PASSWORD, Server
from tests.runs_fakes import FakeClock
from tinylm.errors import StorageError
from tinylm.events import EvalDone, Probed, RunEnded
from tinylm.home import database_url
from tinylm.learners import name_of
from tinylm.questions.models import NextToken
from tinylm.runs.store import Store, database
from tinylm.runs.store.copies import copies_at
from tinylm.runs.store.rows import Wish

DUMP = Path(__file__).parent / "data" / "version-1.sql"
VERSION_2 = DUMP.with_name("version-2.sql")
VERSION_3 = DUMP.with_name("version-3.sql")
VERSION_4 = DUMP.with_name("version-4.sql")
BASE, TUNED = "world-tiny-sqyolx", "questions-base-hxeqca"
RESTS, WAITS = "world-tiny-lwiaw5", "world-tiny-oqrixf"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The database of version 1."""
    path = tmp_path / "tinylm.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(DUMP.read_text(encoding="utf-8"))
    return path


def dumped(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return "\n".join(connection.iterdump())


def copies(file: Path) -> list[Path]:
    """The copies beside a database, without the files that SQLite itself keeps there."""
    return sorted(file.parent.glob(f"{file.name}.version-*"))


def opened(file: Path) -> Store:
    return Store(database_url(file.parent))


def test_runs_answers_and_dials_are_kept(file: Path) -> None:
    store = opened(file)
    assert {row.id for row in store.runs()} == {BASE, TUNED, RESTS, WAITS}
    base, tuned = store.run(BASE), store.run(TUNED)
    assert (base.status, base.step, base.tokens_seen, base.owner) == ("done", 40, 10240, "ada")
    assert (base.last_val, base.seconds) == (4.869367945400633, 14.083385229110718)
    assert (tuned.kind, tuned.parent, tuned.status) == ("finetune", BASE, "done")
    assert store.checkpoints(BASE) == [20, 40]
    assert store.checkpoints(TUNED) == [10]
    assert store.answers("ada") == {"predicted/perplexity": "about 40", "prompted": True}
    assert store.answers("bob") == {"labels": {"guess": 3, "of": [1, 2.5, None]}}
    assert store.dial(RESTS, "lr_factor", 1.0) == 0.5


def test_what_runs_told_is_kept(file: Path) -> None:
    store = opened(file)
    told, tuned = store.told(BASE), store.told(TUNED)
    assert told.evals[1] == EvalDone(
        *(20, 5120, 5.070076330491455, 159.1864776616442, 3.6741436972257633, 11879)
    )
    assert [found.step for found in told.evals] == [0, 20, 40]
    assert told.samples[2].text.startswith("amksia\nouryor | kind kind h frts")
    assert told.film[1].tokens == (" |", "\n", " ", " a", " is", " the", "y", ",")
    assert told.film[1].probabilities[0] == 0.04097829759120941
    assert [probe.name for probe in told.probes[:3]] == ["grammar", "meaning", "facts"]
    assert told.probes[-1] == Probed(40, "facts", 32, 60)
    assert told.started is not None and told.started.num_parameters == 29824
    assert store.latest(BASE, RunEnded) == RunEnded(40, "done", 12.437020486000165)
    assert [found.loss for found in tuned.evals] == [4.64012510038768, 4.458833784245639]
    assert tuned.probes == () and len(tuned.film) == 2
    curve = store.curve(BASE)
    assert [point.step for point in curve] == list(range(1, 41))
    assert curve[-1].loss == store.run(BASE).last_loss == 4.949709415435791


def test_numbers_that_were_not_finite_can_be_read(file: Path) -> None:
    store = opened(file)
    (found,) = store.told(RESTS).evals
    assert all(map(math.isnan, (found.loss, found.perplexity, found.bits_per_byte)))
    assert (found.step, found.num_tokens) == (2, 90)
    first, second = store.curve(RESTS)
    assert first.loss == 6.0 and math.isnan(second.loss) and math.isnan(second.grad_norm)
    assert second.lr == 0.01


def test_wishes_are_kept(file: Path) -> None:
    store = opened(file)
    assert store.run(BASE).wish == Wish("run")
    assert (store.run(RESTS).wish, store.run(RESTS).status) == (Wish("pause"), "paused")
    assert (store.run(WAITS).wish, store.run(WAITS).status) == (Wish("run", hold_at=1), "queued")
    claim = store.claim_run(WAITS, "here:1:1")
    assert claim is not None and store.read_wish(claim) == Wish("run", hold_at=1)
    assert store.wish(RESTS, "run")
    assert store.run(RESTS).wish == Wish("run")


def test_short_jobs_can_be_asked_again(file: Path) -> None:
    store = opened(file)
    assert store.claim_question("here:1:1") is None
    question = NextToken(BASE, 40, "Ghana ->", top=3)
    assert store.request([question]) == [question]


def test_a_copy_is_made_before_and_never_overwritten(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = dumped(file)
    file.chmod(0o600)
    opened(file).close()
    (copy,) = copies(file)
    assert dumped(copy) == before != dumped(file)
    assert copy.stat().st_mode == file.stat().st_mode  # nobody else may read it
    assert f"from version 1 to version {database.SCHEMA_VERSION}" in caplog.text
    assert copy.name in caplog.text
    opened(file).close()
    assert copies(file) == [copy]
    with closing(sqlite3.connect(file)) as connection:  # as if an older copy had been put back
        connection.executescript("".join(f"DROP TABLE {name};" for name in tables(connection)))
        connection.executescript(DUMP.read_text(encoding="utf-8"))
    opened(file).close()
    assert len(copies(file)) == 2
    assert dumped(copy) == before


def test_copies_that_lie_beside_a_database_are_found(file: Path) -> None:
    url = database_url(file.parent)
    assert copies_at(url) == []
    opened(file).close()
    (copy,) = copies(file)
    second = copy.with_name(f"{copy.name}-2")
    second.touch()
    for other in (f"{copy.name}-wal", "tinylm.db.version-4.zip", f"other-{copy.name}"):
        copy.with_name(other).touch()  # what SQLite keeps beside an open copy, and what is none
    assert copies_at(url) == [str(copy), str(second)]
    assert copies_at(database_url(file.parent / "nowhere")) == []


def test_copies_on_a_postgresql_server_are_found(postgres: Server, tmp_path: Path) -> None:
    address = postgres.new_database()
    Store(address).close()
    assert copies_at(address) == []
    name = address.rpartition("/")[2]
    for schema in ("tinylm-version-4-2026-11-29", "tinylm-version-4-2026-11-29-2", "tinylm-newer"):
        postgres.carry_out(f'CREATE SCHEMA "{schema}"', name)
    first, second = copies_at(address)
    assert first == "the schema tinylm-version-4-2026-11-29 of the same database"
    assert second.startswith("the schema tinylm-version-4-2026-11-29-2 ")
    wrong_password = address.replace(PASSWORD.replace(" ", "%20"), "guessed")
    with pytest.raises(StorageError, match="refuses this user or password"):
        copies_at(wrong_password)


def tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return [name for (name,) in rows]


def test_the_copy_can_be_put_back(file: Path) -> None:
    """As docs/scale.md says: the database and what SQLite keeps beside it make way for the copy."""
    before = dumped(file)
    store = opened(file)
    store.set_answer("ada", "later", True)
    store.close()
    (copy,) = copies(file)
    (file.parent / "newer").mkdir()
    for name in ("tinylm.db", "tinylm.db-wal", "tinylm.db-shm"):
        if (file.parent / name).exists():
            (file.parent / name).rename(file.parent / "newer" / name)
    copy.rename(file)
    assert dumped(file) == before
    store = opened(file)
    assert "later" not in store.answers("ada") and store.run(BASE).status == "done"
    store.close()


def test_a_new_database_needs_no_copy(tmp_path: Path) -> None:
    Store(database_url(tmp_path)).close()
    assert copies(tmp_path / "tinylm.db") == []


def test_what_fails_midway_changes_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, real = dumped(file), database.migrate

    def break_off(*args: object) -> None:
        real(*args)  # type: ignore[arg-type]
        raise OperationalError("update", {}, sqlite3.OperationalError("database or disk is full"))

    with monkeypatch.context() as patch:
        patch.setattr(database, "migrate", break_off)
        with pytest.raises(StorageError, match=r"what it was before\. The disk is full"):
            opened(file)
    assert dumped(file) == before
    assert copies(file) == []
    assert opened(file).run(BASE).status == "done"


def test_without_room_for_the_copy_nothing_is_changed(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, open_file = dumped(file), Path.open

    def refuse(self: Path, mode: str = "r", *args: object, **options: object) -> object:
        if mode == "xb":
            raise OSError(28, "No space left on device")
        return open_file(self, mode, *args, **options)  # type: ignore[call-overload]

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        with pytest.raises(StorageError, match="free some space"):
            opened(file)
    assert dumped(file) == before


def test_of_many_that_open_at_once_one_migrates(file: Path) -> None:
    problems: list[Exception] = []

    def begin() -> None:
        try:
            assert opened(file).run(BASE).step == 40
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(copies(file)) == 1


def test_signs_of_life_are_counted_from_version_3_on(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "tinylm.db")) as connection:
        connection.executescript(VERSION_2.read_text(encoding="utf-8"))
    ticks = FakeClock()
    store = Store(database_url(tmp_path), ticks=ticks)
    status = {row.title: row.status for row in store.runs()}
    killed = next(row for row in store.runs() if row.title == "A run whose worker was killed")
    assert status == {
        "A run that is done": "done",
        "A run whose worker was killed": "running",  # on another computer: it has to be watched
        "A run that waits": "queued",
    }
    ticks.now += 20
    assert store.run(killed.id).status == "interrupted"
    assert store.wish(killed.id, "run") and store.claim_run(killed.id, "here:1:1") is not None
    assert store.run(killed.id).beats == 1
    assert store.answers("ada") == {"prompted": True} and store.dial(killed.id, "lr_factor") == 0.5
    assert store.workers() == []
    store.beat_worker("here:1:1", "long")
    assert len(store.workers()) == 1
    (tmp_path / "new").mkdir()
    with store._db.read() as old, Store(database_url(tmp_path / "new"))._db.read() as new:
        columns = [
            {found["name"] for found in inspect(one).get_columns("runs")} for one in (old, new)
        ]
    assert columns[0] == columns[1]


def test_runs_before_version_4_belong_to_no_experiment(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "tinylm.db")) as connection:
        connection.executescript(VERSION_3.read_text(encoding="utf-8"))
    store = Store(database_url(tmp_path))
    (run,) = store.runs()
    assert (run.title, run.status, run.config.experiment) == ("A run that is done", "done", "")
    assert store.checkpoints(run.id) == [2, 4]
    assert store.answers("ada") == {"prompted": True}
    assert store.runs(experiment="sheets") == []


def test_names_stand_in_place_of_codes_since_version_5(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "tinylm.db")) as connection:
        connection.executescript(VERSION_4.read_text(encoding="utf-8"))
    store, code = Store(database_url(tmp_path)), "0123456789abcdef01234567"
    assert code not in dumped(tmp_path / "tinylm.db")
    assert {run.owner for run in store.runs()} == {name_of(code), ""}
    assert store.answers(name_of(code)) == {"prompted": True}
    assert store.answers("ada") == {"prompted": False}
    assert store.learners() == []


def test_a_damaged_event_does_not_keep_a_store_from_opening(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("update events set payload = '{\"loss\": null' where seq = 1")
    assert opened(file).run(BASE).status == "done"
