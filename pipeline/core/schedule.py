"""Times of the week, as people write them: `22:00-06:00`, `mon-fri 08:00-17:00`, `sat,sun`."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
_DAY = "(?:mon|tue|wed|thu|fri|sat|sun)"
_SPAN = re.compile(
    rf"(?P<days>{_DAY}(?:-{_DAY})?(?:,{_DAY}(?:-{_DAY})?)*)?(?(days)(?: (?={_TIME})|$))"
    rf"(?:(?P<start>{_TIME})-(?P<end>{_TIME}))?"
)
EXAMPLES = "22:00-06:00, mon-fri 08:00-17:00 or sat,sun"


@dataclass(frozen=True, slots=True)
class Span:
    """Days (Monday is 0) and a time of day; over midnight where it ends earlier than it starts, or just then.

    What goes over midnight belongs to the day that it begins on.
    """

    days: frozenset[int]
    start: time
    end: time

    @classmethod
    @lru_cache(256)
    def parse(cls, text: str) -> "Span":
        """Raises ValueError, which says what is wanted."""
        found = _SPAN.fullmatch(text)
        if not text or found is None:
            raise ValueError(EXAMPLES)
        start, end = (time.fromisoformat(found[name] or "00:00") for name in ("start", "end"))
        return cls(frozenset(_days(found["days"])), start, end)

    def holds(self, at: datetime) -> bool:
        """From the first minute up to, not including, the last."""
        now = at.time()
        if self.start < self.end:
            return at.weekday() in self.days and self.start <= now < self.end
        yesterday = (at - timedelta(days=1)).weekday()
        return (at.weekday() in self.days and now >= self.start) or (yesterday in self.days and now < self.end)


def _days(text: str | None) -> Iterable[int]:
    for part in (text or "mon-sun").split(","):
        first, _, last = part.partition("-")
        start, length = _DAYS.index(first), (_DAYS.index(last or first) - _DAYS.index(first)) % 7
        yield from ((start + day) % 7 for day in range(length + 1))


def holds(schedule: Sequence[str], at: float, zone: tzinfo | None = None) -> bool:
    """Whether a moment (UTC seconds) is in one of these, or there are none; `zone` None is the system's."""
    when = datetime.fromtimestamp(at, zone)
    return not schedule or any(Span.parse(text).holds(when) for text in schedule)


def zone_of(name: str | None) -> tzinfo | None:
    """None is the system's; raises ValueError for a name that nobody knows."""
    return None if name is None else _zone(name)


@lru_cache(64)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("a time zone, such as Europe/Berlin") from error


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _is_span(text: str) -> str:
    Span.parse(text)
    return text


def _is_zone(name: str) -> str:
    _zone(name)
    return name


Schedule = Annotated[
    tuple[Annotated[str, AfterValidator(_is_span)], ...],
    BeforeValidator(_one_or_many, json_schema_input_type=str | tuple[str, ...]),
]
"""One time of the week or several; what a configuration says."""
TimeZone = Annotated[str, AfterValidator(_is_zone)]
