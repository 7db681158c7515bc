import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.event import Event
from pipeline.store.store import EventStore
from tests.store.postgresql_server import PostgreSQLServer, programs

MakeEvent = Callable[..., Event]


@pytest.fixture
def make_event() -> MakeEvent:
    """An event with as little as must be said of it."""
    count = 0

    def make(**given: Any) -> Event:
        nonlocal count
        count += 1
        plain: dict[str, Any] = {
            "id": f"event-{count:06}",
            "type": "object",
            "camera": "lobby",
            "started_at": 1_000.0 + count,
        }
        return Event(**(plain | given))

    return make


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQLServer]:
    if (folder := programs()) is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is missing: scripts/system-packages test")
        pytest.skip("PostgreSQL is missing: scripts/system-packages test")
    server = PostgreSQLServer(folder)
    server.start()
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store that is not there yet, in each of the databases."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/data/framewatch.db"
    server: PostgreSQLServer = request.getfixturevalue("postgresql")
    return server.new_store()


@pytest.fixture
def store(store_url: str) -> Iterator[EventStore]:
    store = EventStore(store_url)
    store.start()
    yield store
    store.close()
