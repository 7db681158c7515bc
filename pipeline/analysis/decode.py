"""Packets of one camera in, frames out."""

import logging
from collections.abc import Iterator

import av
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext

from pipeline.analysis.device_scaler import DeviceScaler
from pipeline.analysis.hardware import Hardware
from pipeline.core.costs import measured
from pipeline.core.decoding import HwAccel
from pipeline.core.frame import Frame
from pipeline.core.packet import Packet, StreamInfo

log = logging.getLogger(__name__)
_MOST_REORDERED = 64


class Decoder:
    """One camera's decoder; used by one thread. After an error it begins anew at the next key frame.

    `rough` may be set at any time: from the next key frame on the filter is left out that hides the edges of
    blocks, a quarter of the work. Pictures then differ by a few grey values, more with each one since the key
    frame; the change waits for one because a decoder's own pictures are what it builds the next ones on.
    """

    def __init__(self, camera: str, *, hwaccel: HwAccel = "none", priority: float = 1.0) -> None:
        self.camera = camera
        self.decoded = 0
        self.errors = 0
        self.last_error = ""
        self.rough = False
        self._is_rough = False
        self._priority = priority
        self._hardware = Hardware(camera, hwaccel)
        self._info: StreamInfo | None = None
        self._codec: VideoCodecContext | None = None
        self._needs_key = True
        self._proven = False
        """Whether this codec has ever made a picture."""
        self._captured_at: dict[int, float] = {}
        self._scaler = DeviceScaler()

    @property
    def description(self) -> str:
        """What decodes: `cuda`, `qsv` or `software`, with the reason where something else was asked for."""
        return self._hardware.description

    def open(self, info: StreamInfo) -> None:
        """Starts afresh for a stream that (re)opened."""
        self._info = info
        self._begin(info)
        self._captured_at.clear()

    def decode(self, packet: Packet) -> Iterator[Frame]:
        """Frames in the order of display; none while the decoder fills or waits for a key frame."""
        if self._codec is None or (self._needs_key and not packet.keyframe):
            return
        if not packet.data:  # would mean the end of the stream to the codec
            return
        if packet.keyframe and self._info and self.rough != self._is_rough and not self._hardware.device:
            yield from self._drained()
            self._begin(self._info)
        yield from self._decoded(packet)

    def decode_alone(self, packet: Packet) -> Frame | None:
        """The picture of one key frame; what follows must begin at a key frame again."""
        frames = [*self._decoded(packet), *self._drained()] if packet.data and packet.keyframe else []
        return frames[-1] if frames else None

    def drain(self) -> Iterator[Frame]:
        """The frames that are still inside; what follows must begin at a key frame."""
        yield from self._drained()

    def flush(self) -> Iterator[Frame]:
        """The frames that are still inside; the decoder needs `open` afterwards."""
        yield from self._drained()
        self._codec = None

    def _begin(self, info: StreamInfo) -> None:
        self._codec = self._hardware.context(info, rough=self.rough)
        self._is_rough, self._needs_key, self._proven = self.rough, True, False

    def _decoded(self, packet: Packet) -> Iterator[Frame]:
        pictures = self._pictures(packet)
        if pictures is None and not self._proven and self._hardware.device is not None and self._info:
            self._hardware.give_up(self.last_error)
            self._begin(self._info)
            pictures = self._pictures(packet)
        yield from map(self._frame, pictures or ())

    def _pictures(self, packet: Packet) -> list[av.VideoFrame] | None:
        """None after an error."""
        if self._codec is None:
            return []
        coded = av.Packet(packet.data)
        coded.pts, coded.dts = packet.pts_90k, packet.dts_90k
        self._remember(packet)
        try:
            with measured(self.camera, "decode"):
                pictures = self._codec.decode(coded)
        except FFmpegError as error:
            self._failed(error)
            return None
        self._needs_key = False
        self._proven = self._proven or bool(pictures)
        return pictures

    def _drained(self) -> Iterator[Frame]:
        if self._codec is None or self._needs_key:
            return
        self._needs_key = True
        try:
            pictures = self._codec.decode(None)
            self._codec.flush_buffers()
        except FFmpegError as error:
            self._failed(error)
            return
        yield from map(self._frame, pictures)

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
            priority=self._priority,
            scaler=self._scaler,
        )

    def _failed(self, error: FFmpegError) -> None:
        if not self._needs_key:
            log.warning("%s: decoding failed, waiting for the next key frame: %s", self.camera, error)
        self.errors += 1
        self.last_error = f"decoding: {error}"
        self._needs_key = True
        if self._codec and self._info:
            proven = self._proven
            self._begin(self._info)  # some damage it would not get over
            self._proven = proven
