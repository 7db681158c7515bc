"""The store as a file: one program writes, others may read."""

from pathlib import Path
from sqlite3 import Connection as SQLiteConnection
from typing import Any

from sqlalchemy import URL, Connection, create_engine
from sqlalchemy.event import listens_for
from sqlalchemy.exc import DBAPIError


class SQLite:
    def __init__(self, path: str, busy_timeout_s: float) -> None:
        self.place = path
        self._path = Path(path)
        self.engine = create_engine(URL.create("sqlite", database=path), connect_args={"timeout": busy_timeout_s})

        @listens_for(self.engine, "connect")
        def set_up(connection: SQLiteConnection, _record: Any) -> None:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")  # what was acknowledged survives a power cut
            connection.execute("PRAGMA foreign_keys = ON")

    def make_room(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)

    def is_there(self) -> bool:
        return self._path.is_file()

    def lock(self, connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def read_in_order(self, connection: Connection) -> None:
        """It does by itself."""

    def size_bytes(self, _connection: Connection) -> int:
        """With its journal."""
        files = [self._path.with_name(self._path.name + ending) for ending in ("", "-wal", "-shm")]
        return sum(file.stat().st_size for file in files if file.exists())

    def is_away(self, error: DBAPIError) -> bool:
        return False
