"""Recorded packets of several cameras through the analysis plane, in this process and as fast as it can."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Condition
from types import TracebackType
from typing import Self

from msgspec.structs import replace

from pipeline import registry
from pipeline.analysis.link import memory_link
from pipeline.analysis.plan import AnalysisPlan
from pipeline.analysis.plane import AnalysisPlane
from pipeline.core.channels import Closed
from pipeline.core.errors import FramewatchError, ModelError
from pipeline.core.messages import (
    Configure,
    Down,
    Failed,
    Finished,
    FrameResult,
    Health,
    PacketIn,
    Ready,
    StreamLost,
    StreamOpened,
)
from pipeline.core.packet import Packet, StreamInfo

_LONGEST_END_S = 5.0
_PAUSE_90K = 90_000


@dataclass(frozen=True, slots=True)
class Recording:
    """`packets` in the order in which they came."""

    info: StreamInfo
    packets: list[Packet]

    @property
    def seconds(self) -> float:
        """Of the stream's own time."""
        first, last = self.packets[0].dts_90k, self.packets[-1].dts_90k
        return (last - first) / 90_000 * len(self.packets) / max(1, len(self.packets) - 1)

    def until(self, seconds: float) -> "Recording":
        end_90k = self.packets[0].dts_90k + seconds * 90_000
        return Recording(self.info, [packet for packet in self.packets if packet.dts_90k <= end_90k])


class Replay:
    """A context manager; entering loads the models (raises ModelError). Nothing that is played is lost.

    Times go on from one `play` to the next, so that trackers and rules see one stream.
    """

    def __init__(self, plan: AnalysisPlan) -> None:
        self.analysed: Counter[str] = Counter()
        """Frames that went through all stages, by camera."""
        self.errors: dict[str, str] = {}
        """The last thing that went wrong, by camera."""
        self.models: dict[str, str] = {}
        self._plan = plan
        self._near, self._far = memory_link()
        self._changed = Condition()
        self._ready = False
        self._error: FramewatchError | None = None
        self._finished: set[str] = set()
        self._shift_90k = 0
        plane = AnalysisPlane(self._far, registry.load)
        self._plane = threading.Thread(target=plane.run, name="analysis", daemon=True)

    def __enter__(self) -> Self:
        self._plane.start()
        threading.Thread(target=self._drain, name="results", daemon=True).start()
        try:
            self.tell(Configure(self._plan.model_dump(mode="json", by_alias=True)))
            self._wait(lambda: self._ready)
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def tell(self, message: Down) -> None:
        self._near.send(message)

    def play(self, recordings: Mapping[str, Recording]) -> None:
        """Side by side, as their times say; returns when all of it has been analysed."""
        self._finished.clear()
        for camera, recording in recordings.items():
            self.tell(StreamOpened(camera, recording.info))
        for camera, packet in _merged(recordings):
            pts_90k, dts_90k = packet.pts_90k + self._shift_90k, packet.dts_90k + self._shift_90k
            self.tell(PacketIn(camera, replace(packet, pts_90k=pts_90k, dts_90k=dts_90k, captured_at=pts_90k / 90_000)))
        for camera in recordings:
            self.tell(StreamLost(camera, ended=True))
        self._wait(lambda: self._finished >= recordings.keys())
        self._shift_90k += round(max(each.seconds for each in recordings.values()) * 90_000) + _PAUSE_90K

    def _wait(self, done: Callable[[], bool]) -> None:
        with self._changed:
            self._changed.wait_for(lambda: done() or self._error)
        if self._error:
            raise self._error

    def _drain(self) -> None:
        with suppress(Closed):
            while True:
                message = self._near.receive()
                with self._changed:
                    self._got(message)
                    self._changed.notify_all()

    def _got(self, message: object) -> None:
        match message:
            case Ready(models=models):
                self._ready, self.models = True, models
            case Failed(error=error):
                self._error = ModelError(error)
            case Finished(camera=camera):
                self._finished.add(camera)
            case FrameResult(camera=camera):
                self.analysed[camera] += 1
            case Health(cameras=cameras):
                self.errors |= {name: health.last_error for name, health in cameras.items() if health.last_error}

    def _close(self) -> None:
        self._near.close()
        self._far.close()
        self._plane.join(_LONGEST_END_S)


def _merged(recordings: Mapping[str, Recording]) -> Iterable[tuple[str, Packet]]:
    """Each camera counts from its own first packet."""
    timed = [
        (packet.dts_90k - recording.packets[0].dts_90k, camera, packet)
        for camera, recording in recordings.items()
        for packet in recording.packets
    ]
    return ((camera, packet) for _, camera, packet in sorted(timed, key=lambda each: each[0]))
