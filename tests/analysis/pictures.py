"""Small encoded streams for the analysis plane's tests."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

from pipeline.core.encoder import Encoder
from pipeline.core.frame import Image
from pipeline.core.packet import Packet, StreamInfo

FPS = 25
INFO = StreamInfo("h264", 320, 180, fps=FPS)
START = 1_700_000_000.0


def packets(
    count: int, *, fps: int = FPS, gop: int = 25, size: tuple[int, int] = (INFO.width, INFO.height)
) -> list[Packet]:
    """`count` pictures whose brightness grows by one each, at `fps`."""
    width, height = size
    return encoded(
        (np.full((height, width, 3), 30 + index % 200, np.uint8) for index in range(count)), fps=fps, gop=gop
    )


def noisy(count: int, *, fps: int = 25, gop: int = 25) -> list[Packet]:
    """`count` pictures of a still, textured scene as a sensor sees it."""
    return encoded(scene(count), fps=fps, gop=gop)


def scene(count: int, walks: Sequence[range] = (), *, side: int = 40) -> Iterator[Image]:
    """A still scene as a sensor sees it; in the pictures of each of `walks` something light passes from the left."""
    random = np.random.default_rng(3)
    still = np.kron(random.integers(60, 180, (23, 40, 3)), np.ones((8, 8, 1)))[: INFO.height].astype(np.int16)
    noise = random.normal(0, 2, (31, *still.shape)).round().astype(np.int16)
    for index in range(count):
        image = still + noise[index % len(noise)]
        for walk in walks:
            if index in walk:
                left = (index - walk.start) * (INFO.width - side) // len(walk)
                image[60 : 60 + side, left : left + side] = 240
        yield image.clip(0, 255).astype(np.uint8)


def encoded(images: Iterable[Image], *, fps: int = 25, gop: int = 25, quality: int = 26) -> list[Packet]:
    """Packets of pictures (height, width, 3), blue first."""
    encoder: Encoder | None = None
    made = []
    for index, image in enumerate(images):
        encoder = encoder or Encoder(image.shape[1], image.shape[0], fps, gop_s=gop / fps, quality=quality)
        picture = av.VideoFrame.from_ndarray(image, format="bgr24")
        made += encoder.encode(picture, index * 90_000 // fps, START + index / fps)
    return made


def with_b_frames(images: Iterable[Image], *, fps: int = 25, gop: int = 25) -> list[Packet]:
    """The same with pictures that are sent after the one they are shown before."""
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height, context.pix_fmt = INFO.width, INFO.height, "yuv420p"
    context.time_base, context.gop_size, context.max_b_frames = Fraction(1, fps), gop, 2
    context.options = {"preset": "superfast", "x264-params": f"scenecut=0:min-keyint={gop}:b-adapt=0"}
    made = []
    for index, image in enumerate(images):
        picture = av.VideoFrame.from_ndarray(image, format="bgr24").reformat(format="yuv420p")
        picture.pts, picture.time_base = index, Fraction(1, fps)
        made += context.encode(picture)
    made += context.encode(None)
    tick = 90_000 // fps
    return [
        Packet(bytes(one), pts * tick, int(one.dts or 0) * tick, bool(one.is_keyframe), START + pts / fps)
        for one, pts in [(one, int(one.pts or 0)) for one in made]
    ]
