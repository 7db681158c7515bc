"""One picture as a JPEG."""

from fractions import Fraction

import av
from av.video.codeccontext import VideoCodecContext

_LARGEST_WIDTH = 960


def jpeg(picture: av.VideoFrame) -> bytes:
    """At most 960 wide."""
    width = min(picture.width, _LARGEST_WIDTH)
    height = round(picture.height * width / picture.width)
    scaled = picture.reformat(
        width=width - width % 2, height=height - height % 2, format="yuvj420p", dst_color_range="JPEG"
    )
    encoder = av.CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = scaled.width, scaled.height, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.options = {"q:v": "5"}
    scaled.pts = 0
    return b"".join(bytes(packet) for packet in [*encoder.encode(scaled), *encoder.encode(None)])
