"""A camera for those who have none at hand: photographs of a street and of people, panned and zoomed over."""

from collections.abc import Iterator
from importlib.util import find_spec
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
from sources.panorama import Movement, Panorama, blended, picture

_SCENES = {
    "bus.jpg": Movement(begin_x=0.07, centre_y=0.58, narrowest=0.55, widest=0.7),
    "zidane.jpg": Movement(centre_y=0.5, narrowest=0.85, widest=1.0),
}
_SCENE_S = 20.0
_CROSSOVER_S = 1.0
_Even = Annotated[int, Field(gt=0, multiple_of=2)]


class Demo:
    """Streams one round of all scenes again and again, with times that go on.

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
        self._scenes: list[Panorama] = []
        self._round: list[Packet] = []

    def open(self) -> StreamInfo:
        size = self._options.width, self._options.height
        self._scenes = [Panorama(_decoded(_photograph(name)), movement, size) for name, movement in _SCENES.items()]
        self._encoder = Encoder(*size, self._options.fps, quality=28)
        return self._encoder.info

    def packets(self) -> Iterator[Packet]:
        if self.realtime:
            return at_their_time(self._endless(), self._clock, self._closed)
        return self._endless()

    def close(self) -> None:
        self._closed.set()

    def _endless(self) -> Iterator[Packet]:
        step_90k = 90_000 // self._options.fps
        frames = round(len(self._scenes) * _SCENE_S * self._options.fps)
        index = 0
        while frames and not self._closed.is_set():
            pts_90k = index * step_90k
            packet = self._shown(index % frames)
            yield Packet(packet.data, pts_90k, pts_90k, packet.keyframe, self._clock.time())
            index += 1

    def _shown(self, index: int) -> Packet:
        """The packet of one picture of the round; asked for in order."""
        if index == len(self._round) and self._encoder is not None:
            picture = self._paint(index / self._options.fps)
            self._round += self._encoder.encode(picture, index * 90_000 // self._options.fps, 0.0)
        return self._round[index]

    def _paint(self, at_s: float) -> av.VideoFrame:
        number, since_s = divmod(at_s, _SCENE_S)
        scene = self._scenes[int(number)]
        left_s = _SCENE_S - since_s
        if left_s >= _CROSSOVER_S:
            return picture(scene.view(since_s))
        following = self._scenes[(int(number) + 1) % len(self._scenes)]
        # The next scene is already on its way while it appears: its time runs from below zero.
        return picture(blended(scene.view(since_s), following.view(-left_s), share=1 - left_s / _CROSSOVER_S))


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
