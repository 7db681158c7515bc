from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from pipeline.core.schedule import Span, holds, zone_of

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("schedule", "moment", "expected"),
    [
        pytest.param("08:00-17:00", "2026-03-02T08:00", True, id="the first minute counts"),
        pytest.param("08:00-17:00", "2026-03-02T17:00", False, id="the last does not"),
        pytest.param("22:00-06:00", "2026-03-02T05:59", True, id="over midnight"),
        pytest.param("mon-fri 08:00-17:00", "2026-03-06T12:00", True, id="a Friday"),
        pytest.param("mon-fri 08:00-17:00", "2026-03-07T12:00", False, id="a Saturday"),
        pytest.param("fri 22:00-06:00", "2026-03-07T05:00", True, id="the night after a Friday"),
        pytest.param("fri 22:00-06:00", "2026-03-06T05:00", False, id="the night before one"),
        pytest.param("fri-mon 22:00-06:00", "2026-03-02T23:00", True, id="days over the end of the week"),
        pytest.param("sat,sun", "2026-03-08T00:00", True, id="whole days"),
        pytest.param("sat,sun", "2026-03-09T00:00", False, id="and no more"),
        pytest.param("mon,wed-thu 10:00-11:00", "2026-03-03T10:30", False, id="a day between"),
        pytest.param("00:00-00:00", "2026-03-03T10:30", True, id="the same twice: all day"),
    ],
)
def test_times_of_the_week(schedule: str, moment: str, expected: bool) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=BERLIN).timestamp()
    assert holds([schedule], at, BERLIN) is expected
    assert holds(["mon 03:00-03:01", schedule], at, BERLIN) is expected, "one of several will do"


def test_no_schedule_always_holds() -> None:
    assert holds([], 0.0)


def test_summer_time_is_the_zones_own() -> None:
    """22:00 in Berlin is 21:00 UTC in winter and 20:00 in summer."""
    winter, summer = (datetime.fromisoformat(f"2026-{month}-01T20:30+00:00").timestamp() for month in ("01", "07"))
    assert [holds(["22:00-06:00"], at, BERLIN) for at in (winter, summer)] == [False, True]


@pytest.mark.parametrize(
    "text",
    ["", "mon ", "22:00-06:00 ", " 22:00-06:00", "8:00-9:00", "24:00-06:00", "22:00", "always", "mon08:00-09:00",
     "mon-fri 08:00", "montag"],
)  # fmt: skip
def test_what_is_no_schedule_says_what_is_wanted(text: str) -> None:
    with pytest.raises(ValueError, match="22:00-06:00, mon-fri 08:00-17:00 or sat,sun"):
        Span.parse(text)


@pytest.mark.parametrize("name", ["Europe/Berlyn", "", "../../etc/passwd", "/etc/localtime"])
def test_what_is_no_time_zone(name: str) -> None:
    with pytest.raises(ValueError, match="a time zone, such as Europe/Berlin"):
        zone_of(name)
