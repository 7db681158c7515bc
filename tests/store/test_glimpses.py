"""Glimpses in the store: pages, filters, and what is taken out."""

from functools import partial
from typing import Any

import pytest

from pipeline.core.glimpse import Glimpse, GlimpseQuery
from pipeline.store.glimpses import Room, found, put, trim
from pipeline.store.query import CursorError
from pipeline.store.store import EventStore


def glimpse(number: int, **given: Any) -> Glimpse:
    plain: dict[str, Any] = {
        "id": f"g-{number:03}",
        "camera": "yard",
        "label": "person",
        "first_seen_at": 1000.0 + number,
        "last_seen_at": 1000.5 + number,
        "looks": 3,
        "score": 0.46,
        "box": (0.1, 0.1, 0.2, 0.4),
        "zones": ["door"],
        "reason": "threshold",
        "why": "score 0.46 below 0.5 (threshold)",
    }
    return Glimpse(**(plain | given))


def keep(store: EventStore, *seen: Glimpse) -> None:
    store.edit(lambda connection: put(connection, seen)).result(timeout=10)


def numbers(store: EventStore, **query: Any) -> list[str]:
    page = store.ask(lambda connection: found(connection, GlimpseQuery(**query), 100))
    return [each.id.removeprefix("g-") for each in page.items]


def test_pages_hold_still_while_more_comes(store: EventStore) -> None:
    keep(store)
    keep(store, *[glimpse(number, first_seen_at=1000.0) for number in range(3)], *map(glimpse, range(3, 7)))
    first = store.ask(lambda connection: found(connection, GlimpseQuery(), 3))
    assert [*first.items] == [glimpse(6), glimpse(5), glimpse(4)]
    keep(store, glimpse(9))
    rest, cursor = list[str](), first.next_cursor
    while cursor is not None:
        page = store.ask(partial(found, query=GlimpseQuery(), limit=3, cursor=cursor))
        rest += [each.id for each in page.items]
        cursor = page.next_cursor
    assert rest == ["g-003", "g-002", "g-001", "g-000"]
    with pytest.raises(CursorError):
        store.ask(lambda connection: found(connection, GlimpseQuery(), 3, "nonsense"))


QUERIES: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["003", "002", "001", "000"]),
    ({"cameras": ("lane", "lobby")}, ["001"]),
    ({"labels": ("car",)}, ["002"]),
    ({"reasons": ("mask", "looks")}, ["003"]),
    ({"after": 1001.5}, ["003", "002", "001"]),
    ({"before": 1001.0}, ["000"]),
    ({"after": 1002.0, "before": 1003.0}, ["002"]),
    ({"cameras": ("yard",), "labels": ("person",), "reasons": ("threshold",)}, ["000"]),
]


def test_filters(store: EventStore) -> None:
    others = [glimpse(1, camera="lane"), glimpse(2, label="car"), glimpse(3, reason="mask")]
    keep(store, glimpse(0), *others)
    assert [numbers(store, **query) for query, _ in QUERIES] == [expected for _, expected in QUERIES]


def trimmed(store: EventStore, before: float, room: Room, since: float = 0.0) -> int:
    return store.edit(lambda connection: trim(connection, before, since, room)).result(timeout=10)


def test_what_is_old_goes_and_the_latest_of_each_camera_and_reason_stay(store: EventStore) -> None:
    keep(store, *map(glimpse, range(6)), *[glimpse(number, reason="mask") for number in range(10, 14)])
    keep(store, glimpse(20, camera="lane"))
    room = Room(at_all=3, an_hour=100)
    assert trimmed(store, 1001.0, room) == 4
    assert numbers(store) == ["020", "013", "012", "011", "005", "004", "003"]
    assert trimmed(store, 1001.0, room) == 0


def test_a_busy_hour_costs_no_other(store: EventStore) -> None:
    night = [glimpse(number) for number in range(2)]
    busy = [glimpse(number, first_seen_at=7200.0 + number, looks=number) for number in range(10, 20)]
    mask = glimpse(30, first_seen_at=7300.0, looks=1, reason="mask")
    keep(store, *night, *busy, mask)
    room = Room(at_all=100, an_hour=3)
    assert trimmed(store, 0.0, room, since=10_800.0) == 0, "that was done already"
    assert trimmed(store, 0.0, room, since=7200.0) == 7
    assert numbers(store) == ["030", "019", "018", "017", "001", "000"], "the longest seen of the hour"
