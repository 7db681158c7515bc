import pytest

from pipeline.analysis.attention import HOLD_S, Attention
from pipeline.core.objects import Box, TrackedObject

SOMEWHERE: Box = (0.1, 0.1, 0.2, 0.2)


def thing(*, stationary: bool = False, lost: bool = False) -> TrackedObject:
    return TrackedObject("one", "person", 0.9, SOMEWHERE, 0.0, stationary=stationary, lost=lost)


def is_quiet(attention: Attention) -> bool:
    return attention.is_quiet


@pytest.mark.parametrize(
    ("motion", "objects", "quiet"),
    [
        pytest.param((), [], True, id="nothing"),
        pytest.param((SOMEWHERE,), [], False, id="something moves"),
        pytest.param((), [thing()], False, id="somebody is there"),
        pytest.param((), [thing(stationary=True)], True, id="a parked car"),
        pytest.param((), [thing(lost=True)], True, id="somebody who was lost"),
        pytest.param((), [thing(stationary=True), thing()], False, id="somebody at a parked car"),
        pytest.param(None, [], True, id="nobody looks for motion, and nothing is there"),
    ],
)
def test_what_keeps_a_camera_awake(motion: tuple[Box, ...] | None, objects: list[TrackedObject], quiet: bool) -> None:
    attention = Attention()
    for second in range(10):
        attention.saw(100.0 + second, motion, objects)
    assert attention.is_quiet == quiet
    assert attention.is_still == (quiet and motion is not None)


def test_it_falls_quiet_after_a_while() -> None:
    attention = Attention()
    attention.saw(100.0, (SOMEWHERE,), [])
    attention.saw(100.0 + HOLD_S - 0.1, (), [])
    assert not is_quiet(attention)
    attention.saw(100.0 + HOLD_S, (), [])
    assert is_quiet(attention)
    attention.saw(110.0, (SOMEWHERE,), [])
    assert not is_quiet(attention)


def test_without_the_stages_word_nothing_is_quiet() -> None:
    attention = Attention()
    assert not is_quiet(attention)
    attention.saw(100.0, (), [])
    attention.saw(110.0, (), [])
    attention.stir(120.0)
    assert not is_quiet(attention), "what stirred it is later than anything the stages have seen"
    attention.saw(122.0, (), [])
    assert not is_quiet(attention)
    attention.saw(123.0, (), [])
    assert is_quiet(attention)


def test_who_looks_keeps_it_awake() -> None:
    attention = Attention()
    attention.saw(100.0, (), [])
    attention.saw(110.0, (), [])
    attention.want("burned", True)
    attention.want("jpeg", True)
    attention.want("burned", False)
    attention.want("burned", False)
    assert not is_quiet(attention)
    attention.want("jpeg", False)
    assert is_quiet(attention)


def test_a_clock_that_is_set_back_changes_nothing_for_long() -> None:
    attention = Attention()
    attention.saw(1000.0, (SOMEWHERE,), [])
    attention.saw(400.0, (SOMEWHERE,), [])
    assert not is_quiet(attention)
    attention.saw(400.0 + HOLD_S, (), [])
    assert is_quiet(attention)
    attention.saw(410.0, (SOMEWHERE,), [])
    assert not is_quiet(attention)
