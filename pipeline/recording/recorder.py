"""One camera's recorder: takes its packets as they come and writes those that are wanted, on a thread of its own."""

import errno
import logging
import traceback
from collections.abc import Callable, Sequence
from threading import Event, Thread

import msgspec

from pipeline.core.clock import Clock
from pipeline.core.contracts import PacketStream
from pipeline.core.footage import Kind, RecordingState, RecordingStatus
from pipeline.core.metrics import Metrics
from pipeline.core.packet import Packet, SoundPacket, StreamInfo
from pipeline.core.record import Record
from pipeline.recording.accompaniment import Accompaniment
from pipeline.recording.gop import Gathering, Gop
from pipeline.recording.held import Held
from pipeline.recording.inlet import Inlet, Lost
from pipeline.recording.notebook import Index, Notebook
from pipeline.recording.segment_file import SegmentFile
from pipeline.recording.shelf import Shelf
from pipeline.recording.wanted import Wanted

log = logging.getLogger(__name__)

SEGMENT_S = 10.0
TOLD_WITHIN_S = 12.0
"""How long after it began an event may be told (`decode: keyframes` sees to it a key frame later) and still get all."""
LOOK_UP_S = 0.25
PAUSE_S = 10.0
"""Until a disk that failed is tried again."""
STUCK_S = 10.0
"""A disk that takes longer than this over something does not answer."""
_NO_ANSWER = "the disk does not answer"
_MOMENT_S = 0.001
_MOST_GOP_BYTES = 64 * 2**20
_DROPS_TOLD_EVERY_S = 60.0


