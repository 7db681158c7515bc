"""A state of affairs that begins when it has held for a while, and ends when it has not."""

from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace

from pipeline.core.event import Event

GAP_S = 30.0
"""Without a word for so long nobody knows what was meanwhile."""
NEWS_EVERY_S = 5.0


class Spell:
    """Makes a span event of it, from when it began to when it was over.

    `begin(since)` makes the event. What changes in its `data` meanwhile is told every five seconds at most, and with
    its end.
    """

    def __init__(self, begin: Callable[[float], Event], *, after_s: float, until_s: float) -> None:
        self._begin = begin
        self._after_s = after_s
        self._until_s = until_s
        self._event: Event | None = None
        self._otherwise_since: float | None = None
        self._told_data: dict[str, Any] = {}
        self._heard_at = self._told_at = float("-inf")

    @property
    def is_on(self) -> bool:
        return self._event is not None

    def update(self, holds: bool, now: float, **data: Any) -> Iterable[Event]:
        """`data` is what is to say of it from now on."""
        if not 0 <= now - self._heard_at < GAP_S:
            yield from self._interrupt()
        self._heard_at = now
        if holds == self.is_on:
            self._otherwise_since = None
            yield from self._news(now, data)
            return
        since = self._otherwise_since = now if self._otherwise_since is None else self._otherwise_since
        if now - since >= (self._until_s if self.is_on else self._after_s):
            self._otherwise_since = None
            yield self._end(since) if self.is_on else self._told(self._begin(since), now, data)

    def _interrupt(self) -> Iterable[Event]:
        self._otherwise_since = None
        if self.is_on:
            yield self._end(self._heard_at)

    def _news(self, now: float, data: dict[str, Any]) -> Iterable[Event]:
        if self._event is None:
            return
        self._event = replace(self._event, data={**self._event.data, **data})
        if now - self._told_at >= NEWS_EVERY_S and self._event.data != self._told_data:
            yield self._told(replace(self._event, state="update"), now, {})

    def _told(self, event: Event, now: float, data: dict[str, Any]) -> Event:
        self._event = replace(event, data={**event.data, **data})
        self._told_at, self._told_data = now, self._event.data
        return self._event

    def _end(self, at: float) -> Event:
        event, self._event = self._event, None
        assert event is not None
        return replace(event, state="end", ended_at=max(at, event.started_at))
