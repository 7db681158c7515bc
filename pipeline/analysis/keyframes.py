"""`decode: keyframes`: key frames alone while nothing happens, and everything from where something began."""

from collections.abc import Iterator
from typing import Protocol

from pipeline.analysis.attention import Attention
from pipeline.analysis.backlog import Backlog
from pipeline.analysis.decode import Decoder
from pipeline.analysis.decoding import LONGEST_GROUP_S, Groups
from pipeline.analysis.packet_sizes import PacketSizes
from pipeline.core.frame import Frame
from pipeline.core.packet import Packet, StreamInfo

LOOK_EVERY_90K = 18_000
"""Key frames that come sooner after the last one looked at are passed over like other packets: some cameras send
nothing else."""
FULL_ENOUGH = 0.5
"""Of the backlog: there must be room for what comes while the camera catches up."""


class Look(Protocol):
    """What tells of the picture of each key frame whether it is another than those before."""

    def differs(self, frame: Frame) -> bool: ...

    def adopt(self, frame: Frame) -> None: ...


class KeyframeDecoding:
    """Awake it decodes every packet, quiet it looks at key frames and keeps the rest.

    It falls quiet at a key frame, once the attention has; that one is what the next are compared with. It wakes when
    one differs, when packets grow suddenly, when the attention is called
    (a stage saw something, somebody looks), when a key frame does not come in time, and when the stream breaks off:
    decoding then starts again at the last key frame that was looked at. Frames that were handed out already are
    not handed out again.
    """

    def __init__(
        self,
        decoder: Decoder,
        attention: Attention,
        look: Look,
        backlog: Backlog | None = None,
    ) -> None:
        self.quiet = False
        self.skipped = 0
        self._decoder = decoder
        self._attention = attention
        self._compare = look
        self._backlog = Backlog() if backlog is None else backlog
        self._groups = Groups()
        self._sizes = PacketSizes(0)
        self._handed_90k: int | None = None
        self._looked_90k = 0

    @property
    def behind(self) -> bool:
        return not self.quiet and len(self._backlog) > 0

    @property
    def lost(self) -> int:
        return self._backlog.lost

    def opened(self, info: StreamInfo) -> None:
        self.quiet = False
        self._backlog.clear()
        self._groups, self._sizes = Groups(), PacketSizes(info.width * info.height)
        self._handed_90k = None
        self._decoder.open(info)

    def packet(self, packet: Packet) -> Iterator[Frame]:
        if self.behind:
            self._note(packet)
            self._keep(packet)
        elif self.quiet:
            yield from self._rest(packet)
        else:
            yield from self._work(packet)

    def catch_up(self) -> Iterator[Frame]:
        if self.behind:
            yield from self._decoded(self._backlog.next())

    def broken_off(self) -> Iterator[Frame]:
        """What happened last is what somebody will ask for: it is decoded, however quiet it was."""
        if self.quiet:
            self._wake()
        if not self.behind:
            yield from self._fresh(self._decoder.flush())

    def _work(self, packet: Packet) -> Iterator[Frame]:
        self._note(packet)
        if packet.keyframe and self._groups.are_short and self._attention.is_quiet:
            yield from self._fresh(self._decoder.drain())
            yield from self._fall_quiet(packet)
        else:
            yield from self._decoded(packet)

    def _fall_quiet(self, keyframe: Packet) -> Iterator[Frame]:
        frame = self._decoder.decode_alone(keyframe)
        if frame is None:
            return
        self.quiet = True
        self._looked_90k = keyframe.pts_90k
        self._compare.adopt(frame)
        self._keep(keyframe)
        yield from self._fresh(iter((frame,)))

    def _rest(self, packet: Packet) -> Iterator[Frame]:
        grew = self._note(packet)
        if packet.keyframe and self._attention.is_quiet and self._is_due(packet):
            yield from self._look(packet)
            return
        self._keep(packet)
        if grew:
            self._attention.stir(packet.captured_at)
        too_long = self._backlog.seconds > LONGEST_GROUP_S or self._backlog.fullness > FULL_ENOUGH
        if too_long or not self._attention.is_quiet:
            self._wake()

    def _look(self, keyframe: Packet) -> Iterator[Frame]:
        """At a key frame while quiet: it is handed out unless that must wait for what came before it."""
        self._looked_90k = keyframe.pts_90k
        frame = self._decoder.decode_alone(keyframe)
        if frame is None or self._compare.differs(frame):
            self._attention.stir(keyframe.captured_at)
            self._keep(keyframe)
            self._wake()
            return
        self.skipped += max(0, len(self._backlog) - 1)
        self._backlog.clear()
        self._keep(keyframe)
        yield from self._fresh(iter((frame,)))

    def _wake(self) -> None:
        self.quiet = False

    def _note(self, packet: Packet) -> bool:
        """Whether the packet says that something began."""
        if packet.keyframe:
            self._groups.begin(packet)
            return False
        return self._sizes.grew(len(packet.data))

    def _keep(self, packet: Packet) -> None:
        if not self._backlog.append(packet):
            for _ in self._decoder.drain():
                """Pictures that nothing follows any more."""

    def _is_due(self, keyframe: Packet) -> bool:
        return abs(keyframe.pts_90k - self._looked_90k) >= LOOK_EVERY_90K

    def _decoded(self, packet: Packet) -> Iterator[Frame]:
        for frame in self._fresh(self._decoder.decode(packet)):
            if not self._attention.looks_for_motion and frame.picture.key_frame and self._is_due(packet):
                self._looked_90k = frame.pts_90k
                if self._compare.differs(frame):
                    self._attention.stir(frame.captured_at)
            yield frame

    def _fresh(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        """Those that were not handed out before."""
        for frame in frames:
            if self._handed_90k is None or frame.pts_90k > self._handed_90k:
                self._handed_90k = frame.pts_90k
                yield frame
