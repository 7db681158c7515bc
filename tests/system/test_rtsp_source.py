"""The RTSP source against GStreamer's server."""

from collections.abc import Callable
from itertools import islice, pairwise
from pathlib import Path
from threading import Timer

import pytest

from pipeline.core.errors import SourceError
from pipeline.core.packet import Packet
from sources.probe import probe
from sources.rtsp import Rtsp
from tests.sources.decoding import decoded, mark_centre
from tests.system.clips import mark_at, moving_mark
from tests.system.rtsp import RtspServer, free_port

pytestmark = pytest.mark.system

Start = Callable[..., RtspServer]
SIZE = (640, 360)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("cameras")
    return {
        "h264": moving_mark(folder / "h264.mp4", seconds=2, size=SIZE),
        "hevc": moving_mark(folder / "hevc.mp4", seconds=2, size=SIZE, codec="hevc"),
        "b-frames": moving_mark(folder / "b-frames.mp4", seconds=2, size=SIZE, b_frames=2),
    }


def rtsp(url: str, **wanted: object) -> Rtsp:
    return Rtsp(Rtsp.Options.model_validate({"path": url, **wanted}))


def first(source: Rtsp, count: int) -> list[Packet]:
    packets = list(islice(source.packets(), count))
    source.close()
    return packets


@pytest.mark.parametrize(
    ("mount", "transport"), [("h264", "tcp"), ("h264", "udp"), ("hevc", "tcp")], ids=["TCP", "UDP", "H.265"]
)
def test_every_picture_is_where_its_time_says(
    rtsp_server: Start, clips: dict[str, Path], mount: str, transport: str
) -> None:
    source = rtsp(rtsp_server(clips).url(mount), transport=transport)
    info = source.open()
    packets = first(source, 70)
    assert (info.codec, info.width, info.height, info.fps, info.has_b_frames) == (mount, *SIZE, 25.0, False)
    assert {after.dts_90k - before.dts_90k for before, after in pairwise(packets)} == {3600}
    for picture in decoded(info, packets):
        assert picture.pts is not None
        assert mark_centre(picture) == pytest.approx(mark_at(picture.pts // 3600 % 50, SIZE), abs=2)


def test_b_frames_are_noticed(rtsp_server: Start, clips: dict[str, Path]) -> None:
    source = rtsp(rtsp_server(clips).url("b-frames"))
    info = source.open()
    packets = first(source, 50)
    assert info.has_b_frames
    assert all(after.dts_90k > before.dts_90k for before, after in pairwise(packets))
    assert all(packet.pts_90k >= packet.dts_90k for packet in packets)
    assert len(decoded(info, packets)) == 50


def test_the_right_password_opens(rtsp_server: Start, clips: dict[str, Path]) -> None:
    source = rtsp(rtsp_server(clips, credentials=("admin", "right")).url("h264"))
    assert source.open().width == 640
    source.close()


@pytest.mark.parametrize("door", ["", "admin:wrong@"], ids=["no password", "wrong password"])
def test_the_wrong_password_does_not(rtsp_server: Start, clips: dict[str, Path], door: str) -> None:
    server = rtsp_server(clips, credentials=("admin", "right"))
    with pytest.raises(SourceError) as failure:
        rtsp(f"rtsp://{door}127.0.0.1:{server.port}/h264").open()
    assert failure.value.reason == "unauthorised"
    assert failure.value.url == f"rtsp://127.0.0.1:{server.port}/h264"
    assert "wrong" not in str(failure.value)


def test_a_path_that_is_not_there(rtsp_server: Start, clips: dict[str, Path]) -> None:
    with pytest.raises(SourceError, match="not found"):
        rtsp(rtsp_server(clips).url("garage")).open()


def test_a_port_where_nobody_listens() -> None:
    with pytest.raises(SourceError, match="unreachable"):
        rtsp(f"rtsp://127.0.0.1:{free_port()}/h264").open()


@pytest.mark.parametrize(
    ("accident", "reason"), [(RtspServer.stop, "ended"), (RtspServer.freeze, "timed out")], ids=["dies", "falls silent"]
)
def test_a_server_that_goes_away_breaks_the_stream(
    rtsp_server: Start, clips: dict[str, Path], accident: Callable[[RtspServer], None], reason: str
) -> None:
    server = rtsp_server(clips)
    source = rtsp(server.url("h264"))
    source.open()
    packets = source.packets()
    next(packets)
    accident(server)
    with pytest.raises(SourceError, match=reason):
        for _ in packets:
            pass


def test_closing_from_another_thread_ends_a_read_that_nobody_answers(
    rtsp_server: Start, clips: dict[str, Path]
) -> None:
    server = rtsp_server(clips)
    source = rtsp(server.url("h264"))
    source.open()
    packets = source.packets()
    next(packets)
    server.freeze()
    closing = Timer(0.5, source.close)
    closing.start()
    for _ in packets:
        pass
    closing.join()


def test_the_camera_comes_back_on_the_same_port(rtsp_server: Start, clips: dict[str, Path]) -> None:
    server = rtsp_server(clips)
    server.stop()
    server.start()
    assert len(first_of(server.url("h264"), 5)) == 5


def first_of(url: str, count: int) -> list[Packet]:
    source = rtsp(url)
    source.open()
    return first(source, count)


def test_probe(rtsp_server: Start, clips: dict[str, Path]) -> None:
    report = probe(rtsp(rtsp_server(clips).url("h264")), seconds=2.5)
    assert report.live_passthrough
    assert report.gop_frames == 25
    assert report.fps_measured == pytest.approx(25, abs=1)
