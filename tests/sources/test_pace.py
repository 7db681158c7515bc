from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.core.clock import ManualClock
from pipeline.core.packet import Packet
from sources.pace import at_their_time


@dataclass
class Sleeper:
    """Stands in for `threading.Event`: waiting moves the clock instead of taking time."""

    clock: ManualClock
    stop_at: float = float("inf")

    def wait(self, timeout: float) -> bool:
        self.clock.advance(timeout)
        return self.clock.now >= self.stop_at


def packets(*seconds: float) -> Iterable[Packet]:
    return [Packet(b"", round(at * 90_000), round(at * 90_000), True, 0.0) for at in seconds]


def test_packets_come_when_they_are_due_and_say_so() -> None:
    clock = ManualClock(100.0)
    handed_out = [packet.captured_at for packet in at_their_time(packets(5, 5.5, 7), clock, Sleeper(clock))]
    assert handed_out == [100.0, 100.5, 102.0]


def test_a_small_delay_is_caught_up() -> None:
    clock = ManualClock(100.0)
    paced = at_their_time(packets(0, 1, 2), clock, Sleeper(clock))
    next(paced)
    clock.advance(1.5)
    assert [packet.captured_at for packet in paced] == [101.5, 102.0]


def test_a_long_pause_is_forgiven() -> None:
    clock = ManualClock(100.0)
    paced = at_their_time(packets(0, 1, 2), clock, Sleeper(clock))
    next(paced)
    clock.advance(60)
    assert [packet.captured_at for packet in paced] == [160.0, 161.0]


def test_stopping_ends_the_wait() -> None:
    clock = ManualClock(100.0)
    assert len(list(at_their_time(packets(0, 1, 500), clock, Sleeper(clock, stop_at=200.0)))) == 2
