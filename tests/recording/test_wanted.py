from hypothesis import given
from hypothesis import strategies as st

from pipeline.recording.wanted import REMEMBERED_S, Wanted

TIMES = st.integers(0, 200).map(lambda tenths: tenths / 10)
SPANS = st.lists(st.tuples(TIMES, TIMES).map(lambda pair: (min(pair), max(pair) + 0.1)), max_size=20)


@given(SPANS, TIMES)
def test_it_is_wanted_exactly_where_one_of_them_is(spans: list[tuple[float, float]], at: float) -> None:
    wanted = Wanted()
    for begin, end in spans:
        wanted.keep("alert", begin, end)
    asked = any(begin < at + 0.05 and at < end for begin, end in spans)
    assert bool(wanted.kinds(at, at + 0.05)) == asked


def test_kinds_are_told_apart() -> None:
    wanted = Wanted(["continuous"])
    wanted.keep("alert", 10, 20)
    wanted.keep("motion", 15, 30)
    assert wanted.kinds(16, 17) == {"continuous", "alert", "motion"}
    assert wanted.kinds(20, 21) == {"continuous", "motion"}
    assert wanted.kinds(30, 31) == {"continuous"}


def test_the_same_again_is_no_news() -> None:
    wanted = Wanted()
    wanted.keep("alert", 10, 20)
    before = wanted.changes
    wanted.keep("alert", 12, 20)
    assert wanted.changes == before
    wanted.keep("alert", 12, 21)
    assert wanted.changes == before + 1


def test_only_what_is_wanted_anew_is_news() -> None:
    wanted = Wanted()
    wanted.keep("alert", 10, 20)
    assert (wanted.has_news(10), wanted.has_news(10.1)) == (False, True)
    wanted.has_seen(wanted.changes)
    assert not wanted.has_news(99)
    wanted.keep("alert", 12, 25)
    assert (wanted.has_news(20), wanted.has_news(20.1)) == (False, True), "the rest had been wanted"
    before = wanted.changes
    wanted.keep("motion", 12, 13)
    wanted.has_seen(before)
    assert wanted.has_news(12.1), "who has seen less knows nothing of it"


def test_what_is_long_over_is_forgotten() -> None:
    wanted = Wanted()
    wanted.keep("alert", 10, 20)
    wanted.keep("alert", 21 + REMEMBERED_S, 22 + REMEMBERED_S)
    assert not wanted.kinds(10, 20)
