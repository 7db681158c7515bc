"""The live view's benchmark: what is computed from what was seen. How fast a machine is, no test says."""

from collections.abc import Sequence

import numpy as np
import pytest

from benchmarks.audience import Audience, Paid
from benchmarks.delay import Delay, added_ms, own_frames
from benchmarks.street import number_in, with_number
from benchmarks.viewing import ANALYSIS, CHROMIUM, CLIENT, CODECS, MEDIA, THEIRS, VIEWERS, Round, figures


def played(*, each_percent: float = 2.0, theirs_percent: float = 30.0, frames: float = 25.0) -> Round:
    def paid(percent: dict[str, float]) -> Paid:
        return Paid(percent, frames=frames, messages=25.0, packets=250.0)

    return Round(
        ours={viewers: paid({MEDIA: 5 + each_percent * viewers, ANALYSIS: 150.0}) for viewers in VIEWERS},
        analysed=dict.fromkeys(VIEWERS, 25.0),
        theirs={(codec, n): paid({THEIRS: 10 + theirs_percent * n}) for codec in CODECS for n in (1, 2)},
        waited_ms={CLIENT: [100.0] * 18 + [400.0] * 2},
        delay=Delay([40.0] * 20, [75.0] * 20, 0.97),
    )


def test_one_more_viewer_is_what_the_media_process_takes_more() -> None:
    told = dict(figures([played()]))
    assert told["one more viewer, from 1 to 20, % of a core"] == "2.00"
    assert told["bar 4 for one more viewer, 1 to 20"] == "met"
    assert told["ours of theirs, VP8"] == "0.067"
    assert told["bar 0.1 of H264"] == "met"
    assert told["exact: boxes on their own frame, %"] == pytest.approx(97)


def test_a_bar_that_is_missed_is_said_and_so_is_who_was_not_measured() -> None:
    told = dict(figures([played(each_percent=5.0)]))
    assert told["bar 4 for one more viewer, 1 to 20"] == "missed"
    assert told["bar 0.1 of VP8"] == "missed"
    assert told[f"{CLIENT}, bar 300"] == "missed"
    assert told[f"{CHROMIUM}, bar 300"] == "no sample"


@pytest.mark.parametrize(("frames", "said"), [(25.0, "yes"), (19.0, "no: the machine was too full")])
def test_starved_viewers_are_told_of(frames: float, said: str) -> None:
    told = dict(figures([played(frames=frames)]))
    assert told["every viewer got every frame and message"] == said
    assert told["bar 4 for one more viewer, 1 to 20"] == ("met" if said == "yes" else said)


def test_what_the_aiortc_server_did_not_send_is_not_cheap() -> None:
    told = dict(figures([played(frames=20.0)]))
    assert told["aiortc server, VP8, one more viewer, % of a core"] == 30 * 25 / 20


@pytest.mark.parametrize("number", [0, 1, 499, 1023])
def test_a_picture_tells_its_number(number: int) -> None:
    luma = np.full((720, 1280), 90, np.uint8)
    with_number(luma, number)
    assert number_in(luma) == number


@pytest.mark.parametrize(
    ("arrived", "late_ms"),
    [
        pytest.param([(7, 100.0), (7, 120.0)], [50], id="the last time round counts"),
        pytest.param([(7, 100.0)], [], id="too long ago to be the same picture"),
        pytest.param([(8, 120.0)], [], id="another picture"),
    ],
)
def test_delay_is_from_the_arrival_of_the_same_picture(arrived: list[tuple[int, float]], late_ms: list[int]) -> None:
    assert [round(late) for late in added_ms(arrived, [{"number": 7, "at": 120_050}])] == late_ms


@pytest.mark.parametrize(
    ("came_at", "ahead", "share"),
    [pytest.param([900, 1900], 0, 1.0, id="in time"), pytest.param([900, 2100], 0, 0.5, id="one too late")],
)
def test_a_box_is_on_its_frame_where_the_result_came_before(came_at: Sequence[int], ahead: float, share: float) -> None:
    shown = [{"pts": pts, "at": at, "ahead": ahead} for pts, at in ((1, 1000), (2, 2000), (3, 3000), (None, 4000))]
    assert own_frames(shown, {1: came_at[0], 2: came_at[1]}) == share


def test_no_audience_costs_and_gets_nothing() -> None:
    with Audience("http://127.0.0.1:1/whep/camera0", 0) as nobody:
        assert nobody.paid({}, 0.1) == Paid({}, frames=0, messages=0, packets=0)
