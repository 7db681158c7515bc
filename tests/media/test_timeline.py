import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.media.timeline import Place, Timeline

FRAME = 3600
OPEN = "open"


def placed(*stream: tuple[int, float] | str, realtime: bool = True) -> list[Place]:
    """Places packets of (own dts, arrival); `OPEN` stands for a stream that is opened again."""
    timeline = Timeline()
    timeline.begin(realtime=realtime)
    places = list[Place]()
    for item in stream:
        if isinstance(item, str):
            timeline.begin(realtime=realtime)
        else:
            places.append(timeline.place(item[0], item[0], item[1]))
    return places


@pytest.mark.parametrize(
    ("stream", "dts", "resumed"),
    [
        pytest.param([(777, 0.0), (777 + FRAME, 0.9)], [0, FRAME], [0], id="steps are the stream's own"),
        pytest.param(
            [(0, 0.0), (FRAME, 0.04), OPEN, (5_000_000, 10.04), (5_003_600, 10.08)],
            [0, FRAME, FRAME + 900_000, 2 * FRAME + 900_000],
            [0, 2],
            id="opened again it goes on after the time that went by",
        ),
        pytest.param(
            [(0, 0.0), (FRAME, 0.04), OPEN, (0, 0.041)],
            [0, FRAME, 2 * FRAME],
            [0, 2],
            id="and at least one step later",
        ),
        pytest.param(
            [(0, 0.0), (FRAME, 0.04), (0, 0.08), (FRAME, 0.12)],
            [0, FRAME, 2 * FRAME, 3 * FRAME],
            [0, 2],
            id="a loop goes on",
        ),
        pytest.param(
            [(0, 0.0), (FRAME, 0.04), (90_000_000, 0.09), (90_003_600, 0.13)],
            [0, FRAME, FRAME + 4500, 2 * FRAME + 4500],
            [0, 2],
            id="a clock set forward is no time gone by",
        ),
        pytest.param(
            [(0, 0.0), (900_000, 10.0), (1_800_000, 20.0)],
            [0, 900_000, 1_800_000],
            [0],
            id="a picture every ten seconds is no jump",
        ),
        pytest.param(
            [(2**33 - FRAME, 0.0), (0, 0.04), (FRAME, 0.08)],
            [0, FRAME, 2 * FRAME],
            [0],
            id="33 bits wrap around",
        ),
        pytest.param(
            [(2**32 - FRAME, 0.0), (0, 0.04), (FRAME, 0.08)],
            [0, FRAME, 2 * FRAME],
            [0, 1],
            id="32 bits, as RTP has them, begin anew",
        ),
        pytest.param(
            [(0, 0.0), (FRAME, 0.04), (FRAME, 0.08), (FRAME - 5, 0.12), (4 * FRAME, 0.16)],
            [0, FRAME, FRAME + 1, FRAME + 2, 4 * FRAME],
            [0],
            id="a time stamp repeated is one tick later and leaves no trace",
        ),
    ],
)
def test_dts_goes_on(stream: list[tuple[int, float] | str], dts: list[int], resumed: list[int]) -> None:
    places = placed(*stream)
    assert [place.dts_90k for place in places] == pytest.approx(dts, abs=1)
    assert [number for number, place in enumerate(places) if place.resumed] == resumed


def test_a_file_read_at_full_speed_keeps_its_gaps_and_loops_by_one_step() -> None:
    places = placed((0, 0.0), (FRAME, 0.0), (20 * 90_000, 0.0), (0, 0.0), (FRAME, 0.0), realtime=False)
    gap = 20 * 90_000
    assert [place.dts_90k for place in places] == [0, FRAME, gap, 2 * gap - FRAME, 2 * gap]


def test_b_frames_keep_their_reordering() -> None:
    timeline = Timeline()
    order = [0, 3, 1, 2, 6, 4, 5]
    places = [
        timeline.place((number + 1) * FRAME + 99, position * FRAME + 99, position * 0.04)
        for position, number in enumerate(order)
    ]
    assert [place.dts_90k for place in places] == [position * FRAME for position in range(7)]
    assert [place.pts_90k for place in places] == [(number + 1) * FRAME for number in order]


def test_opened_again_no_picture_is_shown_before_those_already_shown() -> None:
    timeline = Timeline()
    shown = timeline.place(5 * FRAME, 0, 0.0).pts_90k
    timeline.begin()
    assert timeline.place(0, 0, 0.01).pts_90k > shown


@pytest.mark.parametrize("pts", [-500, 90_000 * 60], ids=["before its decoding", "a minute after it"])
def test_a_display_time_that_makes_no_sense_is_that_of_decoding(pts: int) -> None:
    assert Timeline().place(pts, 0, 0.0) == Place(0, 0, True)


def test_what_is_beside_goes_the_same_way() -> None:
    timeline = Timeline()
    assert timeline.beside(0) is None, "nothing came before"
    timeline.place(2**33 - FRAME, 2**33 - FRAME, 0.0)
    assert [timeline.beside(at) for at in (2**33 - FRAME - 900, 900)] == [-900, FRAME + 900]
    timeline.begin()
    assert timeline.beside(900) is None, "of the stream before"
    place = timeline.place(777, 777, 10.0)
    assert timeline.beside(777 + 450) == place.dts_90k + 450
    assert timeline.beside(777 + 4 * 90_000) is None, "of another time"
    place = timeline.place(777 + 900 * 90_000, 777 + 900 * 90_000, 10.1)
    assert timeline.beside(777 + 900 * 90_000) == place.dts_90k, "after a jump"
    assert timeline.beside(777) is None, "of before the jump"


@given(
    stream=st.lists(
        st.tuples(st.integers(0, 2**33 - 1), st.integers(-20_000, 20_000), st.floats(0, 20), st.booleans()), max_size=50
    ),
    realtime=st.booleans(),
)
def test_whatever_comes_it_never_goes_back_nor_stands_still(
    stream: list[tuple[int, int, float, bool]], realtime: bool
) -> None:
    timeline, now, before = Timeline(), 0.0, -1
    for dts, reorder, gap_s, opens in stream:
        now += gap_s
        if opens:
            timeline.begin(realtime=realtime)
        place = timeline.place(dts + reorder, dts, now)
        assert place.pts_90k >= place.dts_90k > before
        before = place.dts_90k


@given(first=st.integers(0, 2**33 - 1), steps=st.lists(st.integers(1, 250_000), max_size=60), delay_s=st.floats(0, 1))
def test_a_stream_without_jumps_keeps_every_step(first: int, steps: list[int], delay_s: float) -> None:
    timeline, own, now = Timeline(), first, 0.0
    start = timeline.place(own, own, now).dts_90k
    for step in steps:
        own, now = own + step, now + step / 90_000
        wrapped = own % 2**33
        assert timeline.place(wrapped, wrapped, now + delay_s).dts_90k == start + own - first
