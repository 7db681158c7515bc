"""H.264 of pictures: for cameras that bring no packets, and for views that somebody looks at."""

from fractions import Fraction

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.reformatter import VideoReformatter

from pipeline.core.packet import Packet, StreamInfo

_TICKS = Fraction(1, 90_000)


class Encoder:
    """One picture in, one packet out: no B-frames, no delay, a key frame at least every `gop_s` seconds.

    Pictures may come in any size and format; odd sizes are made even, as 4:2:0 wants it. `quality` is x264's
    constant rate factor (lower is better), `most_kbps` bounds what it makes of it. For one thread.
    """

    def __init__(
        self,
        width: int,
        height: int,
        fps: float | None,
        *,
        gop_s: float = 2.0,
        quality: int = 26,
        most_kbps: int | None = None,
    ) -> None:
        self.info = StreamInfo("h264", width - width % 2, height - height % 2, fps)
        self._gop_90k = round(gop_s * 90_000)
        self._next_key_90k: int | None = None
        self._scaler = VideoReformatter()
        self._context = _context(self.info, quality, most_kbps)
        self._context.open()

    def encode(self, picture: av.VideoFrame, pts_90k: int, captured_at: float) -> list[Packet]:
        """Times must rise."""
        scaled = self._scaler.reformat(
            picture, width=self.info.width, height=self.info.height, format="yuv420p", dst_color_range="MPEG", threads=1
        )
        scaled.pts, scaled.time_base = pts_90k, _TICKS
        due = self._next_key_90k is None or pts_90k >= self._next_key_90k
        scaled.pict_type = PictureType.I if due else PictureType.NONE
        if due:
            self._next_key_90k = pts_90k + self._gop_90k
        return [
            Packet(bytes(encoded), pts_90k, pts_90k, bool(encoded.is_keyframe), captured_at)
            for encoded in self._context.encode(scaled)
        ]


def _context(info: StreamInfo, quality: int, most_kbps: int | None) -> VideoCodecContext:
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height = info.width, info.height
    context.pix_fmt = "yuv420p"
    context.time_base = _TICKS
    context.framerate = Fraction(info.fps or 25).limit_denominator(1001)
    context.thread_count = 1
    context.max_b_frames = 0
    # The times decide when a key frame is due, for cameras whose rate is not what they say.
    context.gop_size = 100_000
    context.options = {
        "preset": "superfast",
        "tune": "zerolatency",
        "crf": str(quality),
        "forced-idr": "1",
        "x264-params": "scenecut=0:keyint=infinite",
    }
    if most_kbps is not None:
        context.options |= {"maxrate": f"{most_kbps}k", "bufsize": f"{most_kbps}k"}
    return context
