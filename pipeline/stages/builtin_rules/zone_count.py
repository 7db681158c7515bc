"""Tells while there are too many in a zone at once (a crowd, a queue), or too few."""

from collections.abc import Iterable, Sequence

from pipeline.core.camera import Camera, Count
from pipeline.core.event import Event
from pipeline.core.objects import TrackedObject
from pipeline.core.options import Options as BaseOptions
from pipeline.stages.builtin_rules.spell import Spell


class ZoneCount:
    """`count_over` and `count_under` are spans: from when there were too many (too few) to when there were not."""

    class Options(BaseOptions):
        """Zones and their `count` are the camera's."""

    def __init__(self, options: Options, camera: Camera) -> None:
        self._limits = [
            Limit(camera.name, zone, count, is_over)
            for zone, drawn in camera.zones.items()
            for count in [drawn.count]
            for is_over, limit in ((True, count.over), (False, count.under))
            if limit is not None
        ]

    def update(self, objects: Sequence[TrackedObject], now: float) -> Iterable[Event]:
        """An object that is lost does not count."""
        for limit in self._limits:
            yield from limit.update(sum(limit.zone in thing.zones and not thing.lost for thing in objects), now)


class Limit:
    """One zone's upper or lower limit."""

    def __init__(self, camera: str, zone: str, count: Count, is_over: bool) -> None:
        self.zone = zone
        self._is_over = is_over
        self._limit = (count.over if is_over else count.under) or 0
        self._hysteresis = count.hysteresis
        self._extreme: int | None = None
        self._spell = Spell(
            lambda since: Event.span(
                "count_over" if is_over else "count_under", camera=camera, since=since, zone=zone, limit=self._limit
            ),
            after_s=count.seconds,
            until_s=count.seconds,
        )

    def update(self, count: int, now: float) -> Iterable[Event]:
        """`data.count` is how many there are, `data.most` (`data.least`) how many there were at the worst moment."""
        holds = self._holds(count)
        if holds or self._spell.is_on:
            known = count if self._extreme is None else self._extreme
            self._extreme = max(known, count) if self._is_over else min(known, count)
        else:
            self._extreme = None
        worst = {"most" if self._is_over else "least": self._extreme}
        yield from self._spell.update(holds, now, count=count, **worst)

    def _holds(self, count: int) -> bool:
        slack = self._hysteresis if self._spell.is_on else 0
        if self._is_over:
            return count > max(0, self._limit - slack)
        return count < self._limit + slack
