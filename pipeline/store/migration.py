"""Brings a store's tables to what they are now."""

import logging
from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import Lock

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, select

from pipeline.store.schema import StoreError, store_state

logging.getLogger("alembic").setLevel(logging.WARNING)  # else every start says which database it is

_BEFORE_ALEMBIC = {1: "v1_events", 2: "v2_attributes", 3: "v3_edits"}
"""Steps by the number that programs before Alembic kept."""
_ONE_AT_A_TIME = Lock()
"""Alembic's `op` and `context` are of the whole process."""


def prepare(engine: Engine, place: str, lock: Callable[[Connection], object]) -> None:
    """Makes the tables, or brings those of an older version up to date, all or nothing; else StoreError.

    `lock` begins a transaction that waits for whoever else is starting.
    """
    with _ONE_AT_A_TIME, engine.connect() as connection:
        lock(connection)
        _migrate(connection, place)
        connection.commit()


def check(connection: Connection, place: str) -> None:
    """Raises StoreError unless the tables are ours and of this version."""
    if not (tables := inspect(connection).get_table_names()):
        raise StoreError(f"{place}: no store there; it comes into being with the first run")
    if (found := _revisions(connection, tables, place)) != _heads():
        raise _other_version(found, place, "an older one wrote it; the next run brings it up")


def version(connection: Connection) -> str:
    return _in_words(_alembics(connection))


def _migrate(connection: Connection, place: str) -> None:
    tables = inspect(connection).get_table_names()
    found = _revisions(connection, tables, place) if tables else frozenset()
    if found == _heads():
        return
    config = _config(connection)
    if found and not _alembics(connection):
        command.stamp(config, [*found])
    command.upgrade(config, "heads")


def _revisions(connection: Connection, tables: list[str], place: str) -> frozenset[str]:
    """The steps that the store has behind it, the last of each line; StoreError where this program knows them not."""
    if store_state.name not in tables:
        raise StoreError(f"{place}: a database of something else ({', '.join(sorted(tables)[:3])}, …), not a store")
    if not (found := _alembics(connection)):
        number = connection.execute(select(store_state.c.schema_version)).scalar_one()
        found = frozenset({_BEFORE_ALEMBIC.get(number, str(number))})
    if not found <= _known():
        raise _other_version(found, place, "a newer Framewatch wrote it")
    return found


def _alembics(connection: Connection) -> frozenset[str]:
    return frozenset(MigrationContext.configure(connection).get_current_heads())


def _other_version(found: frozenset[str], place: str, why: str) -> StoreError:
    return StoreError(f"{place}: got schema version {_in_words(found)} ({why}), wanted {_in_words(_heads())}")


def _in_words(revisions: frozenset[str]) -> str:
    return ", ".join(sorted(revisions))


def _heads() -> frozenset[str]:
    return frozenset(_script().get_heads())


def _known() -> frozenset[str]:
    return frozenset(step.revision for step in _script().walk_revisions())


@cache
def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    return config
