"""Packets of a camera whose every picture is known, without a camera."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.core.clock import ManualClock, SystemClock
from pipeline.core.metrics import Metrics
from pipeline.core.packet import Packet, SoundPacket, StreamInfo
from pipeline.core.record import Record
from pipeline.media.hub import Hub
from pipeline.recording.recorder import Recorder
from pipeline.recording.shelf import OpenFile, Shelf, open_unbuffered
from pipeline.store.store import EventStore
from sources.reader import Reader

FPS = 25
STEP_90K = 90_000 // FPS
EPOCH = 1_800_000_000.0


@dataclass
class Clip:
    """A file's packets, again and again: packet number n is of the second EPOCH + n / FPS."""

    info: StreamInfo
    packets: list[Packet]
    sound: list[SoundPacket] = field(default_factory=list)

    @classmethod
    def of(cls, path: Path, *, listens: bool = False) -> "Clip":
        sound: list[SoundPacket] = []
        reader = Reader(str(path), SystemClock())
        if listens:
            reader.listen(sound.append)
        info = reader.open()
        return cls(info, [*reader.packets()], sound)

    def packet(self, number: int) -> Packet:
        one = self.packets[number % len(self.packets)]
        shift = number // len(self.packets) * len(self.packets) * STEP_90K
        pts = one.pts_90k + shift
        first = self.packets[0].pts_90k
        return Packet(one.data, pts, one.dts_90k + shift, one.keyframe, EPOCH + (pts - first) / 90_000)

    def heard(self, number: int) -> list[SoundPacket]:
        """What begins while that picture is shown."""
        rounds, place = divmod(number, len(self.packets))
        begin = self.packets[0].dts_90k + place * STEP_90K
        shift = rounds * len(self.packets) * STEP_90K
        units = [unit for unit in self.sound if begin <= unit.pts_90k < begin + STEP_90K]
        return [SoundPacket(unit.data, unit.pts_90k + shift) for unit in units]


@dataclass
class Studio:
    """A recorder with everything real around it but the camera and the thread: `play` does both."""

    clip: Clip
    folder: Path
    store: EventStore
    record: Record = field(default_factory=lambda: Record(enabled=True))
    open_file: OpenFile = open_unbuffered
    camera: str = "yard"
    no_room: Callable[[], str] = lambda: ""

    def __post_init__(self) -> None:
        self.hub = Hub()
        self.clock = ManualClock()
        self.metrics = Metrics()
        self.shelf = Shelf(self.folder, self.open_file)
        self.index = self.store.recordings
        self.recorder = Recorder(
            self.camera, self.record, self.hub, self.shelf, self.index, self.clock, self.metrics, no_room=self.no_room
        )
        self.recorder.subscribe()
        self.hub.stream_opened(self.clip.info)
        self.played = 0

    def play(
        self,
        seconds: float,
        *,
        meanwhile: Callable[[float], None] = lambda at: None,
        hear: Callable[[list[SoundPacket]], list[SoundPacket]] = lambda sound: sound,
    ) -> None:
        """`meanwhile` is called with the time of each picture, before it comes; `hear` says what comes of its sound."""
        for _ in range(round(seconds * FPS)):
            packet = self.clip.packet(self.played)
            meanwhile(packet.captured_at - EPOCH)
            self.hub.packet(packet)
            for unit in hear(self.clip.heard(self.played)):
                self.hub.sound(unit)
            self.played += 1
            self.clock.advance(1 / FPS)
            while self.recorder.run_once(0.0):
                pass

    def end(self) -> None:
        self.hub.stream_lost()
        while self.recorder.run_once(0.0):
            pass

    def spans(self) -> list[tuple[float, float]]:
        """Seconds since EPOCH, of each file."""
        return [
            (round(found.started_at - EPOCH, 3), round(found.ended_at - EPOCH, 3))
            for found in self.index.between(None, 0.0, 1e11)
        ]
