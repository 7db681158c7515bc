"""H.264 of pictures: for cameras that bring no packets, and for views that somebody looks at."""

import av
from av.error import FFmpegError
from av.video.frame import PictureType
from av.video.reformatter import VideoReformatter

from pipeline.core import h264
from pipeline.core.decoding import HwAccel
from pipeline.core.packet import Packet, StreamInfo


class Encoder:
    """One picture in, one packet out: no B-frames, no delay, a key frame at least every `gop_s` seconds.

    Pictures may come in any size and format; odd sizes are made even, as 4:2:0 wants it. `quality` is x264's
    constant rate factor (lower is better), `most_kbps` bounds what it makes of it. A device that `hwaccel` allows
    encodes where there is one; it may give out its first packets late. For one thread.
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
        hwaccel: HwAccel = "none",
    ) -> None:
        self.info = StreamInfo("h264", width - width % 2, height - height % 2, fps)
        self._gop_90k = round(gop_s * 90_000)
        self._next_key_90k: int | None = None
        self._scaler = VideoReformatter()
        self._context = h264.opened(self.info, hwaccel, quality=quality, most_kbps=most_kbps)
        self._captured_at: dict[int, float] = {}
        """Of pictures that are inside the encoder, by pts."""

    @property
    def name(self) -> str:
        """FFmpeg's, of what encodes."""
        return self._context.name

    def encode(self, picture: av.VideoFrame, pts_90k: int, captured_at: float) -> list[Packet]:
        """Times must rise. Raises FFmpegError; of a device that fails another encoder is made the next time."""
        scaled = self._scaler.reformat(
            picture,
            width=self.info.width,
            height=self.info.height,
            format=self._context.pix_fmt,
            dst_color_range="MPEG",
            threads=1,
        )
        scaled.pts, scaled.time_base = pts_90k, h264.TICKS
        due = self._next_key_90k is None or pts_90k >= self._next_key_90k
        scaled.pict_type = PictureType.I if due else PictureType.NONE
        if due:
            self._next_key_90k = pts_90k + self._gop_90k
        self._captured_at[pts_90k] = captured_at
        try:
            return [self._packet(encoded) for encoded in self._context.encode(scaled)]
        except FFmpegError as error:
            h264.give_up(self.name, str(error.strerror))
            raise

    def _packet(self, encoded: "av.Packet[av.VideoStream]") -> Packet:
        pts_90k = encoded.pts
        assert pts_90k is not None
        captured_at = self._captured_at[pts_90k]
        self._captured_at = {later: at for later, at in self._captured_at.items() if later > pts_90k}
        return Packet(bytes(encoded), pts_90k, pts_90k, bool(encoded.is_keyframe), captured_at)
