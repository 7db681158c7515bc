"""How many have crossed each line, as the running system knows it."""

from datetime import datetime
from typing import Any

import pytest

from pipeline.app.line_counts import LineCounts
from pipeline.core.camera import Camera
from pipeline.core.clock import ManualClock
from pipeline.core.event import Event
from pipeline.core.line_count import LineCount

NOON = datetime(2026, 3, 5, 12).timestamp()
NOBODY = {"in": 0, "out": 0}
YARD = Camera.model_validate(
    {
        "name": "yard",
        "objects": {"track": ["person", "car"]},
        "lines": {
            "gate": {"from": [0, 0.5], "to": [1, 0.5]},
            "kerb": {"from": [0, 0.9], "to": [1, 0.9], "objects": ["car"]},
        },
    }
)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON + 5)


@pytest.fixture
def counts(clock: ManualClock) -> LineCounts:
    return LineCounts(clock)


def crossing(**data: Any) -> Event:
    return Event.instant("line_cross", camera="yard", at=NOON + 5, line="gate", direction="right", **data)


def test_nobody_has_crossed_yet(counts: LineCounts) -> None:
    assert counts.of(YARD) == {
        "gate": LineCount({"person": NOBODY, "car": NOBODY}),
        "kerb": LineCount({"car": NOBODY}),
    }


def test_the_latest_crossing_says_how_many(counts: LineCounts) -> None:
    for came_in in (1, 2):
        counts.hear(crossing(counts={"person": {"in": came_in, "out": 0}}, counted_since=NOON))
    assert counts.of(YARD)["gate"] == LineCount({"person": {"in": 2, "out": 0}, "car": NOBODY}, NOON)
    assert counts.of(YARD)["kerb"] == LineCount({"car": NOBODY})


def test_at_midnight_nobody_has_crossed(counts: LineCounts, clock: ManualClock) -> None:
    counts.hear(crossing(counts={"person": {"in": 1, "out": 0}}, counted_since=NOON))
    midnight = datetime(2026, 3, 6).timestamp()
    clock.now = midnight - 1
    assert counts.of(YARD)["gate"].counts["person"]["in"] == 1
    clock.now = midnight + 1
    assert counts.of(YARD)["gate"] == LineCount({"person": NOBODY, "car": NOBODY}, midnight)


def test_stages_that_have_gone_count_no_more(counts: LineCounts) -> None:
    counts.hear(crossing(counts={"person": {"in": 1, "out": 0}}, counted_since=NOON))
    counts.forget("lobby")
    assert counts.of(YARD)["gate"].since == NOON
    counts.forget("yard")
    assert counts.of(YARD)["gate"] == LineCount({"person": NOBODY, "car": NOBODY})


@pytest.mark.parametrize("data", [{}, {"counts": 3, "counted_since": NOON}, {"counts": {"person": {"in": 1}}}])
def test_a_rule_of_ones_own_may_say_something_else(counts: LineCounts, data: dict[str, Any]) -> None:
    counts.hear(crossing(**data))
    assert counts.of(YARD)["gate"] == LineCount({"person": NOBODY, "car": NOBODY})
