from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from pipeline.core.camera import Camera
from pipeline.core.objects import Box, TrackedObject
from pipeline.stages.gate import Gate
from tests.stages.scene import at, context

LOBBY = Camera(name="lobby")
AT_REST = TrackedObject("1", "person", 0.9, at(0.5, 0.5), first_seen_at=0.0, stationary=True)
SOMEWHERE: tuple[Box, ...] = ((0.1, 0.1, 0.2, 0.2),)


def opens(
    gate: Gate, seconds: float, motion: tuple[Box, ...] | None = (), before: Sequence[TrackedObject] = ()
) -> bool:
    ctx = context(LOBBY, seconds)
    ctx.motion, ctx.before = motion, tuple(before)
    if not gate.opens(ctx):
        return False
    gate.looked(ctx.frame.captured_at)
    return True


@pytest.mark.parametrize(
    ("motion", "before", "expected"),
    [
        pytest.param((), [], False, id="nothing moves"),
        pytest.param(SOMEWHERE, [], True, id="something moves"),
        pytest.param(None, [], True, id="nobody knows what moves"),
        pytest.param((), [AT_REST], False, id="an object at rest"),
        pytest.param((), [AT_REST, replace(AT_REST, stationary=False)], True, id="one of two is not at rest"),
        pytest.param((), [replace(AT_REST, measured=False)], True, id="one at rest was missed"),
        pytest.param((), [replace(AT_REST, measured=False, lost=True)], True, id="one at rest is lost"),
        pytest.param(
            (), [replace(AT_REST, stationary=False, confirmed=False)], True, id="nobody knows yet whether it is one"
        ),
    ],
)
def test_what_opens_it(motion: tuple[Box, ...] | None, before: list[TrackedObject], expected: bool) -> None:
    gate = Gate(interval_s=10, heartbeat_s=60)
    assert opens(gate, 0)
    assert opens(gate, 0.2, motion, before) == expected


@pytest.mark.parametrize(
    ("before", "interval_s", "heartbeat_s", "looked"),
    [
        pytest.param([], 10, 60, [0, 60, 120], id="nothing there"),
        pytest.param([AT_REST], 10, 60, list(range(0, 121, 10)), id="something at rest"),
        pytest.param([AT_REST], 0, 60, [0, 60, 120], id="no look at what is at rest"),
        pytest.param([], 10, 0, [0], id="no heartbeat"),
        pytest.param([AT_REST], 0, 0, [0], id="neither"),
        pytest.param([AT_REST], 90, 60, [0, 60, 120], id="the heartbeat is also a look at what is at rest"),
    ],
)
def test_it_opens_now_and_then(
    before: list[TrackedObject], interval_s: float, heartbeat_s: float, looked: list[int]
) -> None:
    gate = Gate(interval_s, heartbeat_s)
    assert [now for now in range(125) if opens(gate, now, (), before)] == looked


def test_a_look_that_failed_is_owed() -> None:
    gate = Gate(interval_s=10, heartbeat_s=60)
    opens(gate, 0)
    moving, still = context(LOBBY, 1), context(LOBBY, 2)
    moving.motion, still.motion = SOMEWHERE, ()
    assert gate.opens(moving)
    assert gate.opens(still)
    gate.looked(still.frame.captured_at)
    assert not opens(gate, 3)


def test_it_opens_when_time_goes_back() -> None:
    gate = Gate(interval_s=10, heartbeat_s=60)
    assert opens(gate, 100)
    assert opens(gate, 5)
    assert not opens(gate, 6)