class Recorder:
    """`keep` says what is wanted; `status`, `settled` and `keep` may be called from any thread.

    A disk that fails pauses it: what is wanted is held meanwhile for as long as there is room.
    """

    def __init__(
        self,
        camera: str,
        record: Record,
        stream: PacketStream,
        shelf: Shelf,
        index: Index,
        clock: Clock,
        metrics: Metrics,
        *,
        no_room: Callable[[], str] = lambda: "",
    ) -> None:
        """`no_room` says why nothing is to be written for now; empty where something may."""
        self.camera = camera
        self._no_room = no_room
        self._stream = stream
        self._shelf = shelf
        self._clock = clock
        self._wanted = Wanted(always(record))
        self._notes = Notebook(index, self._wanted)
        pre_capture_s = max(record.alerts.pre_capture, record.detections.pre_capture)
        self._held = Held(pre_capture_s + TOLD_WITHIN_S)
        self._inlet = Inlet()
        self._gathering: Gathering | None = None
        self._sound: Accompaniment | None = None
        self._file: SegmentFile | None = None
        self._seen_changes = 0
        self._newest_at = float("-inf")
        self._lost = 0
        self._paused_until: float | None = None
        self._status = RecordingStatus("waiting")
        self._written = metrics.recorded.labels(camera)
        self._is_recording = metrics.recording.labels(camera)
        metrics.dropped.labels(camera, "record").set_function(lambda: self._dropped)
        self._dropped_told = 0
        self._dropped_told_at = float("-inf")
        self._looked_up_at = clock.monotonic()
        self._stopping = Event()
        self._is_over = False
        self._thread = Thread(target=self.run, name=f"camera {camera}: recorder", daemon=True)
        self._unsubscribe: Callable[[], None] = lambda: None

    def start(self) -> None:
        self.subscribe()
        self._thread.start()

    def subscribe(self) -> None:
        """From now on packets wait for `run_once`."""
        self._unsubscribe = self._stream.subscribe(self._inlet)

    def ask_to_stop(self) -> None:
        """Does not wait; from any thread, idempotent."""
        self._stopping.set()

    def stop(self, timeout_s: float = 4.0) -> None:
        """Finishes what is being written."""
        self.ask_to_stop()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
            if self._thread.is_alive():
                log.warning("%s did not end in time", self._thread.name)

    def keep(self, kind: Kind, begin: float, end: float) -> None:
        """UTC seconds, also such that have not come yet."""
        self._wanted.keep(kind, begin, end)

    def settled(self, at: float) -> bool:
        """Whether all that there will be from before `at` (UTC seconds) can be found by now."""
        if self._is_over or self._is_stuck or self._paused_until is not None:
            return True
        file = self._file
        is_over = self._newest_at >= at or self._gathering is None
        return is_over and not self._wanted.has_news(at) and (file is None or file.started_at >= at)

    def status(self) -> RecordingStatus:
        status = msgspec.structs.replace(self._status, dropped=self._dropped)
        return msgspec.structs.replace(status, state="paused", reason=_NO_ANSWER) if self._is_stuck else status

    @property
    def _is_stuck(self) -> bool:
        """Whether the disk, or the store, has had the thread for long."""
        return not self._is_over and self._clock.monotonic() - self._looked_up_at > STUCK_S

    @property
    def _dropped(self) -> int:
        return self._inlet.dropped + self._lost

    def run(self) -> None:
        while not self._stopping.is_set():
            self.run_once(LOOK_UP_S)
        self._unsubscribe()
        while self.run_once(0.0):
            continue
        self._end_of_stream()
        self._is_over = True
        self._change("waiting", "stopped")

    def run_once(self, timeout_s: float) -> bool:
        """Takes what waits, if anything comes in that time, and writes what there is to write."""
        self._looked_up_at = self._clock.monotonic()
        item = self._inlet.get(timeout_s)
        self._looked_up_at = self._clock.monotonic()
        match item:
            case StreamInfo():
                self._end_of_stream()
                self._begin(item)
            case Packet():
                self._add(item)
            case SoundPacket():
                self._hear(item)
            case Lost():
                self._end_of_stream()
                self._begin(self._stream.info)
        if item is None or self._has_news:
            self._carefully(self._write_what_is_wanted)
        self._tell_dropped()
        self._tell_state()
        return item is not None

    @property
    def _has_news(self) -> bool:
        return self._wanted.changes != self._seen_changes

    def _begin(self, info: StreamInfo | None) -> None:
        self._gathering = Gathering(info) if info else None
        self._sound = Accompaniment() if info and info.sound else None
        self._status = msgspec.structs.replace(self._status, sound=self._sound is not None)

    def _add(self, packet: Packet) -> None:
        if self._gathering is None:
            return
        gop = self._gathering.add(packet)
        if self._sound:
            self._sound.show(gop, packet.dts_90k)
            self._hold_all(self._sound.ready())
        elif gop:
            self._hold(gop)
        if self._gathering.is_skipping:
            self._lost += 1
        elif self._gathering.bytes > _MOST_GOP_BYTES:
            log.warning("camera %s: a group of pictures is too large to be recorded", self.camera)
            self._lost += self._gathering.let_go()

    def _hear(self, packet: SoundPacket) -> None:
        if self._sound:
            self._sound.hear(packet)
            self._hold_all(self._sound.ready())

    def _end_of_stream(self) -> None:
        gop = self._gathering.end() if self._gathering else None
        if self._sound:
            self._sound.show(gop, gop.end_90k if gop else 0)
            self._hold_all(self._sound.rest())
        elif gop:
            self._hold(gop)
        self._gathering = self._sound = None
        self._carefully(self._finish)

    def _hold_all(self, gops: Sequence[Gop]) -> None:
        for gop in gops:
            self._hold(gop)

    def _hold(self, gop: Gop) -> None:
        self._held.add(gop)
        self._carefully(self._write_what_is_wanted)
        self._newest_at = gop.ended_at
        for gone in self._held.let_go():
            if self._wanted.kinds(gone.started_at, gone.ended_at):
                self._lost += len(gone.packets)

    def _write_what_is_wanted(self) -> None:
        changes = self._wanted.changes
        self._held.take(self._write)
        self._notes.mark_late(self._newest_at)
        self._seen_changes = changes
        self._wanted.has_seen(changes)

    def _write(self, gop: Gop) -> bool:
        kinds = self._wanted.kinds(gop.started_at, gop.ended_at)
        if not kinds:
            return False
        if self._file and not self._file.goes_on_with(gop):
            self._finish()
        if self._file is None:
            self._refuse_without_room()
            self._file = SegmentFile(self._shelf, self.camera, gop)
        written = self._file.append(gop, kinds)
        self._written.inc(written)
        self._status = msgspec.structs.replace(self._status, written_bytes=self._status.written_bytes + written)
        if self._file.length_s >= SEGMENT_S or not self._wanted.kinds(gop.ended_at, gop.ended_at + _MOMENT_S):
            self._finish()
        return True

    def _refuse_without_room(self) -> None:
        if reason := self._no_room():
            raise OSError(errno.ENOSPC, reason)

    def _finish(self) -> None:
        """Cleared once it is noted: who asks whether all is settled must find it then."""
        if self._file is None:
            return
        try:
            self._notes.note(self._file.finish())
        finally:
            self._file = None

    def _carefully(self, work: Callable[[], None]) -> None:
        """A disk, a store or a stream that fails costs what was to be written, never the thread."""
        if self._paused_until is not None and self._clock.monotonic() < self._paused_until:
            return
        try:
            if self._paused_until is not None:
                self._refuse_without_room()
                self._shelf.probe()
                self._notes.note(None)
                self._go_on()
            work()
        except OSError as error:  # the store's are among them
            self._pause(error.strerror or str(error))
        except Exception as error:
            if self._paused_until is None:
                place = "".join(traceback.format_tb(error.__traceback__))
                log.error("camera %s: recording failed with %s:\n%s", self.camera, type(error).__name__, place)
            self._pause(type(error).__name__)

    def _pause(self, reason: str) -> None:
        """Set first: who waits for what is being written need not wait any longer."""
        if self._paused_until is None:
            log.error("camera %s: recording is paused: %s", self.camera, reason)
        self._paused_until = self._clock.monotonic() + PAUSE_S
        file, self._file = self._file, None
        if file:
            self._save_what_is_whole(file)
        self._change("paused", reason)

    def _save_what_is_whole(self, file: SegmentFile) -> None:
        try:
            segment = file.finish()
        except OSError as error:
            log.error("camera %s: the last seconds of the recording are lost: %s", self.camera, error)
            return
        try:
            self._notes.note(segment)
        except OSError as error:
            log.error("camera %s: the last seconds are recorded, and noted once that can be: %s", self.camera, error)

    def _go_on(self) -> None:
        self._paused_until = None
        log.warning("camera %s: recording goes on", self.camera)

    def _tell_dropped(self) -> None:
        now, dropped = self._clock.monotonic(), self._dropped
        if dropped > self._dropped_told and now - self._dropped_told_at >= _DROPS_TOLD_EVERY_S:
            log.warning("camera %s: %d packets could not be recorded", self.camera, dropped - self._dropped_told)
            self._dropped_told, self._dropped_told_at = dropped, now

    def _tell_state(self) -> None:
        if self._paused_until is None:
            has_picture = self._gathering is not None
            self._change("recording" if self._file else "ready" if has_picture else "waiting")
        self._is_recording.set(self._status.state == "recording")

    def _change(self, state: RecordingState, reason: str = "") -> None:
        if (state, reason) != (self._status.state, self._status.reason):
            self._status = msgspec.structs.replace(self._status, state=state, reason=reason)


def always(record: Record) -> list[Kind]:
    """What is kept whatever happens."""
    return ["continuous"] if record.continuous.days else []
