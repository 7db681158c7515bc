"""Whatever a page is read along, it has what fits, newest first."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.core.event import Event
from pipeline.events import filters
from pipeline.events.filters import leading
from pipeline.events.query import EventQuery
from pipeline.events.store import EventStore

CAMERAS, TYPES, LABELS = ("lobby", "yard", "gate"), ("object", "zone_enter", "line_cross"), ("person", "car", "bear")


def fits(event: Event, query: EventQuery) -> bool:
    named = (
        (query.ids, event.id),
        (query.cameras, event.camera),
        (query.types, event.type),
        (query.labels, event.label),
        (query.severity and (query.severity,), event.severity),
        (query.object_id and (query.object_id,), event.object_id),
    )
    by_name: dict[str, set[str]] = {}
    for name, value in query.attributes:
        by_name.setdefault(name, set()).add(value)
    return (
        all(value in values for values, value in named if values)
        and (query.zone is None or query.zone in event.zones)
        and (query.rule is None or query.rule in event.rules)
        and all(event.attributes.get(name) in values for name, values in by_name.items())
        and (query.after is None or event.started_at >= query.after)
        and (query.before is None or event.started_at < query.before)
        and (query.reviewed is None or event.reviewed == query.reviewed)
        and (query.pinned is None or event.pinned == query.pinned)
    )


def happened(chosen: random.Random, number: int) -> Event:
    return Event(
        id=f"event-{number:03}",
        type=chosen.choice(TYPES),
        camera=chosen.choice(CAMERAS),
        started_at=float(chosen.randrange(60)),
        label=chosen.choices(LABELS, (20, 10, 1))[0],
        object_id=f"object-{chosen.randrange(20)}",
        severity=chosen.choices(("detection", "alert"), (9, 1))[0],
        zones=chosen.sample(["door", "hall", "roof"], chosen.randrange(3)),
        rules=chosen.sample(["night", "any"], chosen.randrange(2)),
        attributes={"colour": chosen.choice(["red", "blue"]), "make": chosen.choice(["kite", "gull"])},
        reviewed=False,
    )


def asked(chosen: random.Random) -> EventQuery:
    possible: dict[str, Any] = {
        "ids": tuple(f"event-{number:03}" for number in chosen.sample(range(150), 20)),
        "cameras": tuple(chosen.sample(CAMERAS, chosen.choice([1, 1, 2]))),
        "types": tuple(chosen.sample(TYPES, chosen.choice([1, 1, 2]))),
        "labels": tuple(chosen.sample(LABELS, chosen.choice([1, 1, 2]))),
        "zone": chosen.choice(["door", "roof"]),
        "rule": chosen.choice(["night", "nobody's"]),
        "severity": chosen.choice(["alert", "detection"]),
        "object_id": f"object-{chosen.randrange(20)}",
        "attributes": tuple(
            chosen.sample([("colour", "red"), ("colour", "blue"), ("make", "kite")], chosen.choice([1, 1, 2, 3]))
        ),
        "after": float(chosen.randrange(30)),
        "before": float(chosen.randrange(30, 60)),
        "reviewed": chosen.choice([True, False]),
        "pinned": chosen.choice([True, False]),
    }
    names = chosen.sample([*possible], chosen.choice([1, 1, 2, 2, 2, 3, 4]))
    return EventQuery(**{name: possible[name] for name in names})


@pytest.fixture
def known(store: EventStore) -> Iterator[list[Event]]:
    """150 events, some of them marked."""
    chosen = random.Random(3)
    events = [happened(chosen, number) for number in range(150)]
    for done in [store.save(event) for event in events]:
        done.result(timeout=30)
    for event in events:
        event.reviewed, event.pinned = chosen.random() < 0.8, chosen.random() < 0.05
    store.review([event.id for event in events if event.reviewed], True).result(timeout=30)
    store.pin([event.id for event in events if event.pinned], True).result(timeout=30)
    yield sorted(events, key=lambda event: (event.started_at, event.id), reverse=True)


def test_pages_of_any_filters_have_what_fits(
    store: EventStore, known: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "GLANCE", 5)
    chosen, found_any = random.Random(5), 0
    for _ in range(100):
        query = asked(chosen)
        expected = [event for event in known if fits(event, query)]
        page = store.list(query, limit=7)
        found = [*page.items]
        while page.next_cursor is not None:
            page = store.list(query, limit=7, cursor=page.next_cursor)
            found += page.items
        assert found == expected, query
        assert store.count(query) == len(expected), query
        found_any += bool(expected)
    assert found_any > 50


@pytest.mark.parametrize(
    ("query", "name"),
    [
        pytest.param({}, None, id="nothing: time leads"),
        pytest.param({"cameras": ("lobby", "yard")}, None, id="two of a kind have no order"),
        pytest.param({"cameras": ("lobby",)}, "camera", id="the only one"),
        pytest.param({"cameras": ("lobby",), "labels": ("bear",)}, "label", id="a rare label"),
        pytest.param({"cameras": ("lobby",), "labels": ("person",)}, "camera", id="a frequent one"),
        pytest.param({"severity": "alert", "zone": "door"}, "severity", id="few alerts, many in the zone"),
        pytest.param({"severity": "detection", "zone": "door"}, "event_zones ", id="few in the zone"),
        pytest.param({"zone": "door", "rule": "nobody's"}, "event_rules ", id="none of the rule"),
        pytest.param({"zone": "door", "pinned": True}, "pinned", id="few are pinned"),
        pytest.param({"zone": "door", "pinned": False}, "event_zones ", id="nearly all are not"),
    ],
)
def test_a_page_is_read_along_what_is_rarest(
    store: EventStore, known: list[Event], query: dict[str, Any], name: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "GLANCE", 12)
    along = store.ask(lambda connection: leading(connection, EventQuery(**query)))
    assert (along and along.name) == name
