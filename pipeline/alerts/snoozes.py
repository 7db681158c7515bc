"""Rules and cameras that somebody wants to keep still until a time."""

from typing import Literal

from pipeline.alerts.settings import Settings
from pipeline.core.alerts import Snooze
from pipeline.core.clock import Clock
from pipeline.core.event import Event

Kind = Literal["rule", "camera"]
_KINDS: tuple[Kind, ...] = ("rule", "camera")


class Snoozes:
    """For one event loop's thread; kept over restarts."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._until: dict[tuple[Kind, str], float] = {}

    async def start(self) -> None:
        """Raises StoreError."""
        kept = await self._settings.read()
        for name, value in kept.items():
            for kind in _KINDS:
                if name.startswith(_name(kind, "")):
                    self._until[kind, name.removeprefix(_name(kind, ""))] = float(value)

    async def snooze(self, kind: Kind, name: str, until: float | None) -> None:
        """Until a time (UTC seconds), None ends it. Raises StoreError."""
        await self._settings.write(_name(kind, name), None if until is None else str(until))
        self._until.pop((kind, name), None)
        if until is not None:
            self._until[kind, name] = until

    def until(self, kind: Kind, name: str) -> float | None:
        """None where it is not snoozed now."""
        until = self._until.get((kind, name), 0.0)
        return until if until > self._clock.time() else None

    def of(self, rule: str, event: Event) -> float | None:
        """Until when a rule says nothing of an event; None where it may."""
        found = [self.until("rule", rule), self.until("camera", event.camera)]
        return max((until for until in found if until is not None), default=None)

    def all(self) -> list[Snooze]:
        return [Snooze(kind, name, until) for (kind, name), until in self._until.items() if self.until(kind, name)]


def _name(kind: Kind, name: str) -> str:
    return f"snoozed {kind} {name}"
