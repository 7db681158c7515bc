"""A camera's video pushed to a real RTSP server, by the whole system, and looked at there."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream
from numpy.typing import NDArray

from pipeline.core.colours import colour_of
from tests.system.framewatch import Framewatch, wait_for
from tests.system.rtsp import RtspServer
from tests.system.test_system import configuration

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

SINK = """
sinks:
  out: {{type: rtsp, url: "{url}", camera: yard, view: {view}}}
"""
_NEAR_PX = 12


@pytest.fixture
def media(rtsp_server: Callable[..., RtspServer], tmp_path: Path) -> RtspServer:
    """Where it is pushed to."""
    return rtsp_server({}, records={"out": tmp_path / "received.h264"})


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def with_sink(folder: Path, camera: str, sink: str, view: str = "burned") -> str:
    name = configuration(folder, camera)
    with (folder / name).open("a") as file:
        file.write(SINK.format(url=sink, view=view))
    return name


def pushed(system: Framewatch) -> dict[str, object]:
    (push,) = system.camera("yard")["pushes"]
    assert isinstance(push, dict)
    return push


def pictures(path: Path, skip: int = 0) -> list[NDArray[np.uint8]]:
    """What can be decoded of the file from that byte on, blue first."""
    decoder = av.CodecContext.create("h264", "r")
    data = path.read_bytes()[skip:]
    packets = [*decoder.parse(data), *decoder.parse(b"")]
    return [
        frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False)
        for packet in packets
        for frame in decoder.decode(packet)
    ]


def has_box(picture: NDArray[np.uint8]) -> bool:
    """Whether something in a person's colour stands on both sides of the mark."""
    row = picture[len(picture) // 2].astype(int)
    (mark,) = np.nonzero((row[:, 0] > 180) & (row[:, 1] < 100) & (row[:, 2] > 180))
    if not len(mark):
        return False
    left, right = row[max(0, mark[0] - _NEAR_PX) : mark[0]], row[mark[-1] + 1 : mark[-1] + 1 + _NEAR_PX]
    return all((np.abs(side - colour_of("person")[::-1]).max(axis=1) < 70).any() for side in (left, right))


def snow(path: Path) -> Path:
    """Ten times the bits of a usual camera: whoever takes nothing is full within seconds."""
    random = np.random.default_rng(3)
    with av.open(str(path), "w") as output:
        video = output.add_stream("libx264", rate=25, options={"preset": "ultrafast", "bf": "0", "g": "25"})
        assert isinstance(video, VideoStream)
        video.width, video.height, video.pix_fmt = 480, 272, "yuv420p"
        for _ in range(50):
            picture = random.integers(0, 255, (272, 480, 3), np.uint8)
            output.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        output.mux(video.encode(None))
    return path


def received(media: RtspServer) -> Path:
    return media.records["out"]


def size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


@pytest.mark.parametrize(("view", "boxes"), [("burned", True), ("overlay", False), ("clean", False)])
def test_what_arrives_can_be_decoded_and_has_its_boxes(
    view: str, boxes: bool, rtsp_server: Callable[..., RtspServer], media: RtspServer, mark_clip: Path, tmp_path: Path
) -> None:
    camera = rtsp_server({"yard": mark_clip})
    with Framewatch("run", with_sink(tmp_path, camera.url("yard"), media.url("out"), view), folder=tmp_path) as system:
        system.until_analysing("yard")
        wait_for(lambda: size(received(media)) and len(pictures(received(media))) > 75, 60, lambda: str(pushed(system)))
        assert pushed(system)["state"] == "online"
        assert system.metric("framewatch_push_online", camera="yard", sink="out") == 1
        status, took_s = system.interrupt()
    assert (status, took_s < 5) == (0, True)
    seen = pictures(received(media))
    assert seen[-1].shape == (720, 1280, 3)
    with_box = sum(map(has_box, seen))  # on a busy machine a box may lag behind the mark
    assert with_box > 10 if boxes else with_box == 0


def test_it_comes_back_when_the_server_does(
    rtsp_server: Callable[..., RtspServer], media: RtspServer, mark_clip: Path, tmp_path: Path
) -> None:
    camera = rtsp_server({"yard": mark_clip})
    with Framewatch("run", with_sink(tmp_path, camera.url("yard"), media.url("out")), folder=tmp_path) as system:
        wait_for(lambda: size(received(media)) > 50_000, 60, lambda: str(pushed(system)))
        media.stop()
        wait_for(lambda: pushed(system)["state"] == "offline", 20, lambda: str(pushed(system)))
        wait_for(lambda: str(pushed(system)["reason"]).startswith("unreachable"), 20, lambda: str(pushed(system)))
        assert system.camera("yard")["state"] == "online"
        before = size(received(media))
        media.start()
        wait_for(lambda: len(pictures(received(media), before)) > 25, 30, lambda: str(pushed(system)))
        assert any(map(has_box, pictures(received(media), before)))
    told = " ".join(" ".join(system.errors).split())
    assert told.count("sink out: unreachable (Connection refused)") == 1, "each reason once in an outage"


def test_a_server_that_hangs_holds_up_nobody(
    rtsp_server: Callable[..., RtspServer], media: RtspServer, tmp_path: Path
) -> None:
    camera = rtsp_server({"yard": snow(tmp_path / "snow.mp4")})
    config = with_sink(tmp_path, camera.url("yard"), media.url("out"), "overlay")
    with Framewatch("run", config, folder=tmp_path) as system:
        wait_for(lambda: size(received(media)) > 50_000, 60, lambda: str(pushed(system)))
        media.freeze()
        try:
            wait_for(lambda: str(pushed(system)["reason"]).startswith("timed out"), 40, lambda: str(pushed(system)))
            analysed = system.camera("yard")["analysed"]
            wait_for(lambda: system.camera("yard")["analysed"] > analysed + 20, 20)
            assert system.camera("yard")["state"] == "online"
            assert system.metric("framewatch_dropped", camera="yard", place="channel") == 0
            status, took_s = system.interrupt()
        finally:
            media.thaw()
    assert (status, took_s < 5) == (0, True)


def test_a_server_that_never_says_a_word_is_told_and_ends_in_time(
    rtsp_server: Callable[..., RtspServer], silent_port: int, mark_clip: Path, tmp_path: Path
) -> None:
    camera = rtsp_server({"yard": mark_clip})
    url = f"rtsp://user:open-sesame@127.0.0.1:{silent_port}/out"
    with Framewatch("run", with_sink(tmp_path, camera.url("yard"), url), folder=tmp_path) as system:
        wait_for(lambda: str(pushed(system)["reason"]).startswith("timed out"), 60, lambda: str(pushed(system)))
        status, took_s = system.interrupt()
    assert (status, took_s < 5) == (0, True)
    assert "open-sesame" not in " ".join(system.errors + system.lines)


def test_a_wrong_password_is_said_and_never_shown(
    rtsp_server: Callable[..., RtspServer], mark_clip: Path, tmp_path: Path
) -> None:
    camera = rtsp_server({"yard": mark_clip})
    media = rtsp_server({}, records={"out": tmp_path / "received.h264"}, credentials=("user", "open-sesame"))
    url = media.url("out", credentials=("user", "guessed"))
    with Framewatch("run", with_sink(tmp_path, camera.url("yard"), url), folder=tmp_path) as system:
        wait_for(lambda: "unauthorised" in str(pushed(system)["reason"]), 60, lambda: str(pushed(system)))
        answers = system.api.get("/api/v1/cameras").text + system.api.get("/metrics").text
        assert "guessed" not in answers
    assert "guessed" not in " ".join(system.errors + system.lines)
