"""The demo camera's street as a camera at 2 Mbit/s sends it, with its number in each picture.

The number stands as white squares in the upper left corner (`NUMBER_BITS` of `BIT_PX` pixels, the lowest first) on
black ones, so that whoever sees a picture knows which one it is.
"""

import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from benchmarks.clip import demo_clip

FPS = 25
KBPS = 2000
NUMBER_BITS = 10
BIT_PX = 32
_GOP_S = 2


def street() -> Path:
    """Twenty seconds, 1280x720; encoded where it is not there yet."""
    folder = Path(tempfile.gettempdir()) / "framewatch-benchmarks"
    folder.mkdir(exist_ok=True)
    path = folder / f"street-{KBPS}-{NUMBER_BITS}x{BIT_PX}.mp4"
    if not path.exists():
        unfinished, shown = path.with_suffix(".part.mp4"), demo_clip(folder / "street.demo.mp4", fps=FPS)
        _encode(unfinished, shown)
        shown.unlink()
        unfinished.rename(path)
    return path


def with_number(luma: NDArray[np.uint8], number: int) -> None:
    """Writes `number` into a picture's brightness, (height, width)."""
    for bit in range(NUMBER_BITS):
        luma[:BIT_PX, bit * BIT_PX : (bit + 1) * BIT_PX] = 220 if number >> bit & 1 else 20


def number_in(luma: NDArray[np.uint8]) -> int:
    """The number in a picture's brightness, (height, width)."""
    middles = luma[BIT_PX // 2, BIT_PX // 2 : NUMBER_BITS * BIT_PX : BIT_PX]
    return sum(1 << bit for bit, value in enumerate(middles) if value > 120)


def _encode(path: Path, shown: Path) -> None:
    gop, rate = _GOP_S * FPS, f"{KBPS}k"
    options = {"preset": "superfast", "bf": "0", "b": rate, "maxrate": rate, "bufsize": rate}
    options["x264-params"] = f"scenecut=0:keyint={gop}:min-keyint={gop}:nal-hrd=cbr"
    with av.open(str(path), "w") as output:
        video = output.add_stream("libx264", rate=FPS, options=options)
        assert isinstance(video, VideoStream)
        video.width, video.height, video.pix_fmt = 1280, 720, "yuv420p"
        video.codec_context.max_b_frames = 0
        for picture in _numbered(shown):
            output.mux(video.encode(picture))
        output.mux(video.encode(None))


def _numbered(shown: Path) -> Iterator[av.VideoFrame]:
    with av.open(str(shown)) as container:
        for number, picture in enumerate(container.decode(video=0)):
            planes = np.asarray(picture.to_ndarray(format="yuv420p"), np.uint8)
            height = picture.height
            with_number(planes[:height], number)
            planes[height:].reshape(2, height // 2, -1)[:, : BIT_PX // 2, : NUMBER_BITS * BIT_PX // 2] = 128
            numbered = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            numbered.pts, numbered.time_base = number, Fraction(1, FPS)
            yield numbered
