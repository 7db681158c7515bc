"""Small clips whose every picture is known: a magenta square of constant speed over textured grey."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

MARK_SIDE_PX = 64
MARK_STEP_PX = 12
"""How far the mark moves from one frame to the next."""
MARK_RGB = (255, 0, 255)
_MARK_YUV = (107, 202, 222)
_ENCODERS = {"h264": "libx264", "hevc": "libx265", "mpeg4": "mpeg4"}
_AUDIO_RATE = 8000


def mark_at(frame_index: int, size: tuple[int, int] = (1280, 720)) -> tuple[int, int]:
    """The mark's centre in pixels (x, y): to and fro at constant speed, through the middle of the picture."""
    width, height = size
    half = MARK_SIDE_PX // 2
    span = width - MARK_SIDE_PX
    folded = (frame_index * MARK_STEP_PX) % (2 * span)
    return half + (folded if folded <= span else 2 * span - folded), height // 2


@dataclass(frozen=True)
class MovingMark:
    """The pictures of a clip, planar 4:2:0; even positions keep the mark's edges sharp in the colour planes."""

    size: tuple[int, int]

    def picture(self, frame_index: int) -> av.VideoFrame:
        x, y = (centre - MARK_SIDE_PX // 2 for centre in mark_at(frame_index, self.size))
        planes = self._background()
        self._put(planes, x, y)
        return av.VideoFrame.from_ndarray(planes, format="yuv420p")

    def seen(self, share: float | None, noise: NDArray[np.int16]) -> av.VideoFrame:
        """With the mark so far on its way from left to right, or without one, and with a sensor's noise."""
        width, height = self.size
        planes = self._background()
        planes[:height] = (planes[:height] + noise).clip(0, 255)
        if share is not None:
            self._put(planes, round(share * (width - MARK_SIDE_PX)) // 4 * 4, height // 2 // 4 * 4)
        return av.VideoFrame.from_ndarray(planes, format="yuv420p")

    def _put(self, planes: NDArray[np.uint8], x: int, y: int) -> None:
        width, height = self.size
        planes[y : y + MARK_SIDE_PX, x : x + MARK_SIDE_PX] = _MARK_YUV[0]
        colours = planes[height:].reshape(2, height // 2, width // 2)
        half = MARK_SIDE_PX // 2
        for plane, value in zip(colours, _MARK_YUV[1:], strict=True):
            plane[y // 2 : y // 2 + half, x // 2 : x // 2 + half] = value

    def _background(self) -> NDArray[np.uint8]:
        """Blocks of 8 pixels in random greys: enough texture for motion search, little for the encoder."""
        width, height = self.size
        greys = np.random.default_rng(7).integers(60, 180, (height // 8 + 1, width // 8 + 1), np.uint8)
        luma = np.kron(greys, np.ones((8, 8), np.uint8))[:height, :width]
        return np.concatenate([luma, np.full((height // 2, width), 128, np.uint8)])


def walks(
    path: Path,
    at: Sequence[range],
    *,
    seconds: float,
    fps: int = 25,
    size: tuple[int, int] = (640, 360),
    gop: int = 25,
) -> Path:
    """A still scene as a sensor sees it, through which the mark goes from left to right in the frames `at`."""
    pictures, random = MovingMark(size), np.random.default_rng(5)
    noise = random.normal(0, 3, (31, size[1], size[0])).round().astype(np.int16)
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as output:
        video = _video_stream(output, fps, size, "h264", gop, 0)
        for index in range(round(seconds * fps)):
            walk = next((walk for walk in at if index in walk), None)
            share = None if walk is None else (index - walk.start) / len(walk)
            picture = pictures.seen(share, noise[index % len(noise)])
            picture.pts, picture.time_base = index, Fraction(1, fps)
            output.mux(video.encode(picture))
        output.mux(video.encode(None))
    return path


NUMBER_BITS = 10
_BIT_PX = 32


def numbered(path: Path, *, seconds: float = 20, fps: int = 25, size: tuple[int, int] = (640, 360)) -> Path:
    """A clip with each picture's number in it, as white squares for ones; `number_in` reads it."""
    width, height = size
    with av.open(str(path), "w") as output:
        video = _video_stream(output, fps, size, "h264", fps, 0)
        for index in range(round(seconds * fps)):
            planes = np.full((height * 3 // 2, width), 128, np.uint8)
            planes[:height] = 40
            for bit in range(NUMBER_BITS):
                if index >> bit & 1:
                    planes[:_BIT_PX, bit * _BIT_PX : (bit + 1) * _BIT_PX] = 220
            picture = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            picture.pts, picture.time_base = index, Fraction(1, fps)
            output.mux(video.encode(picture))
        output.mux(video.encode(None))
    return path


def number_in(gray: NDArray[np.uint8]) -> int:
    """The number in a picture of `numbered`, (height, width) grey."""
    middles = gray[_BIT_PX // 2, _BIT_PX // 2 : NUMBER_BITS * _BIT_PX : _BIT_PX]
    return sum(1 << bit for bit, value in enumerate(middles) if value > 128)


def moving_mark(
    path: Path,
    *,
    seconds: float = 10,
    fps: int = 25,
    size: tuple[int, int] = (1280, 720),
    codec: Literal["h264", "hevc", "mpeg4"] = "h264",
    gop: int = 25,
    b_frames: int = 0,
    audio: bool = False,
) -> Path:
    """Writes the clip (the container follows from the suffix) and returns `path`; width, height multiples of 4."""
    pictures = MovingMark(size)
    # The index goes first, so that a server without ranges can hand the file out.
    options = {"movflags": "+faststart"} if path.suffix == ".mp4" else {}
    with av.open(str(path), "w", options=options) as output:
        video = _video_stream(output, fps, size, codec, gop, b_frames)
        silence = output.add_stream("aac", rate=_AUDIO_RATE) if audio else None
        for index in range(round(seconds * fps)):
            picture = pictures.picture(index)
            picture.pts, picture.time_base = index, Fraction(1, fps)
            output.mux(video.encode(picture))
        output.mux(video.encode(None))
        if silence is not None:
            for block in range(round(seconds * _AUDIO_RATE / 1024)):
                samples = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
                samples.sample_rate, samples.pts = _AUDIO_RATE, block * 1024
                output.mux(silence.encode(samples))
            output.mux(silence.encode(None))
    return path


def _video_stream(
    output: av.container.OutputContainer, fps: int, size: tuple[int, int], codec: str, gop: int, b_frames: int
) -> VideoStream:
    options = {"preset": "ultrafast" if codec == "hevc" else "superfast", "bf": str(b_frames), "g": str(gop)}
    if codec == "hevc":
        options["x265-params"] = f"log-level=none:bframes={b_frames}:keyint={gop}:min-keyint={gop}:scenecut=0"
    if codec == "h264":
        options["x264-params"] = f"scenecut=0:min-keyint={gop}"
    video = output.add_stream(_ENCODERS[codec], rate=fps, options=options)
    assert isinstance(video, VideoStream)
    video.width, video.height = size
    video.pix_fmt = "yuv420p"
    video.time_base = Fraction(1, 90_000)
    video.codec_context.time_base = Fraction(1, fps)
    video.codec_context.max_b_frames = b_frames
    return video
