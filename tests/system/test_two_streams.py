"""Two streams of one camera, one of them late on its way, and where the boxes of the one lie on the other."""

import operator
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.analysis.decode import Decoder
from pipeline.app.alignment import Alignment
from pipeline.core.packet import Packet
from pipeline.media import Hub
from tests.system.clips import number_in, numbered
from tests.system.rtsp import RtspServer
from tests.system.test_capture import Recording, capturing, wait_until

pytestmark = pytest.mark.system

LATE_S = 0.6
FRAME_90K = 3600


@pytest.mark.parametrize("late", ["main", "sub"])
def test_boxes_lie_on_the_same_moment_of_the_other_stream(
    rtsp_server: Callable[..., RtspServer], tmp_path: Path, late: str
) -> None:
    """Two encodes of one clip; whichever is late, the pictures with one number belong together."""
    small = numbered(tmp_path / "sub.mp4", size=(352, 198))
    server = rtsp_server({"main": numbered(tmp_path / "main.mp4"), "sub": small}, delays={late: LATE_S})
    alignment, main, sub = Alignment(), Recording(), Recording()
    hubs = {"main": Hub(), "sub": Hub()}
    for name, course, heard in (("main", alignment.shown, main), ("sub", alignment.analysed, sub)):
        hubs[name].subscribe(course)
        hubs[name].subscribe(heard)
    with capturing(server.url("main"), hubs["main"]), capturing(server.url("sub"), hubs["sub"]):
        wait_until(lambda: all(_timed(heard) > 50 for heard in (main, sub)))
        by_arrival = Alignment()
        by_arrival.shown.packet(main.packets[-1])
        numbers = {number: packet.pts_90k for number, packet in _numbered(main)}
        both = [(packet, numbers[number]) for number, packet in _numbered(sub)[-50:] if number in numbers]
        exact = [alignment.pts_90k(packet.pts_90k, packet.captured_at) or 0 for packet, _ in both]
        guessed = [by_arrival.pts_90k(packet.pts_90k, packet.captured_at) or 0 for packet, _ in both]
    true = [pts_90k for _, pts_90k in both]
    assert len(both) > 20
    assert max(map(abs, map(operator.sub, exact, true))) <= FRAME_90K
    assert min(map(abs, map(operator.sub, guessed, true))) > (LATE_S - 0.2) * 90_000, "arrival does not tell the delay"


def _timed(heard: Recording) -> int:
    return sum(packet.camera_time is not None for packet in list(heard.packets))


def _numbered(heard: Recording) -> list[tuple[int, Packet]]:
    """Packets with the numbers in their pictures."""
    decoder, packets = Decoder("yard"), {packet.pts_90k: packet for packet in list(heard.packets)}
    assert heard.info is not None
    decoder.open(heard.info)
    frames = [frame for packet in packets.values() for frame in decoder.decode(packet)]
    return [(number_in(frame.gray()), packets[frame.pts_90k]) for frame in frames]
