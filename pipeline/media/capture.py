"""One input of a camera: opened, read, and opened again, forever."""

import logging
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event, Lock, Thread, current_thread
from typing import Any

import msgspec

from pipeline.core.clock import Clock
from pipeline.core.contracts import PacketConsumer, Source
from pipeline.core.errors import SourceError, SourceReason
from pipeline.core.metrics import Metrics
from pipeline.core.packet import Packet, SoundPacket, StreamInfo
from pipeline.core.rate import Rate
from pipeline.core.status import InputState, InputStatus
from pipeline.media.backoff import Backoff
from pipeline.media.stamps import Stamps

log = logging.getLogger(__name__)

ADVICE: dict[SourceReason, str] = {
    "unreachable": "is it on, and are address and port right?",
    "unauthorised": "check user and password",
    "not found": "check the path",
    "no video stream": "check the path: nothing there has a picture",
    "unsupported codec": "set the camera to H.264 or H.265",
    "device busy": "another program is using it",
    "ended": "the camera closed the stream",
    "broken stream": "what it sends cannot be read",
    "timed out": "check the network and the camera",
}
REST_S = 0.2
"""How long what comes is left with a source that `keeps` it where nobody waits for it: a thread that is woken for
every piece of a picture costs more than reading it."""
_WAITED_S = 0.002
"""Whoever had to wait so long for a packet has read all that was there."""
STEADY_S = 5.0
"""A stream that held so long was a good one: when it breaks it is tried again at once."""


@dataclass(slots=True)
class _Attempt:
    """One source from its opening to its end."""

    source: Source
    waiting_since: float | None = None
    """When it was last asked for something and has not answered; monotonic."""
    stalled: bool = False


