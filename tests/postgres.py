"""A PostgreSQL server of our own for tests, in a temporary folder, from Debian's package."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

PASSWORD = "as secret as it gets"
REQUIRED = "TINYLM_REQUIRE_POSTGRES"


def programs() -> Path | None:
    """The folder with initdb and postgres; None where they are not installed."""
    found = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return Path(found).resolve().parent if found else debian[-1].parent if debian else None


class Server:
    """A running server, which a test may stop and start again."""

    def __init__(self, programs: Path, folder: Path, user: str | None) -> None:
        self._programs, self._folder, self._user = programs, folder, user
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    @property
    def pid(self) -> int:
        return int((self._folder / "data" / "postmaster.pid").read_text().split()[0])

    def make(self, fsync: bool) -> None:
        secret = self._folder / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        os.chmod(secret, 0o644)
        self._do("initdb", "-D", "data", "-U", "tinylm", "-A", "scram-sha-256")
        with (self._folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(
                f"port = {self.port}\nlisten_addresses = '127.0.0.1'\n"
                f"unix_socket_directories = ''\nmax_connections = 60\n"
                f"fsync = {'on' if fsync else 'off'}\n"
            )

    def start(self) -> None:
        self._do("pg_ctl", "-D", "data", "-l", "log", "-w", "start")

    def stop(self) -> None:
        self._do("pg_ctl", "-D", "data", "-m", "fast", "-w", "stop")

    def address(self, database: str, *, user: str = "tinylm", password: str = PASSWORD) -> str:
        secret = password.replace(" ", "%20")
        return f"postgresql://{user}:{secret}@127.0.0.1:{self.port}/{database}"

    def carry_out(self, statement: str, database: str = "postgres") -> None:
        """Carry out one statement outside of a transaction."""
        import psycopg

        with psycopg.connect(self.address(database), autocommit=True) as connection:
            connection.execute(statement)

    def new_database(self, settings: str = "") -> str:
        """The address of a new and empty database, with further settings in SQL."""
        name = f"tinylm_{secrets.token_hex(4)}"
        self.carry_out(f"CREATE DATABASE {name} TEMPLATE template0 {settings}")
        return self.address(name)

    def _do(self, program: str, *arguments: str) -> None:
        extra: Sequence[str] = ()
        if program == "initdb":
            extra = ("--pwfile=password", "--no-sync", "--no-instructions", "--locale=C.UTF-8")
        done = subprocess.run(
            [str(self._programs / program), *arguments, *extra],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # a pipe would stay open in the server
            stderr=subprocess.STDOUT,
            timeout=60,
            user=self._user,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )
        assert done.returncode == 0, f"{program} failed in {self._folder}"


@contextmanager
def running_server(fsync: bool = False) -> Iterator[Server]:
    """Start a server; where none is installed, the test is skipped, or fails if one is required.

    Tests need no `fsync`: their databases need not outlive a loss of power.
    """
    found = programs()
    if found is None:
        assert not os.environ.get(REQUIRED), "PostgreSQL is required, but not installed"
        pytest.skip("PostgreSQL is not installed")
    root = os.name == "posix" and os.geteuid() == 0
    user = "nobody" if root else None  # PostgreSQL refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="tinylm-postgresql-"))
    try:
        if user is not None:
            shutil.chown(folder, user)
        server = Server(found, folder, user)
        server.make(fsync)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
