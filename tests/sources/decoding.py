"""What a decoder makes of packets: the judge of whether they are any good."""

from collections.abc import Iterable

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

from pipeline.core.packet import Packet, StreamInfo


def decoded(info: StreamInfo, packets: Iterable[Packet]) -> list[av.VideoFrame]:
    """Every picture, in the order of showing, its pts in 90 kHz; raises where a packet cannot be decoded."""
    decoder = av.CodecContext.create(info.codec, "r")
    assert isinstance(decoder, VideoCodecContext)
    pictures = []
    for packet in packets:
        unit = av.Packet(packet.data)
        unit.pts, unit.dts = packet.pts_90k, packet.dts_90k
        pictures += decoder.decode(unit)
    return pictures + decoder.decode(None)


def mark_centre(picture: av.VideoFrame) -> tuple[float, float]:
    """Where the magenta mark is, in pixels (x, y)."""
    rgb = picture.to_ndarray(format="rgb24").astype(int)
    rows, columns = np.nonzero((rgb[..., 0] > 180) & (rgb[..., 1] < 90) & (rgb[..., 2] > 180))
    return float(columns.mean()) + 0.5, float(rows.mean()) + 0.5
