"""A fixed camera's picture: a still scene with sensor noise, through which people of real photographs walk.

Clips are encoded as cameras do it (constant bit rate, a key frame every two seconds) and kept: the second run of a
benchmark finds them. They are whole numbers of groups of pictures long, so that they can be played round after round.
"""

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from pipeline.core.frame import Image

LENGTH_S = 40
GOP_S = 2
_LEAD_S = 8
"""Encoded before, and not kept: a camera's rate control has long settled, and the seam between two rounds shows none
of its beginning."""
_SIZE = 1280, 720
_SPEED_PX = 160
"""A second; people come in at the left, turn round, and leave where they came from."""
_PERSON_PX = 300
_FLOOR_PX = 640
_NOISE = 3.0
"""Standard deviation of the sensor's noise, in steps of brightness."""
_PEOPLE_OF_BUS_JPG = ((221, 406, 345, 858), (50, 400, 245, 903))


@dataclass(frozen=True, slots=True)
class Walk:
    """Seconds of the clip; who walks is a number."""

    begins_s: float
    lasts_s: float
    person: int = 0

    def left_px(self, at_s: float, width: int) -> int | None:
        """None while nobody is there."""
        since_s = at_s - self.begins_s
        if not 0 <= since_s < self.lasts_s:
            return None
        return round(_SPEED_PX * min(since_s, self.lasts_s - since_s)) - width


@dataclass(frozen=True, slots=True)
class Form:
    """How the camera sends it."""

    width: int
    height: int
    fps: int
    kbps: int


FIRST = Form(*_SIZE, fps=25, kbps=2000)
SECOND = Form(640, 360, fps=10, kbps=400)


def clip(walks: Sequence[Walk], form: Form) -> Path:
    """`LENGTH_S` seconds with these walks; encoded where it is not there yet."""
    said = repr((list(walks), form, LENGTH_S, _LEAD_S, GOP_S, _SPEED_PX, _PERSON_PX, _NOISE))
    folder = Path(tempfile.gettempdir()) / "framewatch-benchmarks"
    folder.mkdir(exist_ok=True)
    path = folder / f"walkers-{hashlib.sha256(said.encode()).hexdigest()[:16]}.mp4"
    if not path.exists():
        unfinished = path.with_suffix(".part.mp4")
        _encode(unfinished, walks, form)
        unfinished.rename(path)
    return path


def _encode(path: Path, walks: Sequence[Walk], form: Form) -> None:
    with av.open(str(path), "w") as output:
        gop, kbps = GOP_S * form.fps, form.kbps
        options = {"preset": "superfast", "bf": "0", "x264-params": f"scenecut=0:keyint={gop}:min-keyint={gop}"}
        options |= {"b": f"{kbps}k", "maxrate": f"{kbps}k", "bufsize": f"{kbps}k"}
        video = output.add_stream("libx264", rate=form.fps, options=options)
        assert isinstance(video, VideoStream)
        video.width, video.height, video.pix_fmt = form.width, form.height, "yuv420p"
        video.codec_context.max_b_frames = 0
        output.start_encoding()
        for packet in _packets(video, _pictures(walks, form)):
            if packet.pts is not None and packet.pts >= 0:
                output.mux(packet)


def _packets(video: VideoStream, pictures: Iterator[tuple[int, Image]]) -> Iterator["av.Packet[VideoStream]"]:
    for number, image in pictures:
        picture = av.VideoFrame.from_ndarray(image, format="bgr24")
        picture.pts, picture.time_base = number, Fraction(1) / Fraction(video.average_rate or 1)
        yield from video.encode(picture)
    yield from video.encode(None)


def _pictures(walks: Sequence[Walk], form: Form) -> Iterator[tuple[int, Image]]:
    """With their numbers, below 0 before the clip begins."""
    background, people, noise = _background(), _people(), Noise((form.height, form.width))
    for number in range(-_LEAD_S * form.fps, LENGTH_S * form.fps):
        scene = background.copy()
        for walk in walks:
            _paste(scene, people[walk.person % len(people)], walk, number / form.fps)
        yield number, noise.on(cv2.resize(scene, (form.width, form.height), interpolation=cv2.INTER_AREA))


def _paste(scene: Image, person: Image, walk: Walk, at_s: float) -> None:
    height, width = person.shape[:2]
    left = walk.left_px(at_s, width)
    if left is None or left + width <= 0:
        return
    hidden = max(0, -left)
    seen = person[:, hidden : hidden + max(0, scene.shape[1] - max(0, left))]
    scene[_FLOOR_PX - height : _FLOOR_PX, max(0, left) : max(0, left) + seen.shape[1]] = seen


def _background() -> Image:
    """A wall and a floor with some texture; nothing that a network takes for something."""
    width, height = _SIZE
    random = np.random.default_rng(7)
    coarse = random.normal(0, 6, (height // 40, width // 40, 1)).repeat(3, axis=2).astype(np.float32)
    shade = np.linspace(150, 110, height, dtype=np.float32)[:, None, None]
    shade = np.where(np.arange(height)[:, None, None] > _FLOOR_PX - 60, shade - 30, shade)
    texture = cv2.resize(coarse, _SIZE, interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(shade + texture, 0, 255), np.uint8)


def _people() -> list[Image]:
    package = find_spec("ultralytics")
    assert package is not None and package.origin is not None
    photograph = cv2.imread(str(Path(package.origin).parent / "assets" / "bus.jpg"))
    assert photograph is not None
    return [_of_height(photograph[top:bottom, left:right]) for left, top, right, bottom in _PEOPLE_OF_BUS_JPG]


def _of_height(person: NDArray[np.generic]) -> Image:
    height, width = person.shape[:2]
    scaled = cv2.resize(np.asarray(person, np.uint8), (round(width * _PERSON_PX / height), _PERSON_PX))
    return np.asarray(scaled, np.uint8)


class Noise:
    """Differs from picture to picture; a few fields, each shifted anew, are as good as a new one every time."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self._random = np.random.default_rng(11)
        self._fields = self._random.normal(0, _NOISE, (4, *shape, 1)).round().astype(np.int16)

    def on(self, image: NDArray[np.generic]) -> Image:
        field = self._fields[self._random.integers(len(self._fields))]
        shifted = np.roll(field, tuple(self._random.integers(0, field.shape[:2])), axis=(0, 1))
        return np.asarray(np.clip(image.astype(np.int16) + shifted, 0, 255), np.uint8)
