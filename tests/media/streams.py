"""Packets and consumers for the tests of this room."""

from dataclasses import dataclass, field

from pipeline.core.packet import Packet, StreamInfo

INFO = StreamInfo("h264", 1280, 720, fps=25.0)


def packet(number: int, *, keyframe: bool = False, size: int = 10, captured_at: float | None = None) -> Packet:
    """The access unit `number` of a stream of 10 frames a second that began at 0."""
    at = number / 10 if captured_at is None else captured_at
    return Packet(bytes(size), number * 9000, number * 9000, keyframe, at)


def numbers(packets: list[Packet]) -> list[int]:
    return [packet.pts_90k // 9000 for packet in packets]


@dataclass
class Recording:
    """A consumer that remembers what it was told."""

    heard: list[str | int] = field(default_factory=list)
    packets: list[Packet] = field(default_factory=list)
    patient: bool = False

    def stream_opened(self, info: StreamInfo) -> None:
        self.heard.append(f"opened {info.width}")

    def packet(self, packet: Packet) -> None:
        self.heard.append(packet.pts_90k // 9000)
        self.packets.append(packet)

    def stream_lost(self) -> None:
        self.heard.append("lost")
