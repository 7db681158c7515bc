"""Spans that rules have begun, for when the rules that would end them are no longer there."""

from msgspec.structs import replace

from pipeline.core.event import Event

MOST = 1024


class OpenSpans:
    """Those without an object; an object's event is `ObjectLifecycle`'s."""

    def __init__(self) -> None:
        self._open: dict[str, Event] = {}

    def hear(self, event: Event) -> None:
        self._open.pop(event.id, None)
        if event.state != "end" and event.object_id is None:
            self._open[event.id] = event
            if len(self._open) > MOST:
                del self._open[next(iter(self._open))]

    def lost(self, camera: str, at: float) -> list[Event]:
        """Their ends, where pictures do not come any more or the stages have gone."""
        return self._ended([event for event in self._open.values() if event.camera == camera], at)

    def close(self, at: float) -> list[Event]:
        return self._ended([*self._open.values()], at)

    def _ended(self, events: list[Event], at: float) -> list[Event]:
        for event in events:
            del self._open[event.id]
        return [replace(event, state="end", ended_at=max(at, event.started_at)) for event in events]
