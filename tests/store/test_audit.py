"""Who did what: noted with what was done, read page by page."""

import logging

import pytest

from pipeline.core.acting import ACTOR
from pipeline.core.audit import AuditEntry
from pipeline.core.clock import ManualClock
from pipeline.store.audit import AuditLog
from pipeline.store.store import EventStore


async def test_what_was_done_is_listed_newest_first_and_page_by_page(store: EventStore) -> None:
    clock = ManualClock()
    audit = AuditLog(store, clock)
    for number in range(5):
        clock.advance(1.0)
        before = ACTOR.set(f"10.0.0.{number}")
        await audit.note("config.areas", [f"camera-{number}"])
        ACTOR.reset(before)
    await audit.note("events.deleted", ["a", "b"])

    first = audit.list(limit=2)
    assert first.items == [
        AuditEntry(6, clock.time(), "framewatch", "events.deleted", ["a", "b"]),
        AuditEntry(5, clock.time(), "10.0.0.4", "config.areas", ["camera-4"]),
    ]
    seen = [entry.id for entry in first.items]
    page = first
    while page.next_cursor is not None:
        page = audit.list(limit=2, cursor=int(page.next_cursor))
        seen += [entry.id for entry in page.items]
    assert seen == [6, 5, 4, 3, 2, 1]


async def test_what_cannot_be_noted_is_logged(store: EventStore, caplog: pytest.LogCaptureFixture) -> None:
    store.close()
    await AuditLog(store, ManualClock()).note("config.camera_added", ["yard"])
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "not noted that framewatch did config.camera_added of yard" in caplog.text
