from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.packet import Packet
from pipeline.media.ring import Ring
from tests.media.streams import numbers, packet


def filled(ring: Ring, count: int, *, gop: int, size: int = 10) -> Ring:
    for number in range(count):
        ring.append(packet(number, keyframe=number % gop == 0, size=size))
    return ring


def test_gop_begins_at_the_last_key_frame() -> None:
    ring = filled(Ring(), 25, gop=10)
    assert numbers(ring.gop()) == [20, 21, 22, 23, 24]


def test_what_comes_before_the_first_key_frame_is_not_held() -> None:
    ring = Ring()
    ring.append(packet(0))
    assert (len(ring), ring.gop(), ring.since(0.0), ring.skipped) == (0, [], [], 0)


def test_since_begins_at_the_key_frame_at_or_before() -> None:
    ring = filled(Ring(), 40, gop=10)
    assert numbers(ring.since(1.9))[0] == 10
    assert numbers(ring.since(2.0))[0] == 20
    assert numbers(ring.since(99.0))[0] == 30
    assert numbers(ring.since(-1.0)) == list(range(40))


def test_it_reaches_back_its_seconds_and_at_most_one_gop_more() -> None:
    ring = filled(Ring(seconds=2.0), 100, gop=10)
    assert numbers(ring.since(0.0)) == list(range(70, 100))


def test_a_gop_longer_than_the_seconds_is_held_whole() -> None:
    ring = filled(Ring(seconds=1.0), 50, gop=100)
    assert numbers(ring.gop()) == list(range(50))


def test_bytes_bound_it_before_the_seconds_do() -> None:
    ring = filled(Ring(max_bytes=1000), 40, gop=5, size=60)
    assert numbers(ring.since(0.0)) == list(range(25, 40))
    assert ring.size_bytes == 900


def test_a_gop_larger_than_the_bound_is_not_held_and_counted_and_the_next_one_is() -> None:
    ring = filled(Ring(max_bytes=100), 15, gop=15)
    assert (len(ring), ring.skipped) == (0, 15)
    ring.append(packet(15, keyframe=True))
    ring.append(packet(16))
    assert numbers(ring.gop()) == [15, 16]
    assert ring.skipped == 15


def test_cleared_it_waits_for_a_key_frame() -> None:
    ring = filled(Ring(), 15, gop=10)
    ring.clear()
    ring.append(packet(15))
    assert (len(ring), ring.size_bytes) == (0, 0)
    ring.append(packet(16, keyframe=True))
    assert numbers(ring.gop()) == [16]


@given(
    stream=st.lists(st.tuples(st.booleans(), st.integers(0, 60), st.floats(0, 1)), max_size=80),
    seconds=st.floats(0, 5),
    max_bytes=st.integers(50, 400),
)
def test_its_bounds_hold_for_any_stream(stream: list[tuple[bool, int, float]], seconds: float, max_bytes: int) -> None:
    ring = Ring(seconds, max_bytes)
    now, sent, last_gop = 0.0, list[Packet](), list[Packet]()
    for number, (keyframe, size, gap) in enumerate(stream):
        now += gap
        current = packet(number, keyframe=keyframe, size=size, captured_at=now)
        ring.append(current)
        sent.append(current)
        last_gop = [current] if keyframe else [*last_gop, current]

        held = ring.since(-1.0)
        assert sum(len(packet.data) for packet in held) == ring.size_bytes <= max_bytes
        assert held == (sent[-len(held) :] if held else [])
        assert not held or held[0].keyframe
        assert ring.gop() in ([], last_gop)
        if last_gop[0].keyframe and sum(len(packet.data) for packet in last_gop) <= max_bytes:
            assert ring.gop() == last_gop
        later = [packet for packet in held[1:] if packet.keyframe]
        assert not later or now - later[0].captured_at < seconds
