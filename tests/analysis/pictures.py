"""Small encoded streams for the analysis plane's tests."""

from fractions import Fraction

import av
import numpy as np

from pipeline.analysis.views import h264_encoder
from pipeline.core.packet import Packet, StreamInfo

INFO = StreamInfo("h264", 320, 180, fps=25.0)
START = 1_700_000_000.0


def packets(count: int, *, fps: int = 25, gop: int = 25, start_pts_90k: int = 0) -> list[Packet]:
    """`count` pictures whose brightness grows by one each: 320x180 at `fps`."""
    codec = h264_encoder(INFO.width, INFO.height, fps, 800)
    codec.gop_size = gop
    made = []
    for index in range(count):
        image = np.full((INFO.height, INFO.width, 3), 30 + index % 200, np.uint8)
        picture = av.VideoFrame.from_ndarray(image, format="bgr24")
        picture.pts, picture.time_base = start_pts_90k + index * 90_000 // fps, Fraction(1, 90_000)
        for coded in codec.encode(picture):
            pts_90k = int(picture.pts)
            made.append(Packet(bytes(coded), pts_90k, pts_90k, coded.is_keyframe, START + pts_90k / 90_000))
    return made
