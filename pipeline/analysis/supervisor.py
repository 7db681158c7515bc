"""Keeps an analysis plane alive and talks to it; lives in the media plane and never imports torch."""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Event, Lock, Thread

from pipeline.analysis.feed import QUIET_PATIENCE, Feed
from pipeline.analysis.plan import AnalysisPlan
from pipeline.analysis.process import PlaneProcess
from pipeline.core.channels import Closed, PacketQueue
from pipeline.core.clock import Clock
from pipeline.core.contracts import PacketStream
from pipeline.core.messages import ChangeCamera, Changed, Configure, Failed, Health, Ready, Up, WantStill, WantView
from pipeline.core.status import AnalysisState

log = logging.getLogger(__name__)

SILENT_FOR_S = 20.0
"""A plane tells its health every second; one that has been silent for this long hangs and is killed."""
_LONGEST_DELAY_S = 30.0
_PATIENCE_S = 2.0
_GATHER_S, _MOST_TOGETHER = 0.01, 64
"""Packets of many cameras cross the border together: waking both sides for each costs more than the packet."""
_LONGEST_GATHER_S = 0.25
"""Of quiet cameras, whose pictures nobody waits for."""
STEADY_AFTER_S = 10.0
"""A plane that worked for longer is started again at once; one that dies young is waited for, doubling."""


