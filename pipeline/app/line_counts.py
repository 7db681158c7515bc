"""The counts of every camera's lines, as the analysis has them."""

from collections.abc import Mapping
from datetime import date, datetime

from pipeline.core.camera import Camera
from pipeline.core.clock import Clock
from pipeline.core.event import Event
from pipeline.core.line_count import LineCount, line_count

_BEGINNING = {"in": 0, "out": 0}


class LineCounts:
    """Remembers what the latest crossing of each line said; for the event loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._latest: dict[str, dict[str, LineCount]] = {}

    def hear(self, event: Event) -> None:
        counted = line_count(event)
        if counted and event.line:
            self._latest.setdefault(event.camera, {})[event.line] = counted

    def forget(self, camera: str) -> None:
        """The stages that counted have gone."""
        self._latest.pop(camera, None)

    def forget_all(self) -> None:
        self._latest.clear()

    def of(self, plan: Camera) -> Mapping[str, LineCount]:
        """By line; labels that have not crossed yet are there, too."""
        found = {}
        for name, line in plan.lines.items():
            nobody = {label: dict(_BEGINNING) for label in line.objects or plan.objects.track}
            counted = self._today(self._latest.get(plan.name, {}).get(name, LineCount({})))
            found[name] = LineCount({**nobody, **counted.counts}, counted.since)
        return found

    def _today(self, counted: LineCount) -> LineCount:
        """Nothing that crossed yesterday counts any more, even where nobody has crossed since."""
        today = _day(self._clock.time())
        if counted.since is None or _day(counted.since) >= today:
            return counted
        return LineCount({}, datetime.combine(today, datetime.min.time()).timestamp())


def _day(at: float) -> date:
    return datetime.fromtimestamp(at).date()
