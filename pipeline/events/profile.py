"""A profile of a configuration."""

from pipeline.core.options import Options
from pipeline.core.schedule import Schedule, TimeZone, holds, zone_of


class Profile(Options):
    """A name under which alert rules are on; without a schedule it is switched to by hand."""

    schedule: Schedule = ()
    """When it begins by itself; it ends with its time, or when somebody switches."""
    time_zone: TimeZone | None = None

    def is_time(self, now: float) -> bool:
        return bool(self.schedule) and holds(self.schedule, now, zone_of(self.time_zone))
