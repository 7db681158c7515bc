"""A plane that decodes key frames alone while nothing happens."""

import time
from collections.abc import Sequence
from itertools import pairwise
from threading import Thread

from pipeline.analysis.plan import AnalysisPlan
from pipeline.core.decoding import Decoding
from pipeline.core.messages import (
    Finished,
    FrameResult,
    Health,
    PacketIn,
    StreamLost,
    StreamOpened,
    ViewPacket,
    WantView,
)
from pipeline.core.packet import Packet
from tests.analysis.pictures import INFO, encoded, noisy, scene
from tests.analysis.plane_fixture import PlaneUnderTest, plan, running

FPS = 25
FASTER = 3


def keyframes(*stages: str, fps: float) -> AnalysisPlan:
    whole = plan(*stages, realtime=True, fps=fps)
    camera = whole.cameras["yard"].model_copy(update={"decoding": Decoding(decode="keyframes")})
    return whole.model_copy(update={"cameras": {"yard": camera}})


def play(plane: PlaneUnderTest, packets: Sequence[Packet]) -> None:
    """Like a camera whose time goes by a few times faster."""

    def send() -> None:
        plane.link.send(StreamOpened("yard", INFO))
        began = time.monotonic()
        for at, packet in enumerate(packets):
            time.sleep(max(0.0, began + at / FPS / FASTER - time.monotonic()))
            plane.link.send(PacketIn("yard", packet))
        plane.link.send(StreamLost("yard", ended=True))

    Thread(target=send, daemon=True).start()


def test_no_frame_is_lost_on_the_way_from_quiet_to_busy() -> None:
    walk = range(FPS * 8 + 10, FPS * 11)
    with running(keyframes("watch", fps=5)) as plane:
        play(plane, encoded(scene(FPS * 13, [walk])))
        plane.until(Finished)
        health = plane.until(Health, lambda message: bool(message.cameras)).cameras["yard"]
    indices = [result.pts_90k * FPS // 90_000 for result in plane.all(FrameResult)]
    assert indices == sorted(set(indices))
    assert [index for index in indices if FPS * 6 < index <= FPS * 8] == [175, 200], "key frames alone"
    until_noticed = range(walk.start, FPS * 9 + 1)
    during = [walk.start, *(index for index in indices if index in until_noticed), until_noticed.stop]
    assert max(later - earlier for earlier, later in pairwise(during)) <= 6
    assert health.skipped > FPS
    assert health.skipped + health.decoded >= FPS * 13
    assert health.decoder == "software"
    assert health.dropped["backlog"] == health.dropped["packets"] == 0


def test_a_view_shows_every_picture_of_a_quiet_camera() -> None:
    with running(keyframes("watch", fps=5)) as plane:
        plane.link.send(WantView("yard", "clean", True))
        play(plane, noisy(FPS * 8))
        plane.until(Finished)
        health = plane.until(Health, lambda message: bool(message.cameras)).cameras["yard"]
    assert health.skipped == 0
    assert len(plane.all(ViewPacket)) > FPS * 6
