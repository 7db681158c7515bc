"""Packets of one camera in, frames out."""

import logging
from collections.abc import Iterator

import av
from av.codec.context import ThreadType
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext

from pipeline.core.costs import measured
from pipeline.core.frame import Frame, Scaler
from pipeline.core.packet import Packet, StreamInfo

log = logging.getLogger(__name__)
_MOST_REORDERED = 64


class Decoder:
    """One camera's decoder; used by one thread. After an error it begins anew at the next key frame."""

    def __init__(self, camera: str) -> None:
        self.camera = camera
        self.decoded = 0
        self.errors = 0
        self.last_error = ""
        self._info: StreamInfo | None = None
        self._codec: VideoCodecContext | None = None
        self._needs_key = True
        self._captured_at: dict[int, float] = {}
        self._scaler = Scaler()

    def open(self, info: StreamInfo) -> None:
        """Starts afresh for a stream that (re)opened."""
        self._codec, self._info = _context(info), info
        self._needs_key = True
        self._captured_at.clear()

    def decode(self, packet: Packet) -> Iterator[Frame]:
        """Frames in the order of display; none while the decoder fills or waits for a key frame."""
        if self._codec is None or (self._needs_key and not packet.keyframe):
            return
        if not packet.data:  # would mean the end of the stream to the codec
            return
        coded = av.Packet(packet.data)
        coded.pts, coded.dts = packet.pts_90k, packet.dts_90k
        self._remember(packet)
        try:
            with measured(self.camera, "decode"):
                pictures = self._codec.decode(coded)
        except FFmpegError as error:
            self._failed(error)
            return
        self._needs_key = False
        yield from map(self._frame, pictures)

    def flush(self) -> Iterator[Frame]:
        """The frames that are still inside; the decoder needs `open` afterwards."""
        if self._codec is None:
            return
        codec, self._codec = self._codec, None
        if self._needs_key:
            return
        try:
            yield from map(self._frame, codec.decode(None))
        except FFmpegError as error:
            self._failed(error)

    def _remember(self, packet: Packet) -> None:
        self._captured_at[packet.pts_90k] = packet.captured_at
        if len(self._captured_at) > _MOST_REORDERED:
            del self._captured_at[next(iter(self._captured_at))]

    def _frame(self, picture: av.VideoFrame) -> Frame:
        pts_90k = picture.pts if picture.pts is not None else 0
        captured_at = self._captured_at.pop(pts_90k, None)
        if captured_at is None:
            captured_at = next(reversed(self._captured_at.values()), 0.0)
        self.decoded += 1
        return Frame(
            picture,
            camera=self.camera,
            seq=self.decoded,
            pts_90k=pts_90k,
            captured_at=captured_at,
            scaler=self._scaler,
        )

    def _failed(self, error: FFmpegError) -> None:
        if not self._needs_key:
            log.warning("%s: decoding failed, waiting for the next key frame: %s", self.camera, error)
        self.errors += 1
        self.last_error = f"decoding: {error}"
        self._needs_key = True
        if self._codec and self._info:
            self._codec = _context(self._info)  # some damage it would not get over


def _context(info: StreamInfo) -> VideoCodecContext:
    codec = VideoCodecContext.create(info.codec, "r")
    codec.thread_count = 1
    codec.thread_type = ThreadType.NONE
    if not info.has_b_frames:
        codec.flags |= av.codec.context.Flags.low_delay
    if info.extradata:
        codec.extradata = info.extradata
    return codec
