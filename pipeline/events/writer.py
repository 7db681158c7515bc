"""The one thread that writes to the store."""

import logging
from collections.abc import Collection, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Full, Queue
from threading import RLock, Thread
from typing import Any

from sqlalchemy import Connection, Engine, Table, bindparam, delete, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import OperationalError

from pipeline.core.attributes import as_text
from pipeline.core.event import Event
from pipeline.events.document import to_document
from pipeline.events.schema import StoreError, event_attributes, event_zones, events, store_state

log = logging.getLogger(__name__)

BATCH = 256


@dataclass(frozen=True, slots=True)
class Change:
    """An event as it was when it was handed over; `done` gets the change's number once it is committed."""

    row: dict[str, Any]
    zones: set[str]
    attributes: dict[str, str]
    done: Future[int]


def _row(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "started_at": event.started_at,
        "ended_at": event.ended_at,
        "camera": event.camera,
        "type": event.type,
        "severity": event.severity,
        "label": event.label,
        "object_id": event.object_id,
        "document": to_document(event),
    }


class Writer:
    """Commits changes in the order they were put, as many as wait in one transaction.

    A database that fails or is locked costs the changes of that moment (their futures say so, `failed`
    counts them, the log tells once until it works again), never the thread.
    """

    def __init__(self, engine: Engine, place: str, *, capacity: int) -> None:
        self.failed = 0
        self._engine = engine
        self._place = place
        self._queue: Queue[Change | None] = Queue(capacity)
        self._thread = Thread(target=self._run, name="store-writer", daemon=True)
        self._lock = RLock()
        self._open = False
        self._failing = False

    def start(self) -> None:
        self._open = True
        self._thread.start()

    def put(self, event: Event) -> Future[int]:
        """Never waits and never raises: where there is no room the future fails."""
        done: Future[int] = Future()
        done.set_running_or_notify_cancel()  # from here on nobody can take it back
        with self._lock:
            try:
                self._put(event, done)
            except StoreError as error:
                self._fail([done], error)
            except ValueError as error:
                self._fail([done], StoreError(f"{self._place}: {error}"))
        return done

    def _put(self, event: Event, done: Future[int]) -> None:
        if not self._open:
            raise StoreError(f"{self._place}: not open for writing")
        zones = {*event.zones, event.zone} if event.zone else {*event.zones}
        attributes = {name: text for name, value in event.attributes.items() if (text := as_text(value)) is not None}
        try:
            self._queue.put_nowait(Change(_row(event), zones, attributes, done))
        except Full:
            raise StoreError(f"{self._place}: too slow, {self._queue.maxsize} changes wait already") from None

    def close(self, within_s: float | None = None) -> None:
        """Returns when everything that was put is committed or has failed, or so much time has passed; idempotent."""
        with self._lock:
            was_open, self._open = self._open, False
        if not was_open:
            return
        with suppress(Full):
            self._queue.put(None, timeout=within_s)
            self._thread.join(within_s)
        if self._thread.is_alive():
            log.error("%s: closed while the database was busy; the last changes may not be stored", self._place)

    def _run(self) -> None:
        while batch := self._next_batch():
            self._commit(batch)

    def _next_batch(self) -> list[Change]:
        """What waits now, at least one change; empty means that the store closes."""
        first = self._queue.get()
        batch = [] if first is None else [first]
        while batch and len(batch) < BATCH:
            try:
                change = self._queue.get_nowait()
            except Empty:
                break
            if change is None:
                self._queue.put(None)  # there is room: nothing is put after the end mark
                break
            batch.append(change)
        return batch

    def _commit(self, batch: Sequence[Change]) -> None:
        try:
            with self._engine.begin() as connection:
                first_seq = _write(connection, batch)
        except OperationalError as error:  # the database, not a change: locked, full, gone
            self._fail(_futures(batch), StoreError(f"{self._place}: {error.orig}"))
        except Exception as error:
            self._commit_singly(batch, error)
        else:
            self._succeed(batch, first_seq)

    def _commit_singly(self, batch: Sequence[Change], error: Exception) -> None:
        """One change that cannot be stored must not take those beside it along."""
        if len(batch) == 1:
            self._fail(_futures(batch), StoreError(f"{self._place}: {error}"))
            return
        for change in batch:
            self._commit([change])

    def _succeed(self, batch: Sequence[Change], first_seq: int) -> None:
        with self._lock:
            if self._failing:
                log.warning("%s: events are stored again; %d changes were lost so far", self._place, self.failed)
                self._failing = False
        for seq, change in enumerate(batch, first_seq):
            change.done.set_result(seq)

    def _fail(self, futures: Sequence[Future[int]], error: Exception) -> None:
        with self._lock:
            self.failed += len(futures)
            if not self._failing:
                log.error("events are not stored: %s", error)
                self._failing = True
        for done in futures:
            done.set_exception(error)


def _futures(batch: Sequence[Change]) -> list[Future[int]]:
    return [change.done for change in batch]


def _replacing(table: Table) -> Any:
    """An insert that changes the row where there is one; never REPLACE, which would drop what refers to it."""
    statement = insert(table)
    changed = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    return statement.on_conflict_do_update(index_elements=[table.c.id], set_=changed)


# Made once: making a statement costs more than carrying it out.
_COUNTED = (
    update(store_state).values(last_seq=store_state.c.last_seq + bindparam("more")).returning(store_state.c.last_seq)
)
_EVENTS = _replacing(events)
_ZONES = insert(event_zones).on_conflict_do_nothing()
_NO_ATTRIBUTES = delete(event_attributes).where(event_attributes.c.event_id == bindparam("id"))
_ATTRIBUTES = insert(event_attributes)


def _write(connection: Connection, batch: Sequence[Change]) -> int:
    """Returns the first change's number. The first statement writes, so that no read lock has to be raised."""
    last_seq = connection.execute(_COUNTED, {"more": len(batch)}).scalar_one()
    first_seq = int(last_seq) - len(batch) + 1
    latest = {change.row["id"]: change.row | {"seq": seq} for seq, change in enumerate(batch, first_seq)}
    connection.execute(_EVENTS, list(latest.values()))
    zones = [
        {"zone": zone, "started_at": change.row["started_at"], "event_id": change.row["id"]}
        for change in batch
        for zone in change.zones
    ]
    if zones:
        connection.execute(_ZONES, zones)
    _write_attributes(connection, {change.row["id"]: change for change in batch}.values())
    return first_seq


def _write_attributes(connection: Connection, changes: Collection[Change]) -> None:
    """A car that was taken for a red one is found as what it is now."""
    connection.execute(_NO_ATTRIBUTES, [{"id": change.row["id"]} for change in changes])
    rows = [
        {"name": name, "value": value, "started_at": change.row["started_at"], "event_id": change.row["id"]}
        for change in changes
        for name, value in change.attributes.items()
    ]
    if rows:
        connection.execute(_ATTRIBUTES, rows)
