"""The one reader behind all sources: PyAV in, packets of one kind out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Event, Lock
from typing import Any, Protocol, cast

import av
import msgspec
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from pipeline.core.clock import Clock
from pipeline.core.errors import SourceError
from pipeline.core.packet import Packet, SoundPacket, StreamInfo
from pipeline.core.redact import redact_url
from sources.failures import opening_failed, reading_failed
from sources.passthrough import CODECS, PassThrough
from sources.skew import Skew
from sources.sound import Sound, sound_of
from sources.transcode import Transcode

LIVE_OPTIONS: Mapping[str, str] = {"fpsprobesize": "3"}
"""Streams in real time: FFmpeg waits for three frames to know the rate, not for twenty."""
TIMEOUT_S = 3.0
"""How long the other side may be silent; also how long a read that nothing answers outlives `close`."""


class Conversion(Protocol):
    """From what was demuxed to what Framewatch passes on."""

    info: StreamInfo

    @property
    def next_90k(self) -> int: ...

    @property
    def shift_90k(self) -> int | None:
        """From the container's times to those of the packets; None while it is not known."""
        ...

    def convert(self, packet: "av.Packet[Any]") -> list[Packet]: ...


class Reader:
    """Opens one stream and reads its video, and the sound with it where somebody listens.

    H.264 and H.265 pass through as Annex B with parameter sets before every key frame; anything else that FFmpeg
    decodes is encoded once. `url` may hold credentials: errors show it without. Used by one thread; only `close`
    may come from another, and a read that is under way outlives it by at most `TIMEOUT_S`.
    """

    def __init__(
        self,
        url: str,
        clock: Clock,
        *,
        format: str | None = None,
        options: Mapping[str, str] | None = None,
        one_clock: bool = True,
    ) -> None:
        """Without `one_clock` the times of sound may be another's than those of the pictures."""
        self.shown_url = redact_url(url)
        self.closed = Event()
        self.duration_s: float | None = None
        """None where the stream does not know its end."""
        self._url = url
        self._clock = clock
        self._format = format
        self._options = dict(options or {})
        self._one_clock = one_clock
        self._reading = Lock()
        """Held while a thread is inside FFmpeg: its container must not be closed under it."""
        self._container: InputContainer | None = None
        self._conversion: Conversion | None = None
        self._heard: Callable[[SoundPacket], None] | None = None
        self._sound: Sound | None = None

    def listen(self, heard: Callable[[SoundPacket], None]) -> None:
        """See Source."""
        self._heard = heard

    def open(self) -> StreamInfo:
        """Raises SourceError. Opening again begins the stream anew, with times that go on without a gap."""
        with self._reading:
            self._refuse_when_closed()
            asked_at = self._clock.monotonic()
            try:
                self._container = av.open(
                    self._url, format=self._format, options=self._options, timeout=(TIMEOUT_S, TIMEOUT_S)
                )
                self._conversion = self._choose(self._container)
            except av.error.FFmpegError as error:
                self._release()
                # Not chained: FFmpeg's own error repeats the address with its credentials.
                took_s = self._clock.monotonic() - asked_at
                raise opening_failed(error, self.shown_url, took_s=took_s, timeout_s=TIMEOUT_S) from None
            except SourceError:
                self._release()
                raise
            if self.closed.is_set():
                self._release()
            self._refuse_when_closed()
            return msgspec.structs.replace(self._conversion.info, sound=self._sound.info if self._sound else None)

    @property
    def next_90k(self) -> int:
        """Where the next packet is expected in time, 0 before the first."""
        return self._conversion.next_90k if self._conversion else 0

    def endless_packets(self) -> Iterator[Packet]:
        """Of a stream that has no end of its own: raises SourceError when it ends without our close."""
        yield from self.packets()
        if not self.closed.is_set():
            raise SourceError("ended", self.shown_url)

    def packets(self) -> Iterator[Packet]:
        """Until the stream ends or is closed; raises SourceError when it breaks off."""
        container, conversion = self._container, self._conversion
        if container is None or conversion is None:
            return
        # All streams are read, not only the video: a camera that sends nothing but sound must still end on `close`.
        demuxed = container.demux()
        while True:
            with self._reading:
                packets = self._step(demuxed, conversion)
            if packets is None:
                return
            for packet in packets:
                if isinstance(packet, Packet):
                    yield packet
                elif self._heard:
                    self._heard(packet)

    def close(self) -> None:
        self.closed.set()
        if self._reading.acquire(blocking=False):
            try:
                self._release()
            finally:
                self._reading.release()

    def _step(
        self, demuxed: "Iterator[av.Packet[Any]]", conversion: Conversion
    ) -> Sequence[Packet | SoundPacket] | None:
        """What the next demuxed packet gives, None at the end."""
        asked_at = self._clock.monotonic()
        try:
            packet = None if self.closed.is_set() else next(demuxed, None)
            if packet is None or self.closed.is_set():
                self._release()
                return None
            # FFmpeg first empties its parser after silence, and would be silent as long again before it says so.
            if self._clock.monotonic() - asked_at >= TIMEOUT_S:
                raise SourceError("timed out", self.shown_url, f"nothing came for {TIMEOUT_S:g} s")
            return self._converted(packet, conversion)
        except av.error.FFmpegError as error:
            self._release()
            if self.closed.is_set():
                return None
            raise reading_failed(error, self.shown_url) from None
        except SourceError:
            self._release()
            raise

    def _converted(self, packet: "av.Packet[Any]", conversion: Conversion) -> Sequence[Packet | SoundPacket]:
        if packet.stream.type == "video":
            if self._sound:
                self._sound.see(packet)
            return conversion.convert(packet)
        if self._sound and packet.stream_index == self._sound.stream_index:
            return self._sound.convert(packet, conversion.shift_90k)
        return []

    def _choose(self, container: InputContainer) -> Conversion:
        self.duration_s = container.duration / av.time_base if container.duration else None
        stream = next((stream for stream in container.streams.video if not _is_cover(stream)), None)
        if stream is None:
            raise SourceError("no video stream", self.shown_url)
        codec = cast("VideoCodecContext | None", stream.codec_context)
        if codec is None:
            raise SourceError("unsupported codec", self.shown_url)
        if not codec.width:
            raise SourceError("broken stream", self.shown_url, "no whole picture came while it was opened")
        skew = None if self._one_clock else Skew(self._clock)
        self._sound = sound_of(container, skew) if self._heard else None
        kind = PassThrough if codec.name in CODECS else Transcode
        return kind(container, stream, self._clock, begin_90k=self.next_90k)

    def _refuse_when_closed(self) -> None:
        if self.closed.is_set():
            raise SourceError("ended", self.shown_url, "closed while it was opened")

    def _release(self) -> None:
        """Under the lock only."""
        container, self._container = self._container, None
        if container is not None:
            container.close()


def _is_cover(stream: VideoStream) -> bool:
    return bool(stream.disposition & av.stream.Disposition.attached_pic)
