from typing import Any

import pytest

from pipeline.core.event import Event, State
from pipeline.core.event_query import EventQuery
from pipeline.store.store import EventStore

DAY = 86_400.0
NOON = 100 * DAY + 43_200.0


def event(name: str, start: float, end: float | None, **given: Any) -> Event:
    plain: dict[str, Any] = {"type": "object", "camera": "lobby", "label": "person"}
    state: State = "new" if end is None else "end"
    ended_at = None if end is None else NOON + end
    return Event(id=name, started_at=NOON + start, ended_at=ended_at, state=state, **(plain | given))


def instant(name: str, at: float, **given: Any) -> Event:
    return event(name, at, at, **({"type": "zone_enter", "zone": "door"} | given))


def spans(found: Any) -> list[tuple[float, float | None, str, int, str | None]]:
    return [
        (span.start - NOON, None if span.end is None else span.end - NOON, span.kind, span.events, span.id)
        for span in found.spans
    ]


def marks(found: Any) -> list[tuple[float, str, int, str | None]]:
    return [(mark.at - NOON, mark.kind, mark.events, mark.id) for mark in found.marks]


def overview(store: EventStore, *events: Event, after: float = 0.0, before: float = 3_600.0, **filters: Any) -> Any:
    for done in [store.save(each) for each in events]:
        done.result(timeout=10)
    return store.overview(EventQuery(**filters), after=NOON + after, before=NOON + before, step_s=60)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([event("a", 0, 100)], [(0, 100, "detection", 1, "a")], id="one alone keeps its id"),
        pytest.param(
            [event("a", 0, 100), event("b", 160, 200)], [(0, 200, "detection", 2, None)], id="no room to be seen"
        ),
        pytest.param(
            [event("a", 0, 100), event("b", 161, 200)],
            [(0, 100, "detection", 1, "a"), (161, 200, "detection", 1, "b")],
            id="far enough apart",
        ),
        pytest.param(
            [event("long", 0, 1000), event("within", 10, 20)], [(0, 1000, "detection", 2, None)], id="one in another"
        ),
        pytest.param(
            [event("a", 0, 100), event("b", 50, 150, severity="alert")],
            [(0, 100, "detection", 1, "a"), (50, 150, "alert", 1, "b")],
            id="an alert is not lost in others",
        ),
        pytest.param(
            [event("a", 0, 100), event("b", 200, None), event("c", 500, 600)],
            [(0, 100, "detection", 1, "a"), (200, None, "detection", 2, None)],
            id="what goes on takes all that follows",
        ),
        pytest.param(
            [event("a", 0, 100, type="camera_offline", label=None)], [(0, 100, "camera", 1, "a")], id="camera away"
        ),
    ],
)
def test_spans(store: EventStore, events: list[Event], expected: list[object]) -> None:
    (found,) = overview(store, *events)
    assert spans(found) == expected
    assert found.marks == []


def test_instants_of_one_step_become_one_mark(store: EventStore) -> None:
    (found,) = overview(store, *(instant(str(at), at) for at in (0, 30, 60, 90, 300)))
    assert marks(found) == [(0, "detection", 3, None), (90, "detection", 1, "90"), (300, "detection", 1, "300")]
    assert (found.events, found.alerts, found.spans) == (5, 0, [])


def test_cameras_are_told_apart_and_counted(store: EventStore) -> None:
    found = overview(
        store,
        event("a", 0, 10, camera="yard", severity="alert"),
        instant("b", 5, camera="yard"),
        event("c", 0, 10),
    )
    assert [(each.camera, each.events, each.alerts) for each in found] == [("lobby", 1, 0), ("yard", 2, 1)]


@pytest.mark.parametrize(
    ("given", "is_in"),
    [
        pytest.param(event("a", 3_599, 4_000), True, id="began in it"),
        pytest.param(event("a", 3_600, 4_000), False, id="began after it"),
        pytest.param(event("a", -100, 0), True, id="ended in it"),
        pytest.param(event("a", -100, -1), False, id="ended before it"),
        pytest.param(event("a", -DAY + 10, 10), True, id="began nearly a day before"),
        pytest.param(event("a", -5 * DAY, None), True, id="has not ended, however long ago it began"),
        pytest.param(event("a", 4_000, None), False, id="has not ended, and began after it"),
    ],
)
def test_what_was_going_on_is_in_it(store: EventStore, given: Event, is_in: bool) -> None:
    assert bool(overview(store, given)) is is_in


@pytest.mark.parametrize(
    "filters",
    [
        {"zone": "door"},
        {"rule": "night"},
        {"attributes": (("colour", "red"),)},
        {"reviewed": False, "labels": ("car",)},
        {"zone": "door", "rule": "night", "attributes": (("colour", "red"),)},
    ],
    ids=str,
)
@pytest.mark.parametrize("ended", [100.0, None])
def test_filters_are_those_of_the_list(store: EventStore, filters: dict[str, Any], ended: float | None) -> None:
    wanted = event("w", 5, ended, label="car", zones=["door"], rules=["night"], attributes={"colour": "red"})
    parked = event("p", -3 * DAY, None, label="car", zones=["door"], rules=["night"], attributes={"colour": "red"})
    (found,) = overview(store, wanted, parked, event("other", 5, 100), **filters)
    assert found.events == 2
