"""A PostgreSQL server as store and queue: what differs from a file, and what may go wrong."""

from __future__ import annotations

import sqlite3
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from psycopg.errors import UniqueViolation
from sqlalchemy import MetaData, create_engine, insert, inspect, select

from tests.postgres import PASSWORD, Server
from tests.runs_fakes import CountingEngine, step_done, tiny, wait_until
from tinylm.errors import StorageError
from tinylm.home import database_url
from tinylm.questions.models import NextToken
from tinylm.runs.service import Service
from tinylm.runs.store import Store
from tinylm.runs.store.database import Database
from tinylm.runs.store.tables import SCHEMA_VERSION
from tinylm.runs.work.worker import Worker

LOST = r"cannot be reached|was lost"
DUMPS = Path(__file__).parent / "data"


@pytest.fixture
def address(postgres: Server) -> str:
    return postgres.new_database()


def refused(address: str) -> str:
    """The sentence with which this address is refused, which never holds the password."""
    with pytest.raises(StorageError) as caught:
        Store(address)
    text = str(caught.value)
    assert PASSWORD not in text and "as%20secret" not in text and text.count("\n") == 0
    return text


def test_without_its_driver_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    said = refused("postgresql://ada:as%20secret@nowhere.invalid/tinylm")
    assert said == 'For PostgreSQL, first install its driver: pip install "psycopg[binary]".'


def fill(address: str, tmp_path: Path, version: int) -> None:
    """Make a database of this version on the server, and the same as a file in tmp_path."""
    file = tmp_path / "tinylm.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript((DUMPS / f"version-{version}.sql").read_text(encoding="utf-8"))
    source = create_engine(f"sqlite:///{file.as_posix()}")
    target = create_engine(address)
    tables = MetaData()
    tables.reflect(source)
    tables.create_all(target)
    with source.connect() as old, target.begin() as new:
        for table in tables.sorted_tables:
            rows = [row._asdict() for row in old.execute(select(table))]
            if rows:
                new.execute(insert(table), rows)
    source.dispose()
    target.dispose()


def contents(address: str, schema: str = "public") -> dict[str, list[str]]:
    """All rows of a schema, by table."""
    engine, tables = create_engine(address), MetaData(schema=schema)
    with engine.connect() as connection:
        tables.reflect(connection)
        found = {
            table.name: sorted(map(repr, connection.execute(select(table)).all()))
            for table in tables.sorted_tables
        }
    engine.dispose()
    return found


def schemas(address: str) -> list[str]:
    """The schemas with copies of earlier versions."""
    engine = create_engine(address)
    with engine.connect() as connection:
        found = inspect(connection).get_schema_names()
    engine.dispose()
    return [name for name in found if name.startswith("tinylm-")]


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_a_database_of_an_earlier_version_is_brought_up_to_date(
    tmp_path: Path, address: str, version: int
) -> None:
    fill(address, tmp_path, version)
    before = contents(address)
    here, there = Store(database_url(tmp_path)), Store(address)
    runs = {row.id: row for row in here.runs()}
    assert runs and {row.id: row for row in there.runs()} == runs
    for run_id in runs:
        assert repr(there.told(run_id)) == repr(here.told(run_id))  # NaN is not equal to itself
        assert there.curve(run_id) == here.curve(run_id)
    here.close()
    there.close()
    (copy,) = schemas(address)
    assert copy.startswith(f"tinylm-version-{version}-") and contents(address, copy) == before
    Store(address).close()  # now of today's version
    assert schemas(address) == [copy]


def test_what_was_before_can_be_put_back_and_used(
    postgres: Server, address: str, tmp_path: Path
) -> None:
    """As docs/scale.md says."""
    fill(address, tmp_path, 4)
    before, name = contents(address), address.rpartition("/")[2]
    Store(address).close()
    (copy,) = schemas(address)
    postgres.carry_out('ALTER SCHEMA public RENAME TO "tinylm-newer"', name)
    postgres.carry_out(f'ALTER SCHEMA "{copy}" RENAME TO public', name)
    assert contents(address) == before
    postgres.carry_out('DROP SCHEMA "tinylm-newer" CASCADE', name)
    postgres.carry_out(
        "INSERT INTO events (run_id, type, step, time, payload) VALUES ('r', 't', 1, 1, '{}')", name
    )
    assert len(contents(address)["events"]) == len(before["events"]) + 1
    with pytest.raises(UniqueViolation):
        postgres.carry_out("INSERT INTO tinylm_meta VALUES ('schema', '4')", name)
    Store(address).close()
    assert schemas(address) == [copy]


def test_a_user_who_may_copy_nothing_changes_nothing(
    postgres: Server, address: str, tmp_path: Path
) -> None:
    fill(address, tmp_path, 4)
    before, name, user = contents(address), address.rpartition("/")[2], f"clerk{postgres.port}"
    postgres.carry_out(f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}'")
    for table in (*before, "SCHEMA public"):
        kind = "" if table.startswith("SCHEMA") else "TABLE "
        postgres.carry_out(f"ALTER {kind}{table} OWNER TO {user}", name)
    said = refused(address.replace("//tinylm:", f"//{user}:"))
    assert "could not be copied before they are changed (permission denied" in said
    assert "GRANT CREATE" in said
    assert contents(address) == before and schemas(address) == []


