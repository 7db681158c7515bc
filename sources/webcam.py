"""Cameras at this machine, through Video4Linux."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, SecretStr

from pipeline.core import options
from pipeline.core.clock import Clock, SystemClock
from pipeline.core.packet import Packet, StreamInfo
from sources.reader import LIVE_OPTIONS, Reader


class Webcam:
    """Pictures are encoded once to H.264; a camera that encodes by itself (`input_format: h264`) passes through."""

    realtime = True

    class Options(options.Options):
        path: SecretStr
        """`0`, `1`, … or `/dev/video0`."""
        width: Annotated[int, Field(gt=0)] = 1280
        height: Annotated[int, Field(gt=0)] = 720
        """The camera takes its nearest size."""
        fps: Annotated[float, Field(gt=0)] | None = None
        """None leaves it to the camera."""
        input_format: str | None = None
        """`mjpeg`, `yuyv422`, `h264`, …; None takes the camera's first."""

    def __init__(self, options: Options, clock: Clock | None = None) -> None:
        wanted = {
            "video_size": f"{options.width}x{options.height}",
            "framerate": options.fps and f"{options.fps:g}",
            "input_format": options.input_format,
        }
        self._reader = Reader(
            _device(options.path.get_secret_value()),
            clock or SystemClock(),
            format="v4l2",
            options={**LIVE_OPTIONS, **{key: value for key, value in wanted.items() if value}},
        )

    def open(self) -> StreamInfo:
        return self._reader.open()

    def packets(self) -> Iterator[Packet]:
        yield from self._reader.endless_packets()

    def close(self) -> None:
        self._reader.close()


def _device(path: str) -> str:
    return f"/dev/video{path}" if path.isdecimal() else path
