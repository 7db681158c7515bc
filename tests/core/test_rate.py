import pytest

from pipeline.core.rate import Growth, Rate


@pytest.mark.parametrize(
    ("ticks", "now", "expected"),
    [
        pytest.param([], 0.0, 0.0, id="nothing yet"),
        pytest.param([1.0], 1.0, 0.0, id="one tick has no rate"),
        pytest.param([n / 25 for n in range(50)], 49 / 25, 25.0, id="a steady stream"),
        pytest.param([n / 25 for n in range(500)], 499 / 25, 25.0, id="longer than the window"),
        pytest.param([n / 10 for n in range(11)], 3.1, 10 / 3, id="a pause since the last tick counts"),
        pytest.param([0.0, 0.1, 0.2], 60.0, 0.0, id="long ago"),
        pytest.param([1.0, 1.0, 1.0], 1.0, 0.0, id="all at once says nothing"),
    ],
)
def test_rate(ticks: list[float], now: float, expected: float) -> None:
    rate = Rate()
    for tick in ticks:
        rate.tick(tick)
    assert rate.per_second(now) == pytest.approx(expected)


def test_cleared_it_begins_again() -> None:
    rate = Rate()
    for number in range(10):
        rate.tick(number / 10)
    rate.clear()
    assert rate.per_second(1.0) == 0.0


@pytest.mark.parametrize(
    ("readings", "per_second"),
    [
        pytest.param([], 0.0, id="nothing read"),
        pytest.param([(0, 10)], 0.0, id="read once"),
        pytest.param([(0, 10), (1, 25), (2, 40)], 15.0, id="steady"),
        pytest.param([(0, 900), (1, 915), (2, 3), (3, 13)], 10.0, id="begun anew"),
        pytest.param([(0, 0), (1, 0), (2, 20), (3, 40)], 20.0, id="the last three alone"),
        pytest.param([(1, 0), (1, 20)], 0.0, id="at once"),
    ],
)
def test_how_fast_a_counter_grows(readings: list[tuple[float, int]], per_second: float) -> None:
    growth = Growth(readings=3)
    for now, count in readings:
        growth.read(now, count)
    assert growth.per_second() == per_second
