"""What the benchmark's cameras show."""

from fractions import Fraction
from itertools import islice
from pathlib import Path

import av

from sources.demo import Demo

_SECONDS = 20


def demo_clip(path: Path, *, size: tuple[int, int] = (1280, 720), fps: int = 25) -> Path:
    """Twenty seconds of the demo camera as a file."""
    source = Demo(Demo.Options(width=size[0], height=size[1], fps=fps, pace="max"))
    info = source.open()
    with av.open(str(path), "w") as output:
        video = output.add_stream("libx264", rate=fps)
        video.width, video.height, video.pix_fmt = info.width, info.height, "yuv420p"
        video.codec_context.extradata = info.extradata
        for packet in islice(source.packets(), fps * _SECONDS):
            coded = av.Packet(packet.data)
            coded.pts, coded.dts, coded.time_base = packet.pts_90k, packet.dts_90k, Fraction(1, 90_000)
            coded.is_keyframe, coded.stream = packet.keyframe, video
            output.mux(coded)
    source.close()
    return path
