"""The one thread that writes to the store."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from queue import Empty, Full, Queue
from threading import Event as Flag
from threading import RLock, Thread
from time import monotonic
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from pipeline.core.event import Event
from pipeline.store.changes import Change, change_of, write
from pipeline.store.database import Database, reason_of
from pipeline.store.schema import StoreError

T = TypeVar("T")
log = logging.getLogger(__name__)

BATCH = 256
FIRST_WAIT_S, LONGEST_WAIT_S = 0.1, 5.0
"""Until a database that is away is tried again; doubling from the first to the longest."""
PATIENCE_S = 30.0
"""Changes wait no longer for it: alerts may hang on them."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Something else that is to be done in a transaction of its own; `done` gets what it returns."""

    write: Callable[[Connection], Any]
    done: Future[Any]


class Writer:
    """Commits changes in the order they were put, as many as wait in one transaction.

    A database that fails or is locked costs the changes of that moment (their futures say so, `failed`
    counts them, the log tells once until it works again), never the thread. For a server that is away changes wait
    for `PATIENCE_S`, as long as there is room; edits, which somebody waits for, are refused.
    """

    def __init__(self, database: Database, *, capacity: int) -> None:
        self.failed = 0
        self.trouble = ""
        """Why the database takes nothing at the moment; empty where it does."""
        self._database = database
        self._engine = database.engine
        self._place = database.place
        self._queue: Queue[Change | Edit | None] = Queue(capacity)
        self._thread = Thread(target=self._run, name="store-writer", daemon=True)
        self._lock = RLock()
        self._open = False
        self._closing = Flag()
        self._failing = False
        self._away_since: float | None = None

    def start(self) -> None:
        self._open = True
        self._thread.start()

    def put(self, event: Event, along: Callable[[Connection], None] | None = None) -> Future[int]:
        """Never waits and never raises: where there is no room the future fails."""
        done: Future[int] = Future()
        done.set_running_or_notify_cancel()  # from here on nobody can take it back
        with self._lock:
            try:
                self._enqueue(change_of(event, along, done))
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
                if self._away_since is not None:
                    raise StoreError(self.trouble)
                self._enqueue(Edit(write, done))
            except StoreError as error:
                done.set_exception(error)
        return done

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
        self._closing.set()
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
        except DBAPIError as error:
            edit.done.set_exception(self._error(error))
        except SQLAlchemyError as error:
            edit.done.set_exception(StoreError(f"{self._place}: {error}"))
        except Exception as error:
            edit.done.set_exception(error)
        else:
            edit.done.set_result(result)

    def _commit(self, batch: Sequence[Change]) -> None:
        wait_s = FIRST_WAIT_S
        while self._is_to_be_tried_again(batch):
            self._closing.wait(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    def _is_to_be_tried_again(self, batch: Sequence[Change]) -> bool:
        """False once it is known what became of it."""
        try:
            with self._engine.begin() as connection:
                first_seq = write(connection, batch)
        except DBAPIError as error:
            is_away = self._database.is_away(error)
            if is_away and self._is_waited_for(self._error(error)):
                return True
            if is_away or isinstance(error, OperationalError):  # the database, not a change: locked, full, gone
                self.trouble = str(self._error(error))
                self._fail(_futures(batch), self._error(error))
            else:
                self._commit_singly(batch, error)
        except Exception as error:
            self._commit_singly(batch, error)
        else:
            self._succeed(batch, first_seq)
        return False

    def _error(self, error: DBAPIError) -> StoreError:
        return StoreError(f"{self._place}: {reason_of(error)}")

    def _is_waited_for(self, error: StoreError) -> bool:
        with self._lock:
            if self._away_since is None:
                log.error("events wait to be stored: %s", error)
                self._away_since = monotonic()
            self.trouble = str(error)
            return monotonic() - self._away_since < PATIENCE_S and not self._closing.is_set()

    def _commit_singly(self, batch: Sequence[Change], error: Exception) -> None:
        """One change that cannot be stored must not take those beside it along."""
        if len(batch) == 1:
            self._fail(_futures(batch), StoreError(f"{self._place}: {error}"))
            return
        for change in batch:
            self._commit([change])

    def _succeed(self, batch: Sequence[Change], first_seq: int) -> None:
        with self._lock:
            if self._failing or self._away_since is not None:
                log.warning("%s: events are stored again; %d changes were refused so far", self._place, self.failed)
            self._failing, self._away_since, self.trouble = False, None, ""
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
