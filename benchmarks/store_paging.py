"""How long a page of events takes: a store of a million, every filter and the pairs that people use.

    python -m benchmarks.store_paging sqlite:////tmp/paging/events.db
    python -m benchmarks.store_paging postgresql+psycopg://me:secret@127.0.0.1/paging

The store is filled where it is empty, and left as it is afterwards. Prints a table in Markdown; `--explain` shows the
database's plan of every page whose p95 is above the limit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Annotated, Any

import typer
from sqlalchemy import text

from pipeline.events.filters import leading
from pipeline.events.postgresql import PostgreSQL
from pipeline.events.query import EventQuery, decode_cursor, newest_first
from pipeline.events.store import EventStore

FIRST_AT = 1_760_000_000.0
APART_S = 2.6
"""A month of a million events."""
PAGE = 50
ROUNDS = 20
PAGES = 3
LIMIT_MS = 50.0

_EVENTS = """
WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last}),
hashed AS (
    SELECT i, (CAST(i AS BIGINT) * 2654435761) % 4294967296 AS h, (CAST(i AS BIGINT) * 2246822519) % 4294967296 AS k,
        (CAST(i AS BIGINT) * 3266489917) % 4294967296 AS m, (CAST(i AS BIGINT) * 668265263) % 4294967296 AS o FROM n),
of_each AS (
    SELECT i, (h / 65536) % 100 AS a, (k / 65536) % 1000 AS b, (m / 65536) % 16 AS c, (o / 65536) % 1000 AS d,
        {first_at} + i * {apart} AS at
    FROM hashed),
named AS (
    SELECT i, at, 'event-' || i AS id, 'camera-' || c AS camera,
        CASE WHEN a < 50 THEN 'object' WHEN a < 70 THEN 'zone_enter' WHEN a < 90 THEN 'zone_leave'
             WHEN a < 98 THEN 'line_cross' ELSE 'loitering' END AS type,
        CASE WHEN d < 20 THEN 'alert' ELSE 'detection' END AS severity,
        CASE WHEN b < 600 THEN 'person' WHEN b < 950 THEN 'car' WHEN b < 999 THEN 'bicycle' ELSE 'bear' END AS label
    FROM of_each)
INSERT INTO events (id, seq, started_at, ended_at, camera, type, severity, label, object_id, reviewed, pinned, document)
SELECT id, i, at, at + 5, camera, type, severity, label, 'object-' || (i / 4),
    CASE WHEN i < 900000 THEN 1 ELSE 0 END, CASE WHEN i % 5000 = 0 THEN 1 ELSE 0 END,
    '{{"id":"' || id || '","type":"' || type || '","camera":"' || camera || '","started_at":' || at
    || ',"ended_at":' || (at + 5) || ',"state":"end","label":"' || label
    || '","score":0.83,"object_id":"object-' || (i / 4)
    || '","box":[0.1,0.2,0.3,0.4],"zone":null,"line":null,"direction":null,"zones":["door","hall"],"attributes":'
    || '{{"colour":"red","colour_score":0.91}},"severity":"' || severity || '","rules":[],"has_snapshot":true,'
    || '"clip":"none","data":{{"last_seen_at":' || (at + 5) || '}},"reviewed":false}}'
