"""Stores as the programs before Alembic made them, by their version."""

import sqlite3
from pathlib import Path

import msgspec

from pipeline.core.event import Event

_FIRST = """
CREATE TABLE store_state (
    id INTEGER NOT NULL, schema_version INTEGER NOT NULL, last_seq INTEGER NOT NULL, PRIMARY KEY (id));
CREATE TABLE events (
    id TEXT NOT NULL, seq INTEGER NOT NULL, started_at FLOAT NOT NULL, ended_at FLOAT, camera TEXT NOT NULL,
    type TEXT NOT NULL, severity TEXT NOT NULL, label TEXT, object_id TEXT, document TEXT NOT NULL,
    PRIMARY KEY (id), UNIQUE (seq));
CREATE INDEX events_by_time ON events (started_at, id);
CREATE INDEX events_by_camera ON events (camera, started_at, id);
CREATE INDEX events_by_type ON events (type, started_at, id);
CREATE INDEX events_by_severity ON events (severity, started_at, id);
CREATE INDEX events_by_label ON events (label, started_at, id);
CREATE INDEX events_by_object ON events (object_id, started_at, id);
CREATE INDEX events_unfinished ON events (id) WHERE ended_at IS NULL;
CREATE TABLE event_zones (
    zone TEXT NOT NULL, started_at FLOAT NOT NULL, event_id TEXT NOT NULL, PRIMARY KEY (zone, started_at, event_id),
    FOREIGN KEY(event_id) REFERENCES events (id) ON DELETE CASCADE) WITHOUT ROWID;
CREATE INDEX ix_event_zones_event_id ON event_zones (event_id);
INSERT INTO store_state VALUES (1, 1, 0);
"""
_SECOND = """
CREATE TABLE event_attributes (
    name TEXT NOT NULL, value TEXT NOT NULL, started_at FLOAT NOT NULL, event_id TEXT NOT NULL,
    PRIMARY KEY (name, value, started_at, event_id),
    FOREIGN KEY(event_id) REFERENCES events (id) ON DELETE CASCADE) WITHOUT ROWID;
CREATE INDEX ix_event_attributes_event_id ON event_attributes (event_id);
UPDATE store_state SET schema_version = 2;
"""
_THIRD = """
ALTER TABLE events ADD COLUMN reviewed INTEGER DEFAULT 0 NOT NULL;
CREATE INDEX events_by_review ON events (reviewed, started_at, id);
CREATE TABLE event_rules (
    rule TEXT NOT NULL, started_at FLOAT NOT NULL, event_id TEXT NOT NULL, PRIMARY KEY (rule, started_at, event_id),
    FOREIGN KEY(event_id) REFERENCES events (id) ON DELETE CASCADE) WITHOUT ROWID;
CREATE INDEX ix_event_rules_event_id ON event_rules (event_id);
CREATE TABLE deleted_events (
    id TEXT NOT NULL, seq INTEGER NOT NULL, swept INTEGER DEFAULT 0 NOT NULL, PRIMARY KEY (id), UNIQUE (seq));
CREATE INDEX deleted_unswept ON deleted_events (id) WHERE swept = 0;
UPDATE store_state SET schema_version = 3;
"""
VERSIONS = (1, 2, 3)
_INSERT = (
    "INSERT INTO events (id, seq, started_at, ended_at, camera, type, severity, label, object_id, document) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def older_store(path: Path, version: int, *events: Event) -> str:
    """Makes it with these events, as far as that version knew them; returns its URL."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript("".join([_FIRST, _SECOND, _THIRD][:version]))
    for seq, event in enumerate(events, 1):
        document = msgspec.json.encode(event).decode()
        row = (event.started_at, event.ended_at, event.camera, event.type, event.severity, event.label)
        connection.execute(_INSERT, (event.id, seq, *row, event.object_id, document))
        zones = [(zone, event.started_at, event.id) for zone in event.zones]
        connection.executemany("INSERT INTO event_zones VALUES (?, ?, ?)", zones)
        if version == 3:
            rules = [(rule, event.started_at, event.id) for rule in event.rules]
            connection.executemany("INSERT INTO event_rules VALUES (?, ?, ?)", rules)
    connection.execute("UPDATE store_state SET last_seq = ?", (len(events),))
    connection.commit()
    connection.close()
    return f"sqlite:///{path}"