class Capture:
    """Reads one source after the other and publishes what they yield, with times that go on.

    `label` names the input among the camera's, `url` is for display and without credentials. `on_change` is
    called on the capture's thread whenever the state or its reason has changed. `may_rest` is asked, on that thread
    too, whether packets may come late. Where there is a `hear` the source is asked for its sound, which is handed to
    that on the same thread. A source that is silent for
    `stall_s` is closed and counts as timed out. `ended` becomes True, before the consumer hears `stream_lost`,
    when a stream came to its natural end (a file): it is not opened again.
    """

    def __init__(
        self,
        camera: str,
        label: str,
        url: str,
        roles: Sequence[str],
        make_source: Callable[[], Source],
        hub: PacketConsumer,
        clock: Clock,
        metrics: Metrics,
        *,
        on_change: Callable[[InputStatus], None] | None = None,
        may_rest: Callable[[], bool] = lambda: False,
        hear: Callable[[SoundPacket], None] | None = None,
        stall_s: float = 10.0,
    ) -> None:
        self.camera = camera
        self.label = label
        self.ended = False
        self._name = f"camera {camera} ({label})"
        self._make_source = make_source
        self._hub = hub
        self._clock = clock
        self._on_change = on_change
        self._may_rest = may_rest
        self._hear = hear
        self._heard_nothing = ""
        self._stall_s = stall_s
        self._packets = metrics.packets.labels(camera, label)
        self._bytes = metrics.bytes.labels(camera, label)
        self._dropped_sound = metrics.dropped.labels(camera, "sound") if hear else None
        self._reconnects = metrics.reconnects.labels(camera, label)
        self._online = metrics.online.labels(camera, label)
        self._status = InputStatus(url, list(roles), "connecting")
        self._offline_for: SourceReason | None = None
        self._logged: set[SourceReason] = set()
        self._retry_at: float | None = None
        self._rate = Rate()
        self._backoff = Backoff(clock)
        self._stamps = Stamps(clock)
        self._opened_before = False
        self._stopping = Event()
        self._lock = Lock()
        self._attempt: _Attempt | None = None
        """Guarded by the lock: `stop` and the watchdog close it from their threads."""
        self._threads = [
            Thread(target=self.run, name=self._name, daemon=True),
            Thread(target=self._watch, name=f"{self._name} watchdog", daemon=True),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def ask_to_stop(self) -> None:
        """Ends an attempt or a wait that is under way and does not wait for it; from any thread, idempotent."""
        self._stopping.set()
        with self._lock:
            attempt = self._attempt
        if attempt:
            self._close(attempt)

    def stop(self, timeout_s: float = 4.0) -> None:
        """Also waits, `timeout_s` in all. Several are stopped together by asking all of them first.

        A consumer that makes the source wait (`realtime` is False) must be released by its owner beforehand.
        """
        self.ask_to_stop()
        until = self._clock.monotonic() + timeout_s
        for thread in self._threads:
            if thread.is_alive() and thread is not current_thread():
                thread.join(max(0.0, until - self._clock.monotonic()))
                if thread.is_alive():
                    log.warning("%s did not end in time", thread.name)

    def status(self) -> InputStatus:
        """From any thread."""
        now = self._clock.monotonic()
        retry_at = self._retry_at
        return msgspec.structs.replace(
            self._status,
            fps_in=self._rate.per_second(now) if self._status.state == "online" else 0.0,
            retry_in_s=None if retry_at is None else max(0.0, retry_at - now),
        )

    def run(self) -> None:
        wait_s: float | None = 0.0
        while wait_s is not None and not self._stopping.wait(wait_s):
            wait_s = self.run_once()
        if not self.ended:
            self._retry_at = None
            self._change("offline", "stopped")

    def run_once(self) -> float | None:
        """Opens the input and reads it to its end; the seconds to wait before the next time, None for never."""
        self._retry_at = None
        try:
            self._read_one_source()
        except SourceError as error:
            if not self._stopping.is_set():
                return self._lost(error.reason, error.detail)
        except Exception as error:
            if not self._stopping.is_set():
                return self._failed(error)
        if self.ended:
            log.info("%s: ended", self._name)
            self._change("ended")
        return None

    def close_if_stalled(self) -> None:
        """The watchdog's look at the source; from any thread."""
        with self._lock:
            attempt = self._attempt
            since = attempt.waiting_since if attempt else None
            if attempt is None or since is None or self._clock.monotonic() - since < self._stall_s:
                return
            attempt.stalled = True
        self._close(attempt)

    def _close(self, attempt: _Attempt) -> None:
        """From a thread that has other things to do as well: what a source does wrong must not end them."""
        try:
            attempt.source.close()
        except Exception as error:
            self._log_failure(error)

    def _watch(self) -> None:
        while not (self._stopping.wait(min(1.0, self._stall_s / 4)) or self.ended):
            self.close_if_stalled()

    def _read_one_source(self) -> None:
        """Returns at the stream's natural end, or when `stop` was called; raises SourceError when it broke."""
        attempt = _Attempt(self._make_source(), self._clock.monotonic())
        with self._lock:
            self._attempt = attempt
        try:
            if not self._stopping.is_set():
                self._open_and_read(attempt)
        except Exception as error:
            if attempt.stalled:
                raise self._timed_out() from error
            raise
        finally:
            with self._lock:
                self._attempt = None
            self._close(attempt)

    def _open_and_read(self, attempt: _Attempt) -> None:
        self._listen(attempt.source)
        info = attempt.source.open()
        self._opened(info, realtime=attempt.source.realtime)
        try:
            self._publish_all(attempt, info)
            if attempt.stalled:
                raise self._timed_out()
            self.ended = not self._stopping.is_set()
        finally:
            self._online.set(0)
            self._hub.stream_lost()

    def _publish_all(self, attempt: _Attempt, info: StreamInfo) -> None:
        first_at: float | None = None
        keeps = getattr(attempt.source, "keeps", False)
        asked_at = attempt.waiting_since = self._clock.monotonic()
        for packet in attempt.source.packets():
            attempt.waiting_since = None
            arrived = self._clock.monotonic()
            if first_at is None:
                first_at = arrived
                self._came_online(info)
            if arrived - first_at >= STEADY_S:
                self._backoff.reset()
            self._publish(packet, arrived)
            if keeps and arrived - asked_at >= _WAITED_S and self._may_rest():
                self._stopping.wait(REST_S)
            if self._stopping.is_set():
                return
            asked_at = attempt.waiting_since = self._clock.monotonic()

    def _publish(self, packet: Packet, arrived: float) -> None:
        self._packets.inc()
        self._bytes.inc(len(packet.data))
        self._rate.tick(arrived)
        self._hub.packet(self._stamps.stamp(packet, arrived))

    def _listen(self, source: Source) -> None:
        listen = getattr(source, "listen", None)
        if self._hear and listen:
            listen(self._heard)

    def _heard(self, sound: SoundPacket) -> None:
        """Among the packets, on this thread."""
        placed = self._stamps.beside(sound)
        if placed and self._hear:
            self._hear(placed)
        elif self._dropped_sound:
            self._dropped_sound.inc()

    def _opened(self, info: StreamInfo, *, realtime: bool) -> None:
        if self._opened_before:
            self._reconnects.inc()
        self._opened_before = True
        self._rate.clear()
        self._stamps.begin(realtime=realtime)
        self._hub.stream_opened(info)

    def _came_online(self, info: StreamInfo) -> None:
        self._online.set(1)
        self._offline_for = None
        self._logged.clear()
        log.info("%s: online, %s %dx%d", self._name, info.codec, info.width, info.height)
        self._change(
            "online",
            codec=info.codec,
            width=info.width,
            height=info.height,
            fps_nominal=info.fps,
            has_b_frames=info.has_b_frames,
            audio=info.audio,
        )
        self._tell_of_silence(info)

    def _tell_of_silence(self, info: StreamInfo) -> None:
        """Once for each reason that there is no sound where somebody listens."""
        if self._hear is None or info.sound:
            return
        why = f"its sound ({info.audio}) cannot be had" if info.audio else "no sound comes with it that can be decoded"
        if why != self._heard_nothing:
            self._heard_nothing = why
            log.warning("%s: %s, so it is recorded without any", self._name, why)

    def _lost(self, reason: SourceReason, detail: str) -> float:
        """Tells a reason when it changes, and logs each once in an outage, however often it is tried again."""
        wait_s = self._backoff.wait_s(locks_out=reason == "unauthorised")
        self._retry_at = self._clock.monotonic() + wait_s
        words = f"{reason} ({detail}): {ADVICE[reason]}" if detail else f"{reason}: {ADVICE[reason]}"
        if reason not in self._logged:
            self._logged.add(reason)
            log.warning("%s at %s: %s", self._name, self._status.url, words)
        if reason != self._offline_for:
            self._offline_for = reason
            self._change("offline", words)
        return wait_s

    def _failed(self, error: Exception) -> float:
        self._log_failure(error)
        return self._lost("broken stream", type(error).__name__)

    def _log_failure(self, error: Exception) -> None:
        """Only where and what kind: a message from elsewhere may hold an address with its password."""
        place = "".join(traceback.format_tb(error.__traceback__))
        log.error("%s failed with %s:\n%s", self._name, type(error).__name__, place)

    def _timed_out(self) -> SourceError:
        return SourceError("timed out", self._status.url, f"no packet for {self._stall_s:g} s")

    def _change(self, state: InputState, reason: str = "", **facts: Any) -> None:
        self._status = msgspec.structs.replace(self._status, state=state, reason=reason, **facts)
        if self._on_change:
            self._on_change(self.status())
