from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.event import Event
from pipeline.events.store import EventStore

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


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    store = EventStore(f"sqlite:///{tmp_path}/data/framewatch.db")
    store.start()
    yield store
    store.close()
