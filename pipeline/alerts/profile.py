"""A profile of a configuration."""

from collections.abc import Mapping

from pipeline.core.options import Options
from pipeline.core.schedule import Schedule, TimeZone, holds, zone_of


class Profile(Options):
    """A name under which alert rules are on; without a schedule it is switched to by hand."""

    schedule: Schedule = ()
    """When it begins by itself; it ends with its time, or when somebody switches."""
    time_zone: TimeZone | None = None

    def is_time(self, now: float) -> bool:
        return bool(self.schedule) and holds(self.schedule, now, zone_of(self.time_zone))


def by_schedule(profiles: Mapping[str, Profile], now: float) -> str | None:
    """The profile whose time it is, else the first without a schedule, else the first; None where there is none."""
    at_its_time = (name for name, each in profiles.items() if each.is_time(now))
    always = (name for name, each in profiles.items() if not each.schedule)
    return next(at_its_time, None) or next(always, None) or next(iter(profiles), None)
