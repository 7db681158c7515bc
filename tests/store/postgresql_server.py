"""A PostgreSQL server of the tests' own, on loopback, as a user without rights."""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

PASSWORD = "a sécret/of @ll"
"""With all that a URL has to write otherwise."""
_FAST = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "shared_buffers=32MB", "-c", "max_connections=60")
_PR_SET_PDEATHSIG = 1


def programs() -> Path | None:
    """The folder of the newest installed version's programs."""
    folders = [*Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if folders:
        return max(folders, key=lambda path: int(path.parts[-3])).parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


class PostgreSQLServer:
    """`start` may follow `stop`: it has the same address and data then. Started on the main thread."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._user = "postgres" if os.getuid() == 0 else None  # it runs for nobody who may do anything
        self.folder = Path(tempfile.mkdtemp(prefix="framewatch-postgresql-"))
        self.port = _free_port()
        self._schemas = 0
        (self.folder / "password").write_text(PASSWORD)
        for path in (self.folder, self.folder / "password"):
            if self._user:
                shutil.chown(path, self._user)
        pwfile = f"--pwfile={self.folder / 'password'}"
        self._make("--username=me", "--auth=scram-sha-256", pwfile, "--encoding=UTF8", "--no-sync")

    def start(self) -> None:
        place = ("-p", str(self.port), "-k", str(self.folder), "-c", "listen_addresses=127.0.0.1")
        command = [str(self._programs / "postgres"), "-D", str(self.folder / "data"), *place, *_FAST]
        with (self.folder / "log").open("a") as log:
            self._process = subprocess.Popen(
                command, cwd=self.folder, user=self._user, stdout=log, stderr=log, preexec_fn=_end_with_the_tests
            )
        until = time.monotonic() + 60
        while not self._answers():
            assert self._process.poll() is None and time.monotonic() < until, (self.folder / "log").read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        """As a crash would: nothing is said to clients."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(60)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def _answers(self) -> bool:
        import psycopg

        try:
            self.sql("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def url(self, *, password: str = PASSWORD, schema: str = "public", port: int | None = None) -> str:
        credentials = f"me:{quote(password, safe='')}"
        options = quote(f"-csearch_path={schema}", safe="")
        return f"postgresql+psycopg://{credentials}@127.0.0.1:{port or self.port}/postgres?options={options}"

    def new_store(self) -> str:
        """The URL of a schema of its own: as good as an empty database, and quicker."""
        self._schemas += 1
        self.sql(f"CREATE SCHEMA store_{self._schemas}")
        return self.url(schema=f"store_{self._schemas}")

    def sql(self, statement: str, schema: str = "public") -> None:
        import psycopg

        with psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="me",
            password=PASSWORD,
            dbname="postgres",
            options=f"-csearch_path={schema}",
            autocommit=True,
        ) as connection:
            connection.execute(statement.encode())

    def _make(self, *arguments: str) -> None:
        command = [str(self._programs / "initdb"), "-D", str(self.folder / "data"), *arguments]
        done = subprocess.run(
            command, cwd=self.folder, user=self._user, capture_output=True, text=True, timeout=90, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def _end_with_the_tests() -> None:
    """However they end: Linux tells it when the thread that started it does."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
