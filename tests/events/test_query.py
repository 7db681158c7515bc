import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.dialects import sqlite

from pipeline.events.filters import leading
from pipeline.events.query import EventQuery, decode_cursor, going_on, newest_first
from pipeline.events.store import EventStore

FILL = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
INSERT INTO events (id, seq, started_at, camera, type, severity, label, object_id, document)
SELECT 'event-' || i, i, 1000.0 + i, 'camera-' || (i % 16), iif(i % 3, 'object', 'zone_enter'),
       iif(i % 50, 'detection', 'alert'), iif(i % 4, 'person', 'car'), 'object-' || (i / 3),
       json_object('id', 'event-' || i, 'type', 'object', 'camera', 'camera-' || (i % 16), 'started_at', 1000.0 + i)
FROM n
"""
FILL_ZONES = "INSERT INTO event_zones SELECT iif(seq % 5, 'door', 'yard'), started_at, id FROM events"
FILL_RULES = "INSERT INTO event_rules SELECT 'night', started_at, id FROM events WHERE severity = 'alert'"
FILL_ATTRIBUTES = (
    "INSERT INTO event_attributes SELECT 'colour', iif(seq % 7, 'blue', 'red'), started_at, id FROM events",
    "INSERT INTO event_attributes SELECT 'make', iif(seq % 2, 'kite', 'gull'), started_at, id FROM events",
)


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[EventStore, sqlite3.Connection]]:
    """A store of 50,000 events, and a connection that can ask the database for its plans."""
    path: Path = tmp_path_factory.mktemp("crowded") / "events.db"
    store = EventStore(f"sqlite:///{path}")
    store.start()
    database = sqlite3.connect(path)
    database.execute(FILL)
    database.execute(FILL_ZONES)
    database.execute(FILL_RULES)
    for fill in FILL_ATTRIBUTES:
        database.execute(fill)
    database.commit()
    yield store, database
    database.close()
    store.close()


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        pytest.param({}, "events_by_time", id="all"),
        pytest.param({"after": 5_000.0, "before": 9_000.0}, "events_by_time", id="time"),
        pytest.param({"cameras": ("camera-3",)}, "events_by_camera", id="camera"),
        pytest.param({"types": ("zone_enter",)}, "events_by_type", id="type"),
        pytest.param({"labels": ("car",)}, "events_by_label", id="label"),
        pytest.param({"severity": "alert"}, "events_by_severity", id="severity"),
        pytest.param({"object_id": "object-9"}, "events_by_object", id="object"),
        pytest.param({"zone": "door"}, "event_zones", id="zone"),
        pytest.param({"attributes": (("colour", "red"),)}, "event_attributes", id="attribute"),
        pytest.param(
            {"attributes": (("colour", "red"),), "after": 5_000.0}, "event_attributes", id="attribute and time"
        ),
        pytest.param(
            {"attributes": (("colour", "red"), ("make", "kite"), ("make", "gull"))}, "event_attributes", id="attributes"
        ),
        pytest.param({"zone": "door", "attributes": (("colour", "red"),)}, "event_attributes", id="zone and attribute"),
        pytest.param({"zone": "yard", "attributes": (("make", "kite"),)}, "event_zones", id="zone and any attribute"),
        pytest.param({"cameras": ("camera-3",), "after": 5_000.0}, "events_by_camera", id="camera and time"),
        pytest.param({"rule": "night"}, "event_rules", id="rule"),
        pytest.param({"rule": "night", "zone": "door"}, "event_rules", id="rule and zone"),
        pytest.param({"cameras": ("camera-3",), "labels": ("car",)}, "events_by_camera", id="camera and label"),
        pytest.param({"cameras": ("camera-3",), "severity": "alert"}, "events_by_severity", id="camera and severity"),
        pytest.param({"cameras": ("camera-3",), "labels": ("bear",)}, "events_by_label", id="an unknown label"),
        pytest.param({"reviewed": False}, "events_by_review", id="not reviewed"),
        pytest.param({"reviewed": False, "cameras": ("camera-3",)}, "events_by_camera", id="not reviewed, of a camera"),
        pytest.param({"reviewed": False, "zone": "door"}, "event_zones", id="not reviewed, in a zone"),
    ],
)
def test_a_filtered_page_of_many_walks_an_index_in_its_order(
    crowded: tuple[EventStore, sqlite3.Connection], filters: dict[str, Any], index: str
) -> None:
    store, database = crowded
    query = EventQuery(**filters)
    page = store.list(query, limit=2)
    behind = decode_cursor(page.next_cursor) if page.next_cursor else None
    assert [event.started_at for event in page.items] == sorted((e.started_at for e in page.items), reverse=True)
    along = store.ask(lambda connection: leading(connection, query))
    for statement in (newest_first(query, 50, None, along), newest_first(query, 50, behind, along)):
        sql = str(statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
        steps = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {sql}")]
        assert index in steps[0], "it leads with the filter's index"
        assert not any("TEMP B-TREE" in step for step in steps), "it must not sort all that fits"


@pytest.mark.parametrize("filters", [{}, {"cameras": ("camera-3",)}, {"zone": "door"}, {"rule": "night"}], ids=str)
def test_a_day_is_found_by_its_time_and_not_by_reading_everything(
    crowded: tuple[EventStore, sqlite3.Connection], filters: dict[str, Any]
) -> None:
    _, database = crowded
    statement = going_on(EventQuery(**filters), 40_000.0, 50_000.0)
    sql = str(statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    steps = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {sql}")]
    scans = [step for step in steps if step.startswith("SCAN") and "events_unfinished" not in step]
    assert scans == [], steps


def test_what_there_is_to_choose_from_is_found_along_the_indexes(
    crowded: tuple[EventStore, sqlite3.Connection],
) -> None:
    store, _ = crowded
    found = store.choices()
    assert len(found.cameras) == 16
    assert (found.types, found.labels, found.zones) == (["object", "zone_enter"], ["car", "person"], ["door", "yard"])
    assert found.rules == ["night"]
    assert found.attributes == {"colour": ["blue", "red"], "make": ["gull", "kite"]}