class Supervisor:
    """Starts the plane, feeds it from the hubs, hands its messages on, and starts it again when it dies.

    `on_message` and `on_state` are called on the receiving thread. Whenever a plane is ready each camera's stream
    is announced and replayed from its last key frame, and the views that somebody wants are asked for. Packets
    do not wait for a plane that loads: its first results would be as old as loading takes.
    """

    def __init__(
        self,
        plan: AnalysisPlan,
        spawn: Callable[[], PlaneProcess],
        clock: Clock,
        *,
        on_message: Callable[[Up], None],
        on_state: Callable[[AnalysisState, str], None],
    ) -> None:
        self._plan = plan
        self._streams: dict[str, PacketStream] = {}
        self._spawn = spawn
        self._clock = clock
        self._on_message = on_message
        self._on_state = on_state
        self._queue = PacketQueue()
        self._wanted: dict[tuple[str, str], WantView] = {}
        self._lock = Lock()
        self._stopping = Event()
        self._process: PlaneProcess | None = None
        self._heard_at: float | None = None
        """None while a message is being handled: who does not listen cannot say that the plane is silent."""
        self._ready_at: float | None = None
        self._subscriptions: dict[str, Callable[[], None]] = {}
        self._thread = Thread(target=self._run, name="supervisor", daemon=True)

    @property
    def process(self) -> PlaneProcess | None:
        """The plane of the moment."""
        return self._process

    def dropped(self, camera: str) -> int:
        """Packets lost on this side of the border."""
        return self._queue.dropped[camera]

    def start(self, streams: Mapping[str, PacketStream]) -> None:
        """`streams` is what the plane analyses, by camera."""
        self._streams = dict(streams)
        self._thread.start()

    def stop(self) -> None:
        """Ends the plane within seconds."""
        self._stopping.set()
        with self._lock:
            process = self._process
            self._queue.close()
        if process is None or not self._thread.is_alive():
            return
        process.link.close()
        self._thread.join(_PATIENCE_S)
        if self._thread.is_alive():
            process.kill()
            self._thread.join(_PATIENCE_S)

    def change(self, plan: AnalysisPlan, camera: str, stream: PacketStream | None) -> None:
        """`plan` holds from now on; of it one camera is new, other than before or, without a stream, gone.

        Its packets are fed again when the plane has answered: it takes none while it builds the stages.
        """
        self._let_go(camera)
        with self._lock:
            self._plan = plan
            if stream is None:
                self._streams.pop(camera, None)
                self._wanted = {key: wanted for key, wanted in self._wanted.items() if wanted.camera != camera}
            else:
                self._streams[camera] = stream
            data = plan.model_dump(mode="json", by_alias=True)
            self._put(ChangeCamera(camera, data["cameras"].get(camera), data["models"]))

    def want_view(self, message: WantView) -> None:
        """Remembered over restarts."""
        with self._lock:
            if message.wanted:
                self._wanted[message.camera, message.view] = message
            else:
                self._wanted.pop((message.camera, message.view), None)
            self._put(message)

    def want_still(self, message: WantStill) -> None:
        with self._lock:
            self._put(message)

    def _put(self, message: WantView | WantStill | ChangeCamera) -> None:
        """Whoever asks for a picture waits for it: nobody is patient until the plane has said again who is quiet."""
        self._queue.patience = {}
        with suppress(Closed):
            self._queue.put(message)

    def _run(self) -> None:
        delay_s = 0.0
        self._on_state("starting", "")
        while not self._stopping.wait(delay_s):
            ended = self._run_once()
            delay_s = 0.0 if self._was_steady() else min(_LONGEST_DELAY_S, max(1.0, delay_s * 2))
            if not self._stopping.is_set():
                log.error("the analysis process ended (%s); next start in %.0f s", ended, delay_s)
                self._on_state("restarting", f"the analysis process ended ({ended})")

    def _was_steady(self) -> bool:
        return self._ready_at is not None and self._clock.monotonic() - self._ready_at > STEADY_AFTER_S

    def _run_once(self) -> str:
        """One life of the plane; returns how it ended."""
        self._ready_at = None
        try:
            process = self._begin()
        except OSError as error:
            return f"it cannot be started: {error}"
        return self._serve(process) if process else "stopped"

    def _begin(self) -> PlaneProcess | None:
        """None where `stop` was called meanwhile: it has not seen this plane and will not end it."""
        with self._lock:
            if self._stopping.is_set():
                return None
            self._queue = PacketQueue()
            self._heard_at = self._clock.monotonic()
            for message in self._wanted.values():
                self._queue.put(message)
            self._process = self._spawn()
            return self._process

    def _serve(self, process: PlaneProcess) -> str:
        over, failure = Event(), ""
        Thread(target=self._watch, args=(process, over), name="watchdog", daemon=True).start()
        try:
            process.link.send(Configure(self._plan.model_dump(mode="json", by_alias=True)))
            Thread(target=self._write, args=(process, self._queue), name="packet channel", daemon=True).start()
            while True:
                message = process.link.receive()
                self._heard_at = None
                self._received(message)
                self._heard_at = self._clock.monotonic()
                failure = message.error if isinstance(message, Failed) else failure
        except Closed:
            ended = process.wait()
            return failure or ended
        finally:
            over.set()
            self._queue.close()
            for camera in list(self._subscriptions):
                self._let_go(camera)
            process.link.close()

    def _follow(self, camera: str) -> None:
        self._let_go(camera)
        stream = self._streams.get(camera)
        if stream is not None:  # one that nobody follows yet is false
            self._subscriptions[camera] = stream.subscribe(self._feed(camera, self._queue), replay=True)

    def _feed(self, camera: str, queue: PacketQueue) -> Feed:
        return Feed(camera, queue.put, lambda: camera in queue.patience)

    def _let_go(self, camera: str) -> None:
        if end := self._subscriptions.pop(camera, None):
            end()

    def _write(self, process: PlaneProcess, queue: PacketQueue) -> None:
        try:
            while not self._stopping.wait(_GATHER_S):
                with suppress(TimeoutError):
                    process.link.send_all(queue.get_many(_MOST_TOGETHER, _LONGEST_GATHER_S))
        except Closed:
            return

    def _watch(self, process: PlaneProcess, over: Event) -> None:
        while not over.wait(1.0):
            heard_at = self._heard_at
            if heard_at is not None and self._clock.monotonic() - heard_at > SILENT_FOR_S:
                log.error("the analysis process has been silent for %.0f s and is killed", SILENT_FOR_S)
                process.kill()
                return

    def _received(self, message: Up) -> None:
        if isinstance(message, Ready):
            self._ready_at = self._clock.monotonic()
            for camera in list(self._streams):
                self._follow(camera)
            self._on_state("running", "")
        elif isinstance(message, Failed):
            self._on_state("failed", message.error)
        elif isinstance(message, Health):
            quiet = [name for name, health in message.cameras.items() if health.quiet]
            self._queue.patience = dict.fromkeys(quiet, QUIET_PATIENCE)
        try:
            self._on_message(message)
        except Exception:
            log.exception("a message of the analysis process could not be handled")
        if isinstance(message, Changed) and not message.error:
            self._resume(message.camera)

    def _resume(self, camera: str) -> None:
        """The camera's stages are new: they know of no view that is wanted, and have seen no packet."""
        with self._lock:
            for wanted in self._wanted.values():
                if wanted.camera == camera:
                    self._put(wanted)
        self._follow(camera)
