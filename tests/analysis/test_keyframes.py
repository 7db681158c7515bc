"""`decode: keyframes` on real streams of a still scene, in which something walks or nothing does."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import pytest
from msgspec.structs import replace

from pipeline.analysis.attention import Attention
from pipeline.analysis.backlog import Backlog
from pipeline.analysis.decode import Decoder
from pipeline.analysis.decoding import LONGEST_GROUP_S
from pipeline.analysis.keyframe_look import KeyframeLook
from pipeline.analysis.keyframes import KeyframeDecoding
from pipeline.core.frame import Frame
from pipeline.core.packet import Packet
from pipeline.stages.background import Background
from tests.analysis.pictures import INFO, START, encoded, noisy, scene, with_b_frames

FPS, GOP = 25, 25


@cache
def still() -> list[Packet]:
    return noisy(FPS * 14)


@cache
def endless() -> list[Packet]:
    return noisy(FPS * 12, gop=10**6)


def later(packets: Sequence[Packet], frames: int) -> list[Packet]:
    """The same, so many frames later."""
    ticks = frames * 90_000 // FPS
    return [
        Packet(one.data, one.pts_90k + ticks, one.dts_90k + ticks, one.keyframe, one.captured_at + ticks / 90_000)
        for one in packets
    ]


class Camera:
    """A camera's decoding, and a stage that looks for motion in what comes out of it."""

    def __init__(self, backlog: Backlog | None = None) -> None:
        self.decoder = Decoder("yard")
        self.attention = Attention()
        self.decoding = KeyframeDecoding(self.decoder, self.attention, KeyframeLook(()), backlog)
        self.decoding.opened(INFO)
        self.frames: list[Frame] = []
        self.was_quiet: list[bool] = []
        self._background = Background()

    @property
    def indices(self) -> list[int]:
        """Which pictures came out, in their order."""
        return [frame.pts_90k * FPS // 90_000 for frame in self.frames]

    def play(self, packets: Sequence[Packet], *, catches_up: bool = True) -> None:
        for packet in packets:
            self._show(list(self.decoding.packet(packet)))
            self.was_quiet.append(self.decoding.quiet)
            while catches_up and self.decoding.behind:
                self._show(list(self.decoding.catch_up()))

    def end(self) -> None:
        for _ in range(2):
            self._show(list(self.decoding.broken_off()))
            while self.decoding.behind:
                self._show(list(self.decoding.catch_up()))

    def _show(self, frames: Sequence[Frame]) -> None:
        self.frames += frames
        for frame in frames:
            moves = self._background.look(frame.gray(160, 90), frame.captured_at)
            self.attention.saw(frame.captured_at, moves, [])


def is_whole(indices: Sequence[int], first: int, last: int) -> bool:
    return set(range(first, last)) <= set(indices)


def test_a_still_scene_costs_its_key_frames() -> None:
    camera = Camera()
    camera.play(still())
    assert not any(camera.was_quiet[: FPS * 4]), "it must have been seen to be still"
    assert all(camera.was_quiet[FPS * 7 :])
    assert [index for index in camera.indices if index >= FPS * 7] == list(range(FPS * 7, FPS * 14, GOP))
    assert camera.decoder.decoded == len(camera.frames), "nothing was decoded twice"
    assert camera.decoding.skipped + camera.decoder.decoded >= FPS * 14 - GOP


@pytest.mark.parametrize("begins", [200, 201, 212, 224])
@pytest.mark.parametrize("b_frames", [False, True])
def test_what_walks_through_is_seen_from_its_first_picture(begins: int, b_frames: bool) -> None:
    walk = range(begins, begins + 2 * GOP + 10)
    camera = Camera()
    make = with_b_frames if b_frames else encoded
    camera.play(make(scene(FPS * 22, [walk])))
    assert camera.was_quiet[begins - 5]
    assert is_whole(camera.indices, walk.start, walk.stop)
    assert all(earlier < later for earlier, later in pairwise(camera.indices)), "in order, and none twice"
    assert [frame.captured_at for frame in camera.frames] == pytest.approx(
        [START + index / FPS for index in camera.indices]
    )
    assert camera.was_quiet[-1], "and falls quiet again"
    assert not camera.decoding.lost


def test_one_after_the_other_is_seen() -> None:
    """Each is in a key frame or two, and in another place in the next: it must not be taken for flicker."""
    walks = [range(begins, begins + 2 * GOP) for begins in range(205, 1200, 16 * GOP)]
    camera = Camera()
    camera.play(encoded(scene(walks[-1].stop + 5, walks)))
    for walk in walks:
        assert camera.was_quiet[walk.start - 1]
        assert is_whole(camera.indices, walk.start, walk.stop)


def test_what_comes_and_goes_between_two_key_frames_may_be_missed() -> None:
    """As the documentation of the key says."""
    camera = Camera()
    camera.play(encoded(scene(FPS * 10, [range(203, 220)], side=10)))
    assert all(camera.was_quiet[200:])


def test_a_sudden_growth_of_packets_does_not_wait_for_the_key_frame() -> None:
    camera = Camera()
    camera.play(encoded(scene(210, [range(203, 223)], side=100)))
    assert camera.was_quiet[202]
    assert not camera.was_quiet[-1]
    assert is_whole(camera.indices, 200, 210)


def test_a_camera_of_key_frames_alone_is_looked_at_now_and_then() -> None:
    camera = Camera()
    camera.play(encoded(scene(FPS * 11, [range(202, 252)]), gop=1, quality=18))
    assert camera.was_quiet[199]
    assert 10 <= len([index for index in camera.indices if 150 <= index < 200]) <= 11
    assert is_whole(camera.indices, 202, 252)


@pytest.mark.parametrize("gop", [pytest.param(FPS * 11, id="long"), pytest.param(10**6, id="endless")])
def test_long_groups_are_decoded_fully(gop: int) -> None:
    camera = Camera()
    camera.play(noisy(FPS * 24, gop=gop))
    assert camera.indices == list(range(FPS * 24))


def test_a_group_that_does_not_end_is_looked_into() -> None:
    """A camera with a smart codec stretches its groups when nothing happens."""
    first = FPS * 8
    camera = Camera()
    camera.play(still()[:first])
    assert camera.decoding.quiet
    camera.play(later(endless(), first))
    woke = camera.was_quiet.index(False, first)
    assert (woke - first) / FPS == pytest.approx(LONGEST_GROUP_S, abs=0.1)
    assert is_whole(camera.indices, first, len(camera.was_quiet))


def test_somebody_who_looks_at_the_picture_sees_all_of_it() -> None:
    camera, packets = Camera(), still()
    camera.play(packets[:210])
    assert camera.decoding.quiet
    camera.attention.want("burned", True)
    camera.play(packets[210:260])
    assert is_whole(camera.indices, 201, 260)
    camera.attention.want("burned", False)
    camera.play(packets[260:])
    assert camera.decoding.quiet


def test_what_a_stage_sees_wakes_the_camera() -> None:
    camera, packets = Camera(), still()
    camera.play(packets[:210])
    camera.attention.saw(START + 200 / FPS, [(0.1, 0.1, 0.2, 0.2)], [])
    camera.play(packets[210:230])
    assert is_whole(camera.indices, 201, 230)


def test_a_stream_that_opens_again_is_seen_anew() -> None:
    camera, packets = Camera(), still()
    camera.play(packets[:210])
    assert camera.decoding.quiet
    camera.end()
    assert is_whole(camera.indices, 200, 210), "what came last before it broke off"
    camera.decoding.opened(INFO)
    camera.play(packets[225:])
    assert not camera.was_quiet[210]
    assert is_whole(camera.indices, 225, 250)
    assert camera.decoding.quiet


def test_who_cannot_catch_up_goes_on_at_the_newest_key_frame_and_it_is_counted() -> None:
    camera = Camera(Backlog(most_packets=60))
    packets = encoded(scene(FPS * 14, [range(210, 300)]))
    camera.play(packets[:225])
    assert camera.decoding.quiet
    camera.play(packets[225:320], catches_up=False)
    assert camera.decoding.behind
    camera.play(packets[320:325])
    (begins,) = [later for earlier, later in pairwise(camera.indices) if later > earlier + 1 and later > 225]
    assert begins % GOP == 0
    assert is_whole(camera.indices, begins, 325)
    assert camera.decoding.lost == begins - 200


def test_a_damaged_key_frame_does_no_harm() -> None:
    camera, packets = Camera(), list(still())
    packets[200] = replace(packets[200], data=packets[200].data[:50])
    camera.play([*packets, *later(still(), len(packets))])
    assert is_whole(camera.indices, 225, 250)
    assert camera.decoding.quiet
