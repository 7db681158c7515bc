"""An alert as it comes to a sink, for tests."""

from datetime import UTC, datetime
from typing import Any

from pipeline.core.event import Alert, Event

URL = "https://watch.example/e/abc.def"
JPEG = b"\xff\xd8jpeg"


def an_alert(**given: Any) -> Alert:
    event = Event(id="a", type="zone_enter", camera="lobby", started_at=1.5, label="person", zone="door")
    plain: dict[str, Any] = {
        "id": "0f9a-key",
        "rule": "night",
        "event": event,
        "snapshot": JPEG,
        "url": URL,
        "title": "Fußgänger entered <door>, Lobby, 14:03",
        "text": "Line one & two\nRule: night",
        "time": datetime.fromtimestamp(1_700_000_000, UTC),
    }
    return Alert(**(plain | given))
