"""The databases that a store can be in."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, Table, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from pipeline.events.postgresql import PostgreSQL
from pipeline.events.schema import StoreError
from pipeline.events.sqlite import SQLite

_WANTED = "wanted sqlite:///path/to/file or postgresql+psycopg://user:password@host/database"


class Database(Protocol):
    @property
    def engine(self) -> Engine: ...

    @property
    def place(self) -> str:
        """Where it is, for people; without what is secret."""
        ...

    def make_room(self) -> None:
        """What has to be there before it can be opened; raises OSError."""
        ...

    def is_there(self) -> bool:
        """False where looking into it would make it."""
        ...

    def lock(self, connection: Connection) -> None:
        """Begins a transaction that waits for whoever else has done this."""
        ...

    def read_in_order(self, connection: Connection) -> None:
        """What follows in this transaction is read along the index that has its order, row by row."""
        ...

    def size_bytes(self, connection: Connection) -> int: ...

    def is_away(self, error: DBAPIError) -> bool:
        """Whether this says that the database itself cannot be reached now, and may be later."""
        ...


def database_of(url: str, busy_timeout_s: float) -> Database:
    """Touches nothing; raises StoreError for what is none of them, without the password."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError(f"store.url: got something that is no URL, {_WANTED}") from None
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return SQLite(str(parsed.database), busy_timeout_s)
    if parsed.drivername == "postgresql+psycopg" and parsed.database:
        return PostgreSQL(parsed)
    raise StoreError(f"store.url: got {parsed.set(query={}).render_as_string()}, {_WANTED}")


def insert_into(table: Table, dialect: str) -> Any:
    """An insert that can say what becomes of rows that are there already: each database has its own."""
    return {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[dialect](table)


def reason_of(error: DBAPIError) -> str:
    """In one line."""
    return " ".join(str(error.orig).split())


@contextmanager
def told_as_store_error(place: str) -> Iterator[None]:
    try:
        yield
    except StoreError:
        raise
    except DBAPIError as error:
        raise StoreError(f"{place}: {reason_of(error)}") from error
    except (SQLAlchemyError, OSError) as error:
        raise StoreError(f"{place}: {getattr(error, 'strerror', None) or error}") from error
