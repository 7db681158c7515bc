"""Which packets of a camera are decoded, and when."""

from collections.abc import Iterator
from typing import Protocol

from pipeline.analysis.attention import Attention
from pipeline.analysis.decode import Decoder
from pipeline.core.frame import Frame
from pipeline.core.packet import Packet, StreamInfo

LONGEST_GROUP_S = 10.0
"""Cameras whose key frames are further apart are never left to them: what happens would be told too late."""


class Decoding(Protocol):
    """One camera's way from packets to frames, in capture order; for the decoding thread."""

    @property
    def behind(self) -> bool:
        """Packets that came earlier wait to be decoded: call `catch_up`, as fast as the frames can be taken."""
        ...

    @property
    def quiet(self) -> bool:
        """Whether key frames alone are decoded."""
        ...

    @property
    def skipped(self) -> int:
        """Packets that were not decoded because nothing happened."""
        ...

    @property
    def lost(self) -> int:
        """Packets that should have been decoded, and were too many to be kept."""
        ...

    def opened(self, info: StreamInfo) -> None: ...

    def packet(self, packet: Packet) -> Iterator[Frame]: ...

    def catch_up(self) -> Iterator[Frame]:
        """The frames of the next packet that waits."""
        ...

    def broken_off(self) -> Iterator[Frame]:
        """The stream has ended or was lost: what is still inside. Afterwards it may be behind."""
        ...


class FullDecoding:
    """Every packet. With an `attention` a still camera's pictures are decoded roughly, which is a quarter cheaper."""

    behind = False
    quiet = False
    skipped = 0
    lost = 0

    def __init__(self, decoder: Decoder, attention: Attention | None) -> None:
        self._decoder = decoder
        self._attention = attention
        self._groups = Groups()

    def opened(self, info: StreamInfo) -> None:
        self._groups = Groups()
        self._decoder.open(info)

    def packet(self, packet: Packet) -> Iterator[Frame]:
        if self._attention is not None and packet.keyframe:
            self._groups.begin(packet)
            self._decoder.rough = self._groups.are_short and self._attention.is_still
        return self._decoder.decode(packet)

    def catch_up(self) -> Iterator[Frame]:
        return iter(())

    def broken_off(self) -> Iterator[Frame]:
        return self._decoder.flush()


class Groups:
    """How far apart a stream's key frames are."""

    def __init__(self) -> None:
        self._key_at: float | None = None
        self._last_s: float | None = None

    @property
    def are_short(self) -> bool:
        """False until one was seen from its beginning to its end."""
        return self._last_s is not None and self._last_s <= LONGEST_GROUP_S

    def begin(self, keyframe: Packet) -> None:
        if self._key_at is not None:
            self._last_s = keyframe.captured_at - self._key_at
        self._key_at = keyframe.captured_at
