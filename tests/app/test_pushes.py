"""A camera and a sink of somebody's own: its view is asked for while the sink takes it, and at no other time."""

import time
from collections.abc import Callable
from pathlib import Path

from pipeline.app.camera import LiveCamera
from pipeline.config import loads
from pipeline.core.clock import SystemClock
from pipeline.core.messages import ViewInfo, ViewPacket, WantStill, WantView
from pipeline.core.metrics import Metrics
from tests.media.streams import INFO, packet

SINK = """
from pathlib import Path
from framewatch import DeliveryError, Packet, StreamInfo, VideoOptions

class Drawer:
    class Options(VideoOptions):
        folder: Path

    def __init__(self, options):
        self.folder = options.folder

    def open(self, info: StreamInfo) -> None:
        if not (self.folder / "unlocked").exists():
            raise DeliveryError("the drawer is locked")
        (self.folder / "announced").write_text(f"{info.codec} {info.width}x{info.height}")

    def write(self, packet: Packet) -> None:
        with (self.folder / "video").open("ab") as file:
            file.write(packet.data)

    def interrupt(self) -> None: ...
    def close(self) -> None: ...
"""
CONFIG = """
cameras: {yard: {inputs: [{path: demo, width: 320, height: 180}]}}
sinks: {out: {type: "./drawer.py:Drawer", camera: yard, folder: FOLDER}}
"""


class Asked:
    """Remembers which views were asked for."""

    def __init__(self) -> None:
        self.views: list[WantView] = []

    def want_view(self, message: WantView) -> None:
        self.views.append(message)

    def want_still(self, message: WantStill) -> None: ...

    def dropped(self, camera: str) -> int:
        return 0


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_nothing_is_made_for_a_sink_that_does_not_take_it(tmp_path: Path) -> None:
    (tmp_path / "drawer.py").write_text(SINK)
    config = loads(CONFIG.replace("FOLDER", str(tmp_path)), base=tmp_path).cameras["yard"]
    asked = Asked()
    camera = LiveCamera(config, asked, SystemClock(), Metrics(), lambda *_: None)
    camera.start()
    try:
        (push,) = camera.pushes
        until(lambda: push.status().reason == "the drawer is locked")
        assert asked.views == []
        (tmp_path / "unlocked").touch()
        until(lambda: push.status().state == "online")
        until(lambda: asked.views == [WantView("yard", "burned", True)])
        assert (tmp_path / "announced").read_text() == "h264 320x180"
        camera.got_view(ViewInfo("yard", "burned", INFO))
        camera.got_view(ViewPacket("yard", "burned", packet(0, keyframe=True, size=7)))
        until(lambda: (tmp_path / "video").exists() and (tmp_path / "video").stat().st_size == 7)
    finally:
        for each in camera.at_work:
            each.ask_to_stop()
        for each in camera.at_work:
            each.stop()
    assert asked.views == [WantView("yard", "burned", wanted) for wanted in (True, False)]