def test_many_begin_at_once_and_only_one_gets_each_run(address: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(Store, [address] * 4))
        waiting = [stores[0].create_run(tiny()) for _ in range(8)]
        taken = pool.map(
            lambda store: [bool(store.claim_run(run_id, "a:1:1")) for run_id in waiting], stores
        )
        assert [sum(column) for column in zip(*taken, strict=True)] == [1] * 8
    for store in stores:
        store.close()


def test_writes_follow_each_other_and_a_page_waits_a_moment_at_most(address: str) -> None:
    database = Database(address, patience=0.1)
    with (
        database.write(),
        pytest.raises(StorageError, match="busy: try again"),
        ThreadPoolExecutor(1) as pool,
    ):
        pool.submit(lambda: database.write().__enter__()).result()
    with database.write():
        pass
    database.close()


def test_only_what_a_checkpoint_rests_on_is_flushed_at_once(address: str) -> None:
    database = Database(address)
    for durable, level in ((False, "off"), (True, "on"), (False, "off")):
        with database.write(durable=durable) as connection:
            shown = connection.exec_driver_sql("SHOW synchronous_commit").scalar()
            assert shown == level
    database.close()


def test_readers_see_one_state(address: str) -> None:
    store = Store(address)
    run_id = store.create_run(tiny())
    with store._db.read() as connection:
        count = "SELECT count(*) FROM steps"
        assert connection.exec_driver_sql(count).scalar() == 0
        store.add_events(run_id, [step_done(1)])
        assert connection.exec_driver_sql(count).scalar() == 0
    assert len(store.curve(run_id)) == 1
    store.close()


def test_store_and_worker_outlive_a_restart_of_the_server(
    postgres: Server, address: str, tmp_path: Path
) -> None:
    service = Service(tmp_path, url=address)
    engine = CountingEngine(gate_at=15)
    worker = Worker(tmp_path, "both", url=address, engine=engine, poll=0.02)
    thread = threading.Thread(target=worker.serve)
    thread.start()
    try:
        run_id = service.start(tiny())
        assert engine.reached.wait(10)
        postgres.stop()
        with pytest.raises(StorageError, match=LOST):
            service.run(run_id)
        postgres.start()
        engine.gate.set()
        wait_until(lambda: service.run(run_id).status == "done")
        assert [point.step for point in service.curve(run_id)] == list(range(1, 61))
        question = NextToken(run_id, 60, "once")
        service.ask(question)
        wait_until(lambda: service.ask(question).over)
    finally:
        worker.stop.set()
        engine.gate.set()
        thread.join(20)
        service.close()
    assert not thread.is_alive()


def test_a_server_that_cannot_be_reached(postgres: Server) -> None:
    nowhere = postgres.address("tinylm").replace(f":{postgres.port}/", ":1/")
    assert refused(nowhere) == (
        "The database postgresql://tinylm:***@127.0.0.1:1/tinylm cannot be reached: check that "
        "its server runs, and the address in TINYLM_DATABASE."
    )
    unknown = postgres.address("tinylm").replace("127.0.0.1", "no-such-host.invalid")
    assert "cannot be reached" in refused(unknown)


def test_a_wrong_password_or_user(postgres: Server) -> None:
    wrong = postgres.address("postgres", password="guessed")
    assert "refuses this user or password" in refused(wrong)
    assert "guessed" not in refused(wrong)
    assert "password" not in refused(f"{postgres.address('none')}?password={PASSWORD}").split()
    assert "refuses this user or password" in refused(postgres.address("postgres", user="eve"))


def test_a_database_that_is_not_there(postgres: Server) -> None:
    assert "There is no database" in refused(postgres.address("nothing"))


def test_a_user_without_rights(postgres: Server, address: str) -> None:
    postgres.carry_out(f"CREATE ROLE guest{postgres.port} LOGIN PASSWORD '{PASSWORD}'")
    guest = address.replace("//tinylm:", f"//guest{postgres.port}:")
    assert "may not use the database" in refused(guest)


def test_a_database_without_an_encoding_keeps_text_as_well(postgres: Server) -> None:
    """As initdb makes it where no locale is set. Before, each look ended in a TypeError."""
    store = Store(postgres.new_database("ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"))
    run = store.create_run(tiny(), "Ghana → Accra, Bogotá")
    assert store.run(run).title == "Ghana → Accra, Bogotá"
    store.close()


def test_a_newer_version_and_a_database_of_another_program(postgres: Server, address: str) -> None:
    Store(address).close()
    name = address.rpartition("/")[2]
    postgres.carry_out("UPDATE tinylm_meta SET value = '99'", name)
    assert refused(address).endswith(
        f"version {SCHEMA_VERSION}: use the tinylm that wrote it, or name another database in "
        "TINYLM_DATABASE."
    )
    other = postgres.new_database()
    postgres.carry_out("CREATE TABLE customers (id INTEGER)", other.rpartition("/")[2])
    assert "holds tables of another program (customers)" in refused(other)


@pytest.mark.parametrize("address", ["postgresql://u:as secret@h:port/x", "postgres://u@h/x"])
def test_an_address_that_cannot_be_read(address: str) -> None:
    assert "is not an address that tinylm understands" in refused(address)


def test_the_password_may_lie_in_a_file(
    postgres: Server, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"
    monkeypatch.setenv("TINYLM_DATABASE", f"postgresql://tinylm@{address.partition('@')[2]}")
    monkeypatch.setenv("TINYLM_DATABASE_PASSWORD_FILE", str(secret))
    with pytest.raises(StorageError, match="The password of the database cannot be read"):
        database_url(tmp_path)
    secret.write_text(f"{PASSWORD}\n", encoding="utf-8")
    Service(tmp_path).close()
