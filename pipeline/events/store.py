"""Where events are kept: SQLite, one writer thread, readers from any thread."""

import builtins
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SQLiteConnection
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, func, inspect, make_url, select
from sqlalchemy.event import listens_for
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from pipeline.core.about import StoreStatus
from pipeline.core.event import Event
from pipeline.core.event_query import EventQuery
from pipeline.events.document import of_document
from pipeline.events.query import Page, decode_cursor, encode_cursor, newest_first
from pipeline.events.schema import StoreError, check, events, prepare, store_state
from pipeline.events.writer import Writer

__all__ = ["EventQuery", "EventStore", "Page", "StoreError"]


class EventStore:
    """Events by id, by filter and by change. Reading methods block (a few ms): call them from a worker thread.

    Every stored change of an event has a number, `seq`, that only ever grows, over restarts too. An event's
    `id` and `started_at` must not change.
    """

    def __init__(self, url: str, *, busy_timeout_s: float = 5.0, capacity: int = 4096) -> None:
        """`url` is `sqlite:///path`; raises StoreError for anything else. Nothing is touched before `start`."""
        self._path = _path_of(url)
        self._engine = _engine(self._path, busy_timeout_s)
        self._writer = Writer(self._engine, str(self._path), capacity=capacity)

    def start(self) -> None:
        """Opens the store for reading and writing, makes what is missing; raises StoreError."""
        with _told_as_store_error(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            prepare(self._engine, str(self._path))
        self._writer.start()

    def start_reading(self) -> None:
        """Opens a store that is there already, beside a running system or without one; raises StoreError."""
        if not self._path.is_file():
            raise StoreError(f"{self._path}: no store there; it comes into being with the first run")
        with self._reading() as connection:
            check(connection, inspect(connection).get_table_names(), str(self._path))

    def close(self, within_s: float | None = None) -> None:
        """Commits what was saved, then lets go of the files; idempotent.

        With `within_s` it gives a database that is locked or slow no longer than that; what is lost is logged.
        """
        self._writer.close(within_s)
        self._engine.dispose()

    def save(self, event: Event) -> Future[int]:
        """Hands over the event as it is now; the future gets the change's `seq` once it is committed.

        Never waits and never raises: the future fails with StoreError where the change could not be stored.
        Changes are committed in the order of the calls; cancelling one has no effect. On an event loop await it
        with `asyncio.wrap_future`.
        """
        return self._writer.put(event)

    @property
    def failed(self) -> int:
        """Changes that could not be stored since the start."""
        return self._writer.failed

    def get(self, event_id: str) -> Event | None:
        with self._reading() as connection:
            document = connection.scalar(select(events.c.document).where(events.c.id == event_id))
        return None if document is None else of_document(document)

    def list(self, query: EventQuery | None = None, *, limit: int = 50, cursor: str | None = None) -> Page[Event]:
        """Newest first; `cursor` is an earlier page's `next_cursor`. Raises CursorError for any other."""
        behind = None if cursor is None else decode_cursor(cursor)
        with self._reading() as connection:
            rows = connection.execute(newest_first(query or EventQuery(), limit + 1, behind)).all()
        page = rows[:limit]
        more = encode_cursor((page[-1].started_at, page[-1].id)) if len(rows) > limit else None
        return Page([of_document(row.document) for row in page], more)

    def since(self, seq: int, limit: int = 100) -> builtins.list[tuple[int, Event]]:
        """The latest state of every event that changed after change `seq`, in the order of those changes.

        Changes that later ones of the same event made out of date are left out. Go on from the last `seq`.
        """
        changed = select(events.c.seq, events.c.document).where(events.c.seq > seq).order_by(events.c.seq).limit(limit)
        with self._reading() as connection:
            return [(row.seq, of_document(row.document)) for row in connection.execute(changed)]

    def unfinished(self) -> builtins.list[Event]:
        """Events without an end: what goes on now or, before anything was saved, what an earlier run left behind."""
        with self._reading() as connection:
            documents = connection.scalars(select(events.c.document).where(events.c.ended_at.is_(None)))
            return [of_document(document) for document in documents]

    def last_seq(self) -> int:
        """The number of the last change; 0 when nothing was ever stored."""
        with self._reading() as connection:
            return int(connection.execute(select(store_state.c.last_seq)).scalar_one())

    def status(self) -> StoreStatus:
        with self._reading() as connection:
            version = int(connection.execute(select(store_state.c.schema_version)).scalar_one())
            count = int(connection.execute(select(func.count()).select_from(events)).scalar_one())
        files = [self._path.with_name(self._path.name + ending) for ending in ("", "-wal", "-shm")]
        return StoreStatus(version, count, sum(file.stat().st_size for file in files if file.exists()))

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with _told_as_store_error(self._path), self._engine.connect() as connection:
            yield connection


def _path_of(url: str) -> Path:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError("store.url: got something that is no URL, wanted sqlite:///path/to/file") from error
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        raise StoreError(f"store.url: got {parsed.render_as_string()}, wanted sqlite:///path/to/file")
    return Path(str(parsed.database))


def _engine(path: Path, busy_timeout_s: float) -> Engine:
    engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": busy_timeout_s})

    @listens_for(engine, "connect")
    def set_up(connection: SQLiteConnection, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # what was acknowledged survives a power cut
        connection.execute("PRAGMA foreign_keys = ON")

    return engine


@contextmanager
def _told_as_store_error(path: Path) -> Iterator[None]:
    try:
        yield
    except StoreError:
        raise
    except DBAPIError as error:
        raise StoreError(f"{path}: {error.orig}") from error
    except (SQLAlchemyError, OSError) as error:
        raise StoreError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