FROM named
"""
_REST = (
    "INSERT INTO event_zones SELECT CASE WHEN (seq * 374761393) % 4294967296 / 65536 % 1000 < 200 THEN 'yard' "
    "WHEN seq % 997 = 0 THEN 'roof' ELSE 'door' END, started_at, id FROM events",
    "INSERT INTO event_rules SELECT CASE WHEN seq % 3 = 0 THEN 'night' ELSE 'any' END, started_at, id FROM events "
    "WHERE severity = 'alert'",
    "INSERT INTO event_attributes SELECT 'colour', CASE WHEN (seq * 2869860233) % 4294967296 / 65536 % 7 = 0 "
    "THEN 'red' WHEN seq % 1009 = 0 THEN 'pink' ELSE 'blue' END, started_at, id FROM events",
    "UPDATE store_state SET last_seq = {last}",
)
_DAY_S = 86_400.0


def _queries(last_at: float) -> dict[str, EventQuery]:
    week: dict[str, Any] = {"after": last_at - 14 * _DAY_S, "before": last_at - 7 * _DAY_S}
    parts: dict[str, dict[str, Any]] = {
        "camera": {"cameras": ("camera-3",)},
        "two cameras": {"cameras": ("camera-3", "camera-5")},
        "type": {"types": ("line_cross",)},
        "label": {"labels": ("car",)},
        "rare label": {"labels": ("bear",)},
        "severity": {"severity": "alert"},
        "zone": {"zone": "yard"},
        "rare zone": {"zone": "roof"},
        "rule": {"rule": "night"},
        "attribute": {"attributes": (("colour", "red"),)},
        "rare attribute": {"attributes": (("colour", "pink"),)},
        "a week": week,
        "not reviewed": {"reviewed": False},
        "reviewed": {"reviewed": True},
        "pinned": {"pinned": True},
        "object": {"object_id": "object-1234"},
    }
    alone = {"all": EventQuery(), **{name: EventQuery(**filters) for name, filters in parts.items()}}
    leading = ("camera", "label", "rare label", "severity", "zone", "rule", "attribute", "a week", "not reviewed")
    pairs = {
        f"{one} + {other}": EventQuery(**(parts[one] | parts[other]))
        for at, one in enumerate(leading)
        for other in (*leading[at + 1 :], "type", "rare zone", "rare attribute", "pinned")
        if not parts[one].keys() & parts[other].keys()
    }
    three = {
        "camera + label + severity": parts["camera"] | parts["label"] | parts["severity"],
        "camera + label + a week": parts["camera"] | parts["label"] | week,
        "two cameras + rare label": parts["two cameras"] | parts["rare label"],
        "nothing fits": parts["camera"] | {"labels": ("cat",)},
    }
    return alone | pairs | {name: EventQuery(**filters) for name, filters in three.items()}


@dataclass(frozen=True, slots=True)
class Figures:
    name: str
    events: int
    p50_ms: float
    p95_ms: float


def main(
    url: Annotated[str, typer.Argument(help="Of a store of its own.")],
    events: Annotated[int, typer.Option(help="So many are put in.")] = 1_000_000,
    only: Annotated[str, typer.Option(help="Only filters whose names have this in them.")] = "",
    explain: Annotated[bool, typer.Option(help="Show the plans of slow ones.")] = False,
) -> None:
    store = EventStore(url)
    store.start()
    try:
        if store.last_seq() == 0:
            _fill(store, events)
        last_at = store.list(limit=1).items[0].started_at
        print("| filter | events on three pages | p50 ms | p95 ms |\n| --- | --- | --- | --- |")
        for name, query in _queries(last_at).items():
            if only in name:
                figures = _measure(store, name, query)
                print(f"| {name} | {figures.events} | {figures.p50_ms:.1f} | {figures.p95_ms:.1f} |", flush=True)
                if explain and figures.p95_ms > LIMIT_MS:
                    _explain(store, query)
        _measure_rest(store, last_at)
    finally:
        store.close()


def _fill(store: EventStore, events: int) -> None:
    began = perf_counter()
    step = 100_000
    with store.engine.begin() as connection:
        for first in range(1, events + 1, step):
            last = min(events, first + step - 1)
            statement = _EVENTS.format(first=first, last=last, first_at=FIRST_AT, apart=APART_S)
            connection.exec_driver_sql(statement.replace("%", "%%") if store.engine.name == "postgresql" else statement)
        for statement in _REST:
            statement = statement.format(last=events)
            connection.exec_driver_sql(statement.replace("%", "%%") if store.engine.name == "postgresql" else statement)
    if store.engine.name == "postgresql":
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))  # as it does by itself, a minute later
    print(f"{events} events in {perf_counter() - began:.0f} s\n")


def _measure(store: EventStore, name: str, query: EventQuery) -> Figures:
    """The first pages, again and again; the first round, of a cold cache, counts as well."""
    times, count = [], 0
    for _ in range(ROUNDS):
        cursor, count = None, 0
        for _ in range(PAGES):
            began = perf_counter()
            page = store.list(query, limit=PAGE, cursor=cursor)
            times.append((perf_counter() - began) * 1e3)
            count += len(page.items)
            if (cursor := page.next_cursor) is None:
                break
        if sum(times) > 5_000:
            break
    times.sort()
    return Figures(name, count, times[len(times) // 2], times[int(len(times) * 0.95)])


def _measure_rest(store: EventStore, last_at: float) -> None:
    """What the pages ask beside their lists."""
    day: dict[str, Any] = {"after": last_at - _DAY_S, "before": last_at}
    asked: tuple[tuple[str, Callable[[], object]], ...] = (
        ("overview of a day", lambda: store.overview(EventQuery(), **day, step_s=60)),
        ("choices", store.choices),
        ("status", store.status),
        ("count of a day", lambda: store.count(EventQuery(**day))),
        ("since the last hundred", lambda: store.since(store.last_seq() - 100)),
        ("unfinished", store.unfinished),
    )
    for name, ask in asked:
        times = []
        for _ in range(10):
            began = perf_counter()
            ask()
            times.append((perf_counter() - began) * 1e3)
        times.sort()
        print(f"| {name} | | {times[5]:.1f} | {times[-1]:.1f} |", flush=True)


def _explain(store: EventStore, query: EventQuery) -> None:
    page = store.list(query, limit=PAGE)
    behind = decode_cursor(page.next_cursor) if page.next_cursor else None
    word = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN (ANALYZE, BUFFERS)"}[store.engine.name]
    along = store.ask(lambda connection: leading(connection, query))
    for statement in (newest_first(query, PAGE + 1, None, along), newest_first(query, PAGE + 1, behind, along)):
        sql = str(statement.compile(dialect=store.engine.dialect, compile_kwargs={"literal_binds": True})).replace(
            "%", "%%"
        )
        with store.engine.connect() as connection:
            if along is not None and store.engine.name == "postgresql":
                PostgreSQL(store.engine.url).read_in_order(connection)
            for row in connection.exec_driver_sql(f"{word} {sql}"):
                print("   ", row[-1])


if __name__ == "__main__":
    typer.run(main)
