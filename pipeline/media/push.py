"""A camera's video on its way to one sink: opened while there is something to send, and again when it broke off."""

import logging
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Lock, Thread

import msgspec

from pipeline.core.channels import Closed, PacketQueue
from pipeline.core.clock import Clock
from pipeline.core.contracts import PacketStream, StreamSink
from pipeline.core.errors import DeliveryError
from pipeline.core.messages import PacketIn, StreamLost, StreamOpened
from pipeline.core.metrics import Metrics
from pipeline.core.packet import Packet, StreamInfo
from pipeline.core.status import PushState, PushStatus
from pipeline.core.video_options import PushedView
from pipeline.media.backoff import Backoff

log = logging.getLogger(__name__)

LOOK_S = 1.0
"""How often a camera that has no picture is looked at, and the pause before a stream that changed is announced anew."""
SILENCE_S = 15.0
"""So long a sink is kept open while nothing comes to be sent."""
STEADY_S = 5.0
_PACKETS = 120
_BYTES = 8 << 20
"""What may wait for a slow sink: the oldest groups of pictures go first."""
_LOOK_UP_S = 0.5
_GOODBYE_S = 1.5
_DROPS_TOLD_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What there is to send. `info` is known before the stream is: a view is made only while somebody takes it."""

    info: StreamInfo
    stream: PacketStream


class Push:
    """One camera's view and one sink, on a thread of its own.

    `outgoing` is asked on that thread what there is to send: None while the camera has no picture. The stream is
    subscribed to only while the sink is open, so what is encoded for it alone is encoded no longer than that.
    """

    def __init__(
        self,
        camera: str,
        name: str,
        view: PushedView,
        make_sink: Callable[[], StreamSink],
        outgoing: Callable[[], Outgoing | None],
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self.camera = camera
        self._name = f"camera {camera}: sink {name}"
        self._make_sink = make_sink
        self._outgoing = outgoing
        self._clock = clock
        self._status = PushStatus(name, view, "waiting")
        self._online = metrics.pushing.labels(camera, name)
        self._dropped = metrics.dropped.labels(camera, "push")
        self._dropped_told_at = -_DROPS_TOLD_EVERY_S
        self._logged: set[str] = set()
        self._retry_at: float | None = None
        self._backoff = Backoff(clock)
        self._stopping = Event()
        self._lock = Lock()
        self._sink: StreamSink | None = None
        """Guarded by the lock: `stop` interrupts it from its thread."""
        self._thread = Thread(target=self.run, name=self._name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Does not wait; from any thread, idempotent."""
        self._stopping.set()

    def stop(self, timeout_s: float = 4.0) -> None:
        """A sink that takes too long to say goodbye is interrupted."""
        self.ask_to_stop()
        if self._thread.is_alive():
            self._thread.join(min(_GOODBYE_S, timeout_s))
        with self._lock:
            if self._sink is not None:
                self._sink.interrupt()
        if self._thread.is_alive():
            self._thread.join(max(_LOOK_UP_S, timeout_s - _GOODBYE_S))
            if self._thread.is_alive():
                log.warning("%s did not end in time", self._name)

    def status(self) -> PushStatus:
        """From any thread."""
        retry_at = self._retry_at
        retry_in_s = None if retry_at is None else max(0.0, retry_at - self._clock.monotonic())
        return msgspec.structs.replace(self._status, retry_in_s=retry_in_s)

    def run(self) -> None:
        wait_s = 0.0
        while not self._stopping.wait(wait_s):
            wait_s = self.run_once()
        self._retry_at = None
        self._change("offline", "stopped")

    def run_once(self) -> float:
        """Sends until that breaks off; the seconds to wait before the next time."""
        self._retry_at = None
        outgoing = self._outgoing()
        if outgoing is None:
            self._change("waiting", "the camera has no picture")
            return LOOK_S
        try:
            reason = self._open_and_send(outgoing)
        except DeliveryError as error:
            return 0.0 if self._stopping.is_set() else self._lost(str(error), locks_out=error.permanent)
        except Exception as error:
            self._log_failure(error)
            return self._lost(f"the sink failed ({type(error).__name__})")
        self._change("waiting", reason)
        return LOOK_S

    def _open_and_send(self, outgoing: Outgoing) -> str:
        """Why there is no more to send; raises DeliveryError when the sink takes no more."""
        self._change("connecting")
        sink = self._make_sink()
        with self._lock:
            self._sink = sink
        try:
            sink.open(outgoing.info)
            return self._subscribe_and_send(sink, outgoing.stream)
        finally:
            self._online.set(0)
            sink.close()
            with self._lock:
                self._sink = None

    def _subscribe_and_send(self, sink: StreamSink, stream: PacketStream) -> str:
        self._came_online()
        inlet = _Inlet(self.camera)
        unsubscribe = stream.subscribe(inlet)
        try:
            return self._send_all(sink, inlet)
        finally:
            unsubscribe()
            inlet.queue.close()
            self._count(inlet.newly_dropped())

    def _send_all(self, sink: StreamSink, inlet: "_Inlet") -> str:
        opened_at = sent_at = self._clock.monotonic()
        begun = False
        while not self._stopping.is_set():
            now = self._clock.monotonic()
            try:
                message = inlet.queue.get(_LOOK_UP_S)
            except TimeoutError:
                if now - sent_at >= SILENCE_S:
                    return "the camera sends nothing"
                continue
            match message:
                case StreamLost():
                    return "the camera's picture broke off"
                case StreamOpened() if begun:
                    return "the camera's stream changed"
                case PacketIn(packet=packet) if begun or packet.keyframe:
                    begun, sent_at = True, now
                    sink.write(packet)
            self._count(inlet.newly_dropped())
            if now - opened_at >= STEADY_S:
                self._backoff.reset()
        return "stopped"

    def _came_online(self) -> None:
        self._logged.clear()
        self._online.set(1)
        log.info("%s: online", self._name)
        self._change("online")

    def _count(self, lost: int) -> None:
        if not lost:
            return
        self._dropped.inc(lost)
        self._status = msgspec.structs.replace(self._status, dropped=self._status.dropped + lost)
        now = self._clock.monotonic()
        if now - self._dropped_told_at >= _DROPS_TOLD_EVERY_S:
            self._dropped_told_at = now
            log.warning("%s is too slow: %d packets are left out, up to a key frame", self._name, lost)

    def _lost(self, reason: str, *, locks_out: bool = False) -> float:
        """Logs each reason once in an outage, however often it is tried again."""
        wait_s = self._backoff.wait_s(locks_out=locks_out)
        self._retry_at = self._clock.monotonic() + wait_s
        if reason not in self._logged:
            self._logged.add(reason)
            log.warning("%s: %s", self._name, reason)
        self._change("offline", reason)
        return wait_s

    def _log_failure(self, error: Exception) -> None:
        """Only where and what kind: a message from elsewhere may hold an address with its password."""
        place = "".join(traceback.format_tb(error.__traceback__))
        log.error("%s failed with %s:\n%s", self._name, type(error).__name__, place)

    def _change(self, state: PushState, reason: str = "") -> None:
        self._status = msgspec.structs.replace(self._status, state=state, reason=reason)


class _Inlet:
    """Takes packets on the publishing thread, and never makes it wait."""

    def __init__(self, camera: str) -> None:
        self.queue = PacketQueue(_PACKETS, most_bytes=_BYTES)
        self._camera = camera
        self._counted = 0

    def newly_dropped(self) -> int:
        """Since it was asked last."""
        before, self._counted = self._counted, self.queue.dropped[self._camera]
        return self._counted - before

    def stream_opened(self, info: StreamInfo) -> None:
        self._put(StreamOpened(self._camera, info))

    def packet(self, packet: Packet) -> None:
        self._put(PacketIn(self._camera, packet))

    def stream_lost(self) -> None:
        self._put(StreamLost(self._camera))

    def _put(self, message: StreamOpened | PacketIn | StreamLost) -> None:
        with suppress(Closed):  # one that was on its way when the sink left
            self.queue.put(message)
