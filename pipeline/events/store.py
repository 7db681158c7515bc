"""Where events are kept: one writer thread, readers from any thread."""

import builtins
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, func, null, select, union_all

from pipeline.core.about import StoreStatus
from pipeline.core.event import Deleted, Event
from pipeline.core.event_edit import EditOutcome
from pipeline.core.event_path import PathPoint
from pipeline.core.event_query import EventQuery
from pipeline.core.overview import CameraOverview, EventChoices
from pipeline.events.choices import choices
from pipeline.events.database import database_of, told_as_store_error
from pipeline.events.document import of_document
from pipeline.events.edits import mark, mark_swept, remove
from pipeline.events.filters import leading
from pipeline.events.migration import check, prepare, version
from pipeline.events.overview import overview
from pipeline.events.paths import read_path
from pipeline.events.query import Page, decode_cursor, encode_cursor, going_on, how_many, newest_first
from pipeline.events.recordings import Recordings
from pipeline.events.schema import StoreError, deleted_events, events, store_state
from pipeline.events.writer import Writer

__all__ = ["EventQuery", "EventStore", "Page", "StoreError"]

T = TypeVar("T")


class EventStore:
    """Events by id, by filter and by change. Reading methods block (a few ms): call them from a worker thread.

    Every stored change of an event has a number, `seq`, that only ever grows, over restarts too. An event's
    `id` and `started_at` must not change.
    """

    def __init__(self, url: str, *, busy_timeout_s: float = 5.0, capacity: int = 4096) -> None:
        """`url` is `sqlite:///path` or `postgresql+psycopg://…`; raises StoreError for anything else.

        Nothing is touched before `start`. `busy_timeout_s` is SQLite's.
        """
        self._database = database_of(url, busy_timeout_s)
        self.engine = self._database.engine
        self._writer = Writer(self._database, capacity=capacity)
        self.recordings = Recordings(self._reading, self._writer.edit)

    def start(self) -> None:
        """Opens the store for reading and writing, makes what is missing; raises StoreError."""
        with self._opening():
            self._database.make_room()
            prepare(self.engine, self._database.place, self._database.lock)
        self._writer.start()

    def start_reading(self) -> None:
        """Opens a store that is there already, beside a running system or without one; raises StoreError."""
        with self._opening():
            if not self._database.is_there():
                raise StoreError(f"{self._database.place}: no store there; it comes into being with the first run")
            with self.engine.connect() as connection:
                check(connection, self._database.place)

    def close(self, within_s: float | None = None) -> None:
        """Commits what was saved, then lets go of the files; idempotent.

        With `within_s` it gives a database that is locked or slow no longer than that; what is lost is logged.
        """
        self._writer.close(within_s)
        self.engine.dispose()

    def save(self, event: Event, along: Callable[[Connection], None] | None = None) -> Future[int]:
        """Hands over the event as it is now; the future gets the change's `seq` once it is committed.

        `along` writes what belongs to the change, in the same transaction: both are stored or neither is.

        Never waits and never raises: the future fails with StoreError where the change could not be stored.
        Changes are committed in the order of the calls; cancelling one has no effect. Those of a server that is
        away wait for half a minute, as many as there is room for. On an event loop await it with `asyncio.wrap_future`.
        """
        return self._writer.put(event, along)

    def edit(self, write: Callable[[Connection], T]) -> Future[T]:
        """Carries something out in a transaction of its own; as `save`."""
        return self._writer.edit(write)

    def ask(self, question: Callable[[Connection], T]) -> T:
        """What `question` reads; raises StoreError."""
        with self._reading() as connection:
            return question(connection)

    def review(self, ids: Sequence[str], reviewed: bool) -> Future[EditOutcome]:
        """Marks events as seen to, or not; as `save`."""
        return self.edit(lambda connection: mark(connection, ids, "reviewed", reviewed))

    def pin(self, ids: Sequence[str], pinned: bool) -> Future[EditOutcome]:
        """Marks events as to be kept, or not; as `save`."""
        return self.edit(lambda connection: mark(connection, ids, "pinned", pinned))

    def remove(self, ids: Sequence[str]) -> Future[EditOutcome]:
        """Deletes events that have ended; as `save`. Their pictures are the caller's: see `unswept`."""
        return self.edit(lambda connection: remove(connection, ids))

    def path(self, event_id: str) -> builtins.list[PathPoint]:
        """Where the object went whose event this is; empty where that is not known."""
        return self.ask(lambda connection: read_path(connection, event_id))

    def unswept(self) -> builtins.list[str]:
        """The ids of deleted events whose pictures may still be there."""
        with self._reading() as connection:
            return [*connection.scalars(select(deleted_events.c.id).where(deleted_events.c.swept == 0))]

    def swept(self, ids: Sequence[str]) -> Future[None]:
        return self._writer.edit(lambda connection: mark_swept(connection, ids))

    @property
    def failed(self) -> int:
        """Changes that could not be stored since the start."""
        return self._writer.failed

    @property
    def trouble(self) -> str:
        """Why events are not stored at the moment; empty where they are."""
        return self._writer.trouble

    def get(self, event_id: str) -> Event | None:
        with self._reading() as connection:
            row = connection.execute(
                select(events.c.document, events.c.reviewed, events.c.pinned).where(events.c.id == event_id)
            ).first()
        return None if row is None else _event(row)

    def known(self, ids: Sequence[str]) -> set[str]:
        """Those of them that there is an event of."""
        return self.ask(lambda connection: set(connection.scalars(select(events.c.id).where(events.c.id.in_(ids)))))

    def list(self, query: EventQuery | None = None, *, limit: int = 50, cursor: str | None = None) -> Page[Event]:
        """Newest first; `cursor` is an earlier page's `next_cursor`. Raises CursorError for any other."""
        query = query or EventQuery()
        behind = None if cursor is None else decode_cursor(cursor)
        with self._reading() as connection:
            along = leading(connection, query, None if behind is None else behind[0])
            if along is not None:
                self._database.read_in_order(connection)
            rows = connection.execute(newest_first(query, limit + 1, behind, along)).all()
        page = rows[:limit]
        more = encode_cursor((page[-1].started_at, page[-1].id)) if len(rows) > limit else None
        return Page([_event(row) for row in page], more)

    def count(self, query: EventQuery) -> int:
        with self._reading() as connection:
            return int(connection.execute(how_many(query)).scalar_one())

    def overview(
        self, query: EventQuery, *, after: float, before: float, step_s: float
    ) -> builtins.list[CameraOverview]:
        """What of `query` went on between two times (UTC seconds), as coarse as `step_s`; cameras by their names."""
        with self._reading() as connection:
            return overview(connection.execute(going_on(query, after, before)), step_s)

    def choices(self) -> EventChoices:
        with self._reading() as connection:
            return choices(connection)

    def since(self, seq: int, limit: int = 100) -> builtins.list[tuple[int, Event | Deleted]]:
        """The latest state of every event that changed after change `seq`, in the order of those changes.

        Changes that later ones of the same event made out of date are left out. Go on from the last `seq`.
        """
        state = events.c.document, events.c.reviewed, events.c.pinned
        changed = select(events.c.seq, events.c.id, *state).where(events.c.seq > seq)
        gone = select(deleted_events.c.seq, deleted_events.c.id, null(), null(), null())
        gone = gone.where(deleted_events.c.seq > seq)
        either = union_all(changed, gone).order_by("seq").limit(limit)
        with self._reading() as connection:
            return [
                (row.seq, Deleted(row.id) if row.document is None else _event(row))
                for row in connection.execute(either)
            ]

    def unfinished(self) -> builtins.list[Event]:
        """Events without an end: what goes on now or, before anything was saved, what an earlier run left behind."""
        with self._reading() as connection:
            documents = connection.scalars(select(events.c.document).where(events.c.ended_at.is_(None)))
            return [of_document(document) for document in documents]

    def awaiting_clips(self) -> builtins.list[Event]:
        """Ended events of which nobody knows yet whether they have a clip."""
        waits = (events.c.clip == "pending") & events.c.ended_at.is_not(None)
        with self._reading() as connection:
            return [of_document(document) for document in connection.scalars(select(events.c.document).where(waits))]

    def last_seq(self) -> int:
        """The number of the last change; 0 when nothing was ever stored."""
        with self._reading() as connection:
            return int(connection.execute(select(store_state.c.last_seq)).scalar_one())

    def status(self) -> StoreStatus:
        with self._reading() as connection:
            schema_version = version(connection)
            count = int(connection.execute(select(func.count()).select_from(events)).scalar_one())
            size = self._database.size_bytes(connection)
        return StoreStatus(schema_version, count, size)

    @contextmanager
    def _opening(self) -> Iterator[None]:
        try:
            with told_as_store_error(self._database.place):
                yield
        except StoreError:
            self.engine.dispose()
            raise

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with told_as_store_error(self._database.place), self.engine.connect() as connection:
            yield connection


def _event(row: Any) -> Event:
    event = of_document(row.document)
    event.reviewed, event.pinned = bool(row.reviewed), bool(row.pinned)
    return event
