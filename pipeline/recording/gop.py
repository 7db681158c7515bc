"""A group of pictures: a key frame and all that follows up to the next one."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.core import annexb
from pipeline.core.packet import Packet, SoundPacket, StreamInfo

_USUAL_FPS = 25.0
_LONGEST_STEP_90K = 90_000


@dataclass(frozen=True, slots=True)
class Gop:
    """Times are UTC seconds; it lasts until `end_90k` (a dts), where the next one begins."""

    info: StreamInfo
    packets: Sequence[Packet]
    end_90k: int
    ended_at: float
    parameter_sets: bytes
    sound: Sequence[SoundPacket] = ()
    """What begins within it, in order."""

    @property
    def begin_90k(self) -> int:
        return self.packets[0].dts_90k

    @property
    def started_at(self) -> float:
        return self.packets[0].captured_at

    @property
    def bytes(self) -> int:
        return sum(len(packet.data) for packet in self.packets) + sum(len(each.data) for each in self.sound)


class Gathering:
    """Packets of one stream, up to the next key frame; what comes before the first cannot be decoded by anybody."""

    def __init__(self, info: StreamInfo) -> None:
        self.is_skipping = False
        """Whether packets are let go until the next key frame."""
        self._info = info
        self._packets: list[Packet] = []
        self._bytes = 0

    @property
    def bytes(self) -> int:
        return self._bytes

    def add(self, packet: Packet) -> Gop | None:
        """The group that this key frame ends."""
        done = self._done(packet.dts_90k, packet.captured_at) if packet.keyframe else None
        if packet.keyframe:
            self._packets, self._bytes, self.is_skipping = [], 0, False
        if packet.keyframe or self._packets:
            self._packets.append(packet)
            self._bytes += len(packet.data)
        return done

    def let_go(self) -> int:
        """Of all up to the next key frame; returns how many packets that are by now."""
        lost = len(self._packets)
        self._packets, self._bytes, self.is_skipping = [], 0, True
        return lost

    def end(self) -> Gop | None:
        """What there is, where nothing follows: its last picture lasts as long as the one before."""
        if not self._packets:
            return None
        packets, self._packets = self._packets, []
        usual = round(90_000 / (self._info.fps or _USUAL_FPS))
        step = packets[-1].dts_90k - packets[-2].dts_90k if len(packets) > 1 else usual
        step = step if 0 < step <= _LONGEST_STEP_90K else usual
        newest = max(packet.captured_at for packet in packets)
        return self._gop(packets, packets[-1].dts_90k + step, newest + step / 90_000)

    def _done(self, end_90k: int, ended_at: float) -> Gop | None:
        if not self._packets:
            return None
        return self._gop(self._packets, end_90k, ended_at)

    def _gop(self, packets: list[Packet], end_90k: int, ended_at: float) -> Gop:
        sets = annexb.parameter_sets(packets[0].data, self._info.codec)
        return Gop(self._info, packets, end_90k, max(ended_at, packets[0].captured_at), sets)
