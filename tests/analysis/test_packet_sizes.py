from itertools import chain, repeat

import pytest

from pipeline.analysis.packet_sizes import ENOUGH, PacketSizes

USUAL = [4_000, 6_000, 5_000] * 20


@pytest.mark.parametrize(
    ("then", "grew"),
    [
        pytest.param([6_000, 7_000, 9_000], False, id="a little"),
        pytest.param([30_000, 5_000, 30_000], False, id="one large packet now and then"),
        pytest.param([15_000, 15_000], True, id="twice as large, twice"),
        pytest.param([100, 100, 100], False, id="smaller ones"),
        pytest.param(chain.from_iterable(repeat(size, 3) for size in range(6_000, 40_000, 500)), False, id="slowly"),
    ],
)
def test_sudden_growth(then: list[int], grew: bool) -> None:
    sizes = PacketSizes(1280 * 720)
    assert not any(sizes.grew(size) for size in USUAL)
    assert any([sizes.grew(size) for size in then]) == grew


def test_growth_is_told_once() -> None:
    sizes = PacketSizes(1280 * 720)
    told = [sizes.grew(size) for size in [*USUAL, *[20_000] * 50]]
    assert told.count(True) == 1


def test_a_few_bytes_more_say_nothing() -> None:
    sizes = PacketSizes(1280 * 720)
    assert not any(sizes.grew(size) for size in [*[100] * 50, *[1_000] * 50])


def test_nothing_is_sudden_at_the_beginning() -> None:
    sizes = PacketSizes(1280 * 720)
    assert not any(sizes.grew(size) for size in [*[100] * (ENOUGH - 5), *[50_000] * 5])
