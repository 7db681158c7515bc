"""A camera for those who have none at hand: it looks along photographs of a street and of people."""

from collections.abc import Iterator
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from threading import Event
from typing import Annotated, Literal

import av
from pydantic import Field, SecretStr

from pipeline.core import options
from pipeline.core.clock import Clock, SystemClock
from pipeline.core.encoder import Encoder
from pipeline.core.errors import SourceError
from pipeline.core.packet import Packet, StreamInfo
from sources.pace import at_their_time
from sources.panorama import Panorama, band

_PHOTOGRAPHS = {"bus.jpg": (0.18, 0.895), "zidane.jpg": (0.0, 1.0)}
"""And what is shown of their height, from top to bottom; of the street not the house above it."""
_ROUND_S = 36
_Even = Annotated[int, Field(gt=0, multiple_of=2)]


class Demo:
    """Streams one round along all photographs again and again, with times that go on.

    Every round is the same, so it is painted and encoded only once, picture by picture as it is shown; after that
    the camera costs next to nothing. No GOP crosses the end of a round.
    """

    class Options(options.Options):
        path: SecretStr = SecretStr("demo")
        """Only says that it is the demo camera."""
        width: _Even = 1280
        height: _Even = 720
        fps: Annotated[int, Field(ge=1, le=60)] = 15
        pace: Literal["realtime", "max"] = "realtime"

    def __init__(self, options: Options, clock: Clock | None = None) -> None:
        self.realtime = options.pace == "realtime"
        self._options = options
        self._clock = clock or SystemClock()
        self._closed = Event()
        self._encoder: Encoder | None = None
        self._panorama: Panorama | None = None
        self._round: list[Packet] = []

    def open(self) -> StreamInfo:
        size = self._options.width, self._options.height
        bands = [band(_decoded(_photograph(name)), *shown, size[1]) for name, shown in _PHOTOGRAPHS.items()]
        self._panorama = Panorama(bands, size)
        self._encoder = Encoder(*size, self._options.fps, quality=28)
        return self._encoder.info

    def packets(self) -> Iterator[Packet]:
        if self.realtime:
            return at_their_time(self._endless(), self._clock, self._closed)
        return self._endless()

    def close(self) -> None:
        self._closed.set()

    def _endless(self) -> Iterator[Packet]:
        frames = _ROUND_S * self._options.fps
        for index in count():
            if self._closed.is_set():
                return
            packet = self._shown(index % frames, frames)
            pts_90k = index * 90_000 // self._options.fps
            yield Packet(packet.data, pts_90k, pts_90k, packet.keyframe, self._clock.time())

    def _shown(self, index: int, frames: int) -> Packet:
        """The packet of one picture of the round; asked for in order."""
        if index == len(self._round) and self._panorama is not None and self._encoder is not None:
            picture = self._panorama.view(index / frames)
            self._round += self._encoder.encode(picture, index * 90_000 // self._options.fps, 0.0)
        return self._round[index]


def _photograph(name: str) -> Path:
    """Found without importing ultralytics, which would load torch."""
    package = find_spec("ultralytics")
    path = Path(package.origin).parent / "assets" / name if package and package.origin else None
    if path is None or not path.is_file():
        raise SourceError("not found", "demo", f"the ultralytics package with its assets/{name} is not installed")
    return path


def _decoded(path: Path) -> av.VideoFrame:
    with av.open(str(path)) as container:
        return next(container.decode(video=0))
