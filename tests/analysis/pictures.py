"""Small encoded streams for the analysis plane's tests."""

import av
import numpy as np

from pipeline.core.encoder import Encoder
from pipeline.core.packet import Packet, StreamInfo

FPS = 25
INFO = StreamInfo("h264", 320, 180, fps=FPS)
START = 1_700_000_000.0


def packets(
    count: int, *, fps: int = FPS, gop: int = 25, size: tuple[int, int] = (INFO.width, INFO.height)
) -> list[Packet]:
    """`count` pictures whose brightness grows by one each, at `fps`."""
    width, height = size
    encoder = Encoder(width, height, fps, gop_s=gop / fps)
    made = []
    for index in range(count):
        image = np.full((height, width, 3), 30 + index % 200, np.uint8)
        picture = av.VideoFrame.from_ndarray(image, format="bgr24")
        made += encoder.encode(picture, index * 90_000 // fps, START + index / fps)
    return made
