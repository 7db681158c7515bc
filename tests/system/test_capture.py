"""Capture, its hub and the RTSP source against a real server that goes away and comes back."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import SecretStr

from pipeline.core.clock import SystemClock
from pipeline.core.metrics import Metrics
from pipeline.core.packet import Packet, StreamInfo
from pipeline.core.redact import redact_url
from pipeline.media import Capture, Hub
from sources.rtsp import Rtsp
from tests.system.rtsp import RtspServer, free_port

pytestmark = pytest.mark.system

PATIENCE_S = 40.0
Serve = Callable[..., RtspServer]


class Recording:
    """A consumer that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.info: StreamInfo | None = None
        self.packets: list[Packet] = []
        self.first_after_opening: list[Packet] = []

    def stream_opened(self, info: StreamInfo) -> None:
        self.told.append("opened")
        self.info = info

    def packet(self, packet: Packet) -> None:
        if len(self.first_after_opening) < self.told.count("opened"):
            self.first_after_opening.append(packet)
        self.packets.append(packet)

    def stream_lost(self) -> None:
        self.told.append("lost")


@contextmanager
def capturing(url: str, hub: Hub, metrics: Metrics | None = None) -> Iterator[Capture]:
    def make_source() -> Rtsp:
        return Rtsp(Rtsp.Options(path=SecretStr(url)))

    capture = Capture(
        "lobby", "main", redact_url(url), ["detect"], make_source, hub, SystemClock(), metrics or Metrics()
    )
    capture.start()
    try:
        yield capture
    finally:
        capture.stop()


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_a_camera_goes_away_and_comes_back(rtsp_server: Serve, mark_clip: Path) -> None:
    server, hub, heard, metrics = rtsp_server({"lobby": mark_clip}), Hub(), Recording(), Metrics()
    hub.subscribe(heard)
    with capturing(server.url("lobby"), hub, metrics) as capture:
        wait_until(lambda: len(heard.packets) >= 75)
        status = capture.status()
        assert (status.state, status.codec, status.width, status.height) == ("online", "h264", 1280, 720)
        server.stop()
        wait_until(lambda: capture.status().state == "offline")
        before = len(heard.packets)
        assert capture.status().reason.startswith(("ended", "broken stream", "unreachable"))
        time.sleep(5)
        assert (capture.status().state, hub.info) == ("offline", None)
        server.start()
        wait_until(lambda: len(heard.packets) >= before + 75)
        assert capture.status().state == "online"
        now = time.time()
        latest = heard.packets[-1]

    assert heard.told == ["opened", "lost", "opened", "lost"]
    assert all(packet.keyframe for packet in heard.first_after_opening)
    assert metrics.registry.get_sample_value("framewatch_reconnects_total", {"camera": "lobby", "input": "main"}) == 1
    assert all(earlier.dts_90k < later.dts_90k for earlier, later in pairwise(heard.packets))
    assert all(earlier.captured_at < later.captured_at for earlier, later in pairwise(heard.packets))
    assert abs(now - latest.captured_at) < 2.0
    away_s = heard.packets[before].captured_at - heard.packets[before - 1].captured_at
    away_in_pts_s = (heard.packets[before].pts_90k - heard.packets[before - 1].pts_90k) / 90_000
    assert away_s >= 5.0
    assert away_s == pytest.approx(away_in_pts_s, abs=0.5)


def test_a_camera_that_falls_silent_is_opened_again(rtsp_server: Serve, mark_clip: Path) -> None:
    server, hub, heard = rtsp_server({"lobby": mark_clip}), Hub(), Recording()
    hub.subscribe(heard)
    with capturing(server.url("lobby"), hub) as capture:
        wait_until(lambda: len(heard.packets) >= 25)
        server.freeze()
        wait_until(lambda: capture.status().state == "offline")
        assert capture.status().reason.startswith("timed out")
        before = len(heard.packets)
        server.thaw()
        wait_until(lambda: len(heard.packets) >= before + 25)
        assert capture.status().state == "online"


def test_a_wrong_password_is_said_and_not_shown(rtsp_server: Serve, mark_clip: Path) -> None:
    server = rtsp_server({"lobby": mark_clip}, credentials=("admin", "right"))
    with capturing(server.url("lobby", credentials=("admin", "hunter2")), Hub()) as capture:
        wait_until(lambda: capture.status().state == "offline")
        status = capture.status()
    assert status.reason.startswith("unauthorised")
    assert status.retry_in_s is not None
    assert "hunter2" not in str(status)


def test_a_camera_that_is_not_there_is_left_at_once() -> None:
    with capturing(f"rtsp://127.0.0.1:{free_port()}/lobby", Hub()) as capture:
        wait_until(lambda: capture.status().state == "offline")
        assert capture.status().reason.startswith("unreachable")
    assert capture.status().reason == "stopped"
