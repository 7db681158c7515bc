from pipeline.core.clock import ManualClock
from pipeline.media.backoff import Backoff


def waits(backoff: Backoff, clock: ManualClock, seconds: float) -> list[tuple[float, float]]:
    """(seconds into the outage, wait) of every attempt that fails at once, for so long."""
    begun, attempts = clock.now, list[tuple[float, float]]()
    while clock.now - begun < seconds:
        wait_s = backoff.wait_s()
        attempts.append((clock.now - begun, wait_s))
        clock.advance(wait_s)
    return attempts


def test_the_first_time_is_at_once() -> None:
    assert Backoff(ManualClock()).wait_s() == 0.0


def test_for_half_a_minute_no_wait_is_longer_than_a_second() -> None:
    clock = ManualClock()
    eager = [wait_s for at, wait_s in waits(Backoff(clock), clock, 120) if at < 30]
    assert all(0.8 <= wait_s <= 1.0 for wait_s in eager[1:])


def test_then_it_doubles_up_to_a_minute_and_never_gives_up() -> None:
    clock = ManualClock()
    late = [wait_s for at, wait_s in waits(Backoff(clock), clock, 3600) if at >= 30]
    wanted = [2.0, 4.0, 8.0, 16.0, 32.0, *[60.0] * (len(late) - 5)]
    assert len(late) > 50
    assert all(0.8 * most <= wait_s <= most for wait_s, most in zip(late, wanted, strict=True))


def test_after_a_good_stream_it_begins_anew() -> None:
    clock = ManualClock()
    backoff = Backoff(clock)
    waits(backoff, clock, 3600)
    backoff.reset()
    assert backoff.wait_s() == 0.0
    assert backoff.wait_s() <= 1.0


def test_a_camera_that_may_lock_us_out_is_left_in_peace() -> None:
    assert Backoff(ManualClock()).wait_s(locks_out=True) >= 48.0
