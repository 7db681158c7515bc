"""The one thread that writes to the store."""

import logging
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from queue import Empty, Full, Queue
from threading import RLock, Thread
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Table, bindparam, delete
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from pipeline.core.attributes import as_text
from pipeline.core.event import Event
from pipeline.events.document import to_document
from pipeline.events.edits import counted_on
from pipeline.events.schema import StoreError, event_attributes, event_rules, event_zones, events

log = logging.getLogger(__name__)

T = TypeVar("T")
BATCH = 256


@dataclass(frozen=True, slots=True)
class Change:
    """An event as it was when it was handed over; `done` gets the change's number once it is committed."""

    row: dict[str, Any]
    zones: set[str]
    rules: set[str]
    attributes: dict[str, str]
    along: Callable[[Connection], None] | None
    done: Future[int]


@dataclass(frozen=True, slots=True)
class Edit:
    """Something else that is to be done in a transaction of its own; `done` gets what it returns."""

    write: Callable[[Connection], Any]
    done: Future[Any]


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
        self._queue: Queue[Change | Edit | None] = Queue(capacity)
        self._thread = Thread(target=self._run, name="store-writer", daemon=True)
        self._lock = RLock()
        self._open = False
        self._failing = False

    def start(self) -> None:
        self._open = True
        self._thread.start()

    def put(self, event: Event, along: Callable[[Connection], None] | None = None) -> Future[int]:
        """Never waits and never raises: where there is no room the future fails."""
        done: Future[int] = Future()
        done.set_running_or_notify_cancel()  # from here on nobody can take it back
        with self._lock:
            try:
                self._put(event, along, done)
            except StoreError as error:
                self._fail([done], error)
            except ValueError as error:
                self._fail([done], StoreError(f"{self._place}: {error}"))
        return done

    def edit(self, write: Callable[[Connection], T]) -> Future[T]:
        """Carried out in the order of the calls, those of `put` too. Never waits and never raises."""
        done: Future[T] = Future()
        done.set_running_or_notify_cancel()
        with self._lock:
            try:
                self._enqueue(Edit(write, done))
            except StoreError as error:
                done.set_exception(error)
        return done

    def _put(self, event: Event, along: Callable[[Connection], None] | None, done: Future[int]) -> None:
        zones = {*event.zones, event.zone} if event.zone else {*event.zones}
        attributes = {name: text for name, value in event.attributes.items() if (text := as_text(value)) is not None}
        self._enqueue(Change(_row(event), zones, {*event.rules}, attributes, along, done))

    def _enqueue(self, work: Change | Edit) -> None:
        if not self._open:
            raise StoreError(f"{self._place}: not open for writing")
        try:
            self._queue.put_nowait(work)
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
            for is_edit, run in groupby(batch, key=lambda work: isinstance(work, Edit)):
                self._work([*run], is_edit)

    def _work(self, run: list[Any], is_edit: bool) -> None:
        """Changes in one transaction, each edit in its own."""
        if not is_edit:
            self._commit(run)
            return
        for edit in run:
            self._carry_out(edit)

    def _next_batch(self) -> list[Change | Edit]:
        """What waits now, at least one; empty means that the store closes."""
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

    def _carry_out(self, edit: Edit) -> None:
        try:
            with self._engine.begin() as connection:
                result = edit.write(connection)
        except SQLAlchemyError as error:
            edit.done.set_exception(StoreError(f"{self._place}: {getattr(error, 'orig', None) or error}"))
        except Exception as error:
            edit.done.set_exception(error)
        else:
            edit.done.set_result(result)

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
    """An insert that changes the row where there is one, but for what is written otherwise.

    Never REPLACE, which would drop what refers to it.
    """
    statement = insert(table)
    kept = {column.name for column in table.columns if column.primary_key or column.server_default is not None}
    changed = {name: statement.excluded[name] for name in table.columns.keys() if name not in kept}  # noqa: SIM118
    return statement.on_conflict_do_update(index_elements=[table.c.id], set_=changed)


# Made once: making a statement costs more than carrying it out.
_EVENTS = _replacing(events)
_ZONES = insert(event_zones).on_conflict_do_nothing()
_RULES = insert(event_rules).on_conflict_do_nothing()
_NO_ATTRIBUTES = delete(event_attributes).where(event_attributes.c.event_id == bindparam("id"))
_ATTRIBUTES = insert(event_attributes)


def _write(connection: Connection, batch: Sequence[Change]) -> int:
    """Returns the first change's number. The first statement writes, so that no read lock has to be raised."""
    first_seq = counted_on(connection, len(batch))
    latest = {change.row["id"]: change.row | {"seq": seq} for seq, change in enumerate(batch, first_seq)}
    connection.execute(_EVENTS, list(latest.values()))
    zones = [{"zone": zone, **_key(change)} for change in batch for zone in change.zones]
    if zones:
        connection.execute(_ZONES, zones)
    rules = [{"rule": rule, **_key(change)} for change in batch for rule in change.rules]
    if rules:
        connection.execute(_RULES, rules)
    _write_attributes(connection, {change.row["id"]: change for change in batch}.values())
    for change in batch:
        if change.along is not None:
            change.along(connection)
    return first_seq


def _key(change: Change) -> dict[str, Any]:
    return {"started_at": change.row["started_at"], "event_id": change.row["id"]}


def _write_attributes(connection: Connection, changes: Collection[Change]) -> None:
    """A car that was taken for a red one is found as what it is now."""
    connection.execute(_NO_ATTRIBUTES, [{"id": change.row["id"]} for change in changes])
    rows = [
        {"name": name, "value": value, **_key(change)}
        for change in changes
        for name, value in change.attributes.items()
    ]
    if rows:
        connection.execute(_ATTRIBUTES, rows)
