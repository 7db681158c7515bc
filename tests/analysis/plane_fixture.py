"""A plane in a thread, joined in memory, with stub stages."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Thread
from typing import Any, TypeVar

from pipeline.analysis.link import MemoryLink, memory_link
from pipeline.analysis.plan import AnalysisPlan, CameraPlan, StagePlan
from pipeline.analysis.plane import AnalysisPlane
from pipeline.core.camera import Camera
from pipeline.core.messages import Configure, Down, PacketIn, StreamLost, StreamOpened, Up
from tests.analysis.pictures import INFO, packets
from tests.analysis.stub_stages import load

M = TypeVar("M")


def plan(
    *stages: str, realtime: bool = False, fps: float = 25, options: Mapping[str, Any] | None = None
) -> AnalysisPlan:
    """One camera, `yard`; `options` by stage name."""
    steps = tuple(StagePlan(name=name, type=name, options=(options or {}).get(name, {})) for name in stages)
    camera = Camera(name="yard", fps=fps)
    return AnalysisPlan(models={}, cameras={"yard": CameraPlan(camera=camera, stages=steps, realtime=realtime)})


class PlaneUnderTest:
    """The media side's end, with what came up so far."""

    def __init__(self, link: MemoryLink[Down, Up]) -> None:
        self.link = link
        self.seen: list[Up] = []

    def play(self, count: int, *, camera: str = "yard") -> None:
        """Sends a stream of `count` pictures that then ends; on a thread, as the link makes the sender wait."""

        def send() -> None:
            self.link.send(StreamOpened(camera, INFO))
            for packet in packets(count):
                self.link.send(PacketIn(camera, packet))
            self.link.send(StreamLost(camera, ended=True))

        Thread(target=send, daemon=True).start()

    def until(self, kind: type[M], such_that: Callable[[M], bool] = lambda _message: True) -> M:
        """Receives until a message of that kind comes; the test's time limit bounds it."""
        while True:
            message = self.link.receive()
            self.seen.append(message)
            if isinstance(message, kind) and such_that(message):
                return message

    def first(self, kind: type[M]) -> M:
        """The first of that kind, seen already or yet to come."""
        return next(iter(self.all(kind)), None) or self.until(kind)

    def all(self, kind: type[M]) -> list[M]:
        return [message for message in self.seen if isinstance(message, kind)]


@contextmanager
def running(the_plan: AnalysisPlan, **arguments: Any) -> Iterator[PlaneUnderTest]:
    media, analysis = memory_link()
    thread = Thread(target=AnalysisPlane(analysis, load, **arguments).run)
    thread.start()
    try:
        media.send(Configure(the_plan.model_dump(mode="json", by_alias=True)))
        yield PlaneUnderTest(media)
    finally:
        media.close()
        thread.join(10)
        assert not thread.is_alive()
