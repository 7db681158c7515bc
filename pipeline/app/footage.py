"""Some seconds of every camera, read for a command that looks at them and ends."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Timer
from typing import TypeVar

from pipeline import registry
from pipeline.config import CameraConfig
from pipeline.core.contracts import Source
from pipeline.core.errors import SourceError
from pipeline.core.packet import Packet, StreamInfo

T = TypeVar("T")

_PATIENCE_S = 5.0
"""How much longer than its own seconds a camera may take: to connect, and where it falls silent."""


class Footage:
    """The first `seconds` of a camera's detect input; files and the demo camera are not waited for.

    For one thread, but for `close`.
    """

    def __init__(self, camera: CameraConfig, seconds: float) -> None:
        self.camera = camera
        self.seconds = seconds
        self._closed = Event()
        chosen = camera.input("detect") or camera.inputs[0]
        self._url = chosen.url
        options = chosen.options
        if getattr(options, "pace", None) == "realtime":
            options = options.model_copy(update={"pace": "max"})
        self._source: Source = registry.load("sources", chosen.type)(options)

    def open(self) -> StreamInfo:
        """Raises SourceError."""
        return self._source.open()

    def packets(self) -> Iterator[Packet]:
        """Ends after its seconds by the stream's own time, or when it is closed; raises SourceError."""
        first_90k: int | None = None
        silence = Timer(self.seconds + _PATIENCE_S, self._source.close)
        silence.daemon = True
        silence.start()
        try:
            for packet in self._source.packets():
                first_90k = packet.dts_90k if first_90k is None else first_90k
                if self._closed.is_set() or packet.dts_90k - first_90k > self.seconds * 90_000:
                    return
                yield packet
        finally:
            silence.cancel()
        if first_90k is None and not self._closed.is_set():
            raise SourceError("timed out", self._url, f"no picture within {self.seconds + _PATIENCE_S:.0f} s")

    def close(self) -> None:
        """Idempotent, from any thread."""
        self._closed.set()
        self._source.close()


def from_each(
    cameras: Mapping[str, CameraConfig], seconds: float, take: Callable[[Footage], T]
) -> tuple[dict[str, T], dict[str, str]]:
    """What `take` makes of each camera's footage, all at once; and why the others gave none, by name.

    `take` runs on a thread of its own for each and need not close what it is given.
    """
    footage = {name: Footage(camera, seconds) for name, camera in cameras.items()}
    with ThreadPoolExecutor(max(1, len(footage)), thread_name_prefix="footage") as pool:
        try:
            taking = {name: pool.submit(take, each) for name, each in footage.items()}
            return _sorted_out(taking)
        finally:  # also where Ctrl-C ends the wait
            for each in footage.values():
                each.close()


def _sorted_out(taking: Mapping[str, Future[T]]) -> tuple[dict[str, T], dict[str, str]]:
    taken: dict[str, T] = {}
    failed: dict[str, str] = {}
    for name, future in taking.items():
        try:
            taken[name] = future.result()
        except SourceError as error:
            failed[name] = str(error)
    return taken, failed
