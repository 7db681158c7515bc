"""The running system: every part made, joined, started and stopped in one place."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

from pipeline.alerts.alert_desk import AlertDesk
from pipeline.alerts.alert_maker import AlertMaker
from pipeline.alerts.alerts import Alerts
from pipeline.alerts.delivery_desk import DeliveryDesk
from pipeline.alerts.glimpse_desk import GlimpseDesk
from pipeline.alerts.switches import Switches
from pipeline.analysis.process import ChildProcess
from pipeline.analysis.supervisor import Supervisor
from pipeline.app.alert_sinks import alert_sinks, attach, hiding_secrets
from pipeline.app.camera import LiveCamera
from pipeline.app.cameras import Cameras
from pipeline.app.feed import Feed
from pipeline.app.line_counts import LineCounts
from pipeline.app.links import event_links, link_to_event
from pipeline.app.plan import analysis_plan
from pipeline.app.receiver import Receiver
from pipeline.app.recordings import Recordings
from pipeline.app.restart import needs_restart
from pipeline.config import CameraConfig, Config
from pipeline.core.about import AnalysisStatus
from pipeline.core.broadcast import Broadcast
from pipeline.core.camera import Camera
from pipeline.core.clock import Clock, SystemClock
from pipeline.core.contracts import PacketStream
from pipeline.core.errors import ModelError, UnavailableError
from pipeline.core.event import Event
from pipeline.core.line_count import LineCount
from pipeline.core.messages import FrameResult
from pipeline.core.metrics import Metrics
from pipeline.core.retain import Events
from pipeline.core.status import CameraStatus, InputStatus, LiveView, ModelStatus
from pipeline.events.delivery_retention import DeliveryRetention
from pipeline.events.disk_room import GB, DiskRoom
from pipeline.events.editor import EventEditor
from pipeline.events.glimpse_keeper import GlimpseKeeper
from pipeline.events.orphans import Orphans
from pipeline.events.retention import EventRetention
from pipeline.events.service import EventService
from pipeline.recording.recorder import Recorder
from pipeline.store.audit import AuditLog
from pipeline.store.media import MediaFolder
from pipeline.store.store import EventStore

log = logging.getLogger(__name__)

_STORE_WITHIN_S = 2.0
_STILL_WITHIN_S = 2.0


class System:
    """A RunningSystem. Made and used on one event loop; threads are its own affair.

    `failed` is done when the analysis plane cannot work at all as configured (a model that is not there).
    """

    def __init__(self, config: Config, *, clock: Clock | None = None, log_level: str = "WARNING") -> None:
        self.config = config
        self.clock = clock or SystemClock()
        self.metrics = Metrics()
        self.events: Broadcast[Event] = Broadcast()
        self.looks: Broadcast[FrameResult] = Broadcast()
        """What each analysed frame of every camera holds."""
        self.gone: Broadcast[str] = Broadcast()
        self.edits: Broadcast[None] = Broadcast()
        self.store = EventStore(config.store.url.get_secret_value())
        self.media = MediaFolder(Path(config.store.media))
        self.recordings = Recordings(config, self.store, self.clock)
        self._sinks = alert_sinks(config)
        external_url = config.server.external_url
        self.event_links = event_links(config.server, self.clock)
        maker = AlertMaker(
            camera_name=self.camera_name,
            link_to=link_to_event(external_url, self.event_links),
            page=external_url and f"{external_url}/#alerts",
        )
        self._alerting = Alerts(
            *(config.alerts, self._sinks, self.store, self.media, self.clock, self.metrics),
            maker=maker,
            profiles=config.profiles,
            delivery=config.delivery,
        )
        self._service = EventService(
            *(self.store, self.media, self.clock, self.metrics),
            broadcast=self.events,
            alerts=self._alerting,
            footage=self.recordings.desk,
        )
        self.editor = EventEditor(self._service, self.store, self.media, self.edits, self.clock)
        self._retention = EventRetention(self.store, self.editor, self.media, self.clock, self._events_kept)
        self.room = DiskRoom(
            self.media.root,
            [self._retention, *self.recordings.parts],
            min_free_bytes=round(config.store.min_free * GB),
            max_bytes=None if config.store.max_media is None else round(config.store.max_media * GB),
        )
        self._orphans = Orphans(self.store, self.media, self.clock)
        self._delivery_retention = DeliveryRetention(self.store, self.clock)
        self._glimpse_keeper = GlimpseKeeper(self.store, self.clock, self.metrics)
        self.looks.subscribe(self._glimpse_keeper.on_result)
        self.gone.subscribe(self._glimpse_keeper.on_gone)
        self.glimpses = GlimpseDesk(config.alerts, self.store)
        self.audit = AuditLog(self.store, self.clock)
        hide = hiding_secrets(config)
        self.alerts = AlertDesk(
            *(config.alerts, self.store, self._alerting.dispatcher, self._alerting.memory),
            *(self._alerting.profiles, self._alerting.snoozes, self.clock),
            sink_types={name: sink.type for name, sink in config.sinks.items()},
            hide=hide,
            maker=maker,
            camera=next(iter(config.cameras), ""),
            still=self._still_for_a_test,
        )
        self.deliveries = DeliveryDesk(
            *(config.alerts, self.store, self._alerting.dispatcher, self.editor, self.clock), hide=hide
        )
        self.switches = Switches(
            *(self._alerting.profiles, self._alerting.snoozes),
            *([rule.name for rule in config.alerts], lambda: self.config.cameras),
            note=self.audit.note,
        )
        self._stopping = False
        self._changing = asyncio.Lock()
        self._switched: dict[str, bool] = {}
        self._supervisor = Supervisor(
            analysis_plan(config),
            lambda: ChildProcess(log_level),
            self.clock,
            on_message=lambda message: self._receiver.received(message),
            on_state=lambda state, reason: self._receiver.changed(state, reason),
        )
        self._cameras = Cameras(
            *(config, self._supervisor, self.clock, self._live_camera),
            on_leaving=self.gone.publish,
            on_left=self._camera_left,
        )
        self.line_counts = LineCounts(self.clock)
        self._receiver = Receiver(self._cameras, self._service, self.looks, self.line_counts, self.metrics)

    def _live_camera(self, config: CameraConfig) -> LiveCamera:
        return LiveCamera(config, self._supervisor, self.clock, self.metrics, self._on_input, self._recorder)

    def _recorder(self, config: CameraConfig, stream: PacketStream) -> Recorder | None:
        if not config.record.enabled:
            return None
        parts = self.recordings
        recorder = Recorder(
            config.name,
            config.record,
            stream,
            parts.shelf,
            parts.index,
            self.clock,
            self.metrics,
            no_room=lambda: self.room.trouble,
        )
        parts.desk.add(config.name, config.record, recorder)
        return recorder

    async def start(self) -> None:
        """Raises FramewatchError where the store or the media folder cannot be used."""
        self._receiver.start()
        self.looks.subscribe(self.recordings.desk.on_result)
        await asyncio.to_thread(self.store.start)
        await self.editor.start()
        await asyncio.to_thread(self.media.prepare)
        await self.recordings.start()
        attach(self._sinks, lambda name: Feed(name, self, self._alerting.profiles))
        await self._service.start()
        await self.recordings.resume()
        for each in self._housekeeping:
            each.start()
        self._supervisor.start({name: camera.detect_stream for name, camera in self._cameras.items()})
        self._cameras.start()

    async def apply(self, config: Config) -> None:
        """Cameras become as `config` has them, while those that stay as they are go on; the rest needs a new start.

        A camera with the same inputs keeps its video, and its viewers; its objects are new ones.
        """
        async with self._changing:
            if waiting := needs_restart(self.config, config):
                log.warning("a new start is needed for what has changed in: %s", ", ".join(waiting))
            await self._become(_with_cameras_of(config, self.config))

    async def switch(self, name: str, on: bool) -> None:
        """A camera on or off until the next start, whatever the configuration says; raises KeyError."""
        async with self._changing:
            if self.config.cameras[name].enabled != on:
                self._switched[name] = on
                await self._become(self.config)

    async def _become(self, config: Config) -> None:
        before, self.config = self.config, _switched(config, self._switched)
        self.recordings.config = self.config
        await self._cameras.become(before, self.config)

    def _camera_left(self, name: str) -> None:
        self.recordings.desk.remove(name)
        self._service.on_change(name, is_gone=True)

    async def stop(self) -> None:
        """Ends everything within five seconds, also what was not wholly started.

        A camera that does not answer takes its time to be let go; meanwhile all that it fed ends, in that order.
        """
        self._stopping = True
        self._cameras.ask_to_stop()
        await asyncio.gather(asyncio.to_thread(self._cameras.wait_for_video), self._stop_what_is_fed())

    async def _stop_what_is_fed(self) -> None:
        """The store last: recorders note in it what they finish."""
        await asyncio.gather(
            asyncio.to_thread(self._cameras.wait_for_recorders), asyncio.to_thread(self._supervisor.stop)
        )
        for each in self._housekeeping:
            await each.close()
        await self._service.close()
        await self.recordings.close()
        await asyncio.to_thread(self.store.close, _STORE_WITHIN_S)

    @property
    def failed(self) -> "asyncio.Future[ModelError]":
        return self._receiver.failed

    def cameras(self) -> list[CameraStatus]:
        return [camera.status(self._receiver.state) for camera in self._cameras.values()]

    def camera(self, name: str) -> CameraStatus:
        return self._cameras[name].status(self._receiver.state)

    def models(self) -> list[ModelStatus]:
        return [ModelStatus(name, self._receiver.models.get(name, "")) for name in self.config.models]

    def analysis(self) -> AnalysisStatus:
        return self._receiver.status()

    def camera_name(self, name: str) -> str:
        """What people call a camera, also one that has gone meanwhile."""
        config = self.config.cameras.get(name)
        return (config and config.camera.friendly_name) or name

    def plan(self, name: str) -> Camera:
        return self._cameras[name].config.camera

    def lines(self, name: str) -> Mapping[str, LineCount]:
        return self.line_counts.of(self.config.cameras[name].camera)

    def stream(self, name: str, view: LiveView) -> PacketStream:
        return self._cameras[name].stream(view)

    def results(self, name: str, view: LiveView = "overlay") -> Broadcast[FrameResult]:
        camera = self._cameras[name]
        of_view = {"small": camera.small_results, "native": camera.native_results}
        return of_view.get(view, camera.results)

    async def still(self, name: str, *, annotated: bool = False, height: int | None = None) -> bytes:
        camera = self._cameras[name]
        self._receiver.require_running()
        return await camera.stills.one(annotated=annotated, height=height)

    async def _still_for_a_test(self, name: str) -> bytes | None:
        try:
            async with asyncio.timeout(_STILL_WITHIN_S):
                return await self.still(name, annotated=True)
        except (KeyError, UnavailableError, TimeoutError):  # a test without a picture is better than none
            return None

    def stills(self, name: str, *, annotated: bool = False) -> AsyncIterator[bytes]:
        camera = self._cameras[name]
        self._receiver.require_running()
        return camera.stills.many(annotated=annotated)

    def not_ready(self) -> list[str]:
        """The analysis, the store, the disk, each camera that is not online, and each stage that is off."""
        analysis = self._receiver.trouble()
        reasons = [f"analysis: {analysis}"] if analysis else []
        reasons += [f"store: {self.store.trouble}"] if self.store.trouble else []
        reasons += [f"disk: {self.room.trouble}"] if self.room.trouble else []
        for status in self.cameras():
            if status.state not in ("online", "ended"):
                reasons.append(f"{status.name}: {status.state} {status.last_error}".strip())
            reasons += [f"{status.name}: stage {stage} is off: {why}" for stage, why in status.disabled_stages.items()]
        return reasons

    @property
    def _housekeeping(self) -> tuple[Orphans, EventRetention, DiskRoom, DeliveryRetention, GlimpseKeeper]:
        return self._orphans, self._retention, self.room, self._delivery_retention, self._glimpse_keeper

    def _events_kept(self, camera: str) -> Events:
        config = self.config.cameras.get(camera)
        return config.events if config else self.config.events

    @property
    def analysis_pid(self) -> int | None:
        """The process id of the analysis plane of the moment."""
        process = self._supervisor.process
        return process.pid if isinstance(process, ChildProcess) else None

    def _on_input(self, camera: LiveCamera, status: InputStatus) -> None:
        """On the capture's thread: no outage is a file that ended, a start that is under way, or our own stop."""
        is_ours = self._cameras.get(camera.name) is camera and not self._stopping
        if status.state in ("online", "offline") and is_ours:
            self._receiver.on_loop(
                self._service.on_camera, camera.name, status.state == "online", status.reason, self.clock.time()
            )


def _switched(config: Config, switched: Mapping[str, bool]) -> Config:
    cameras = config.cameras.items()
    return replace(
        config, cameras={name: replace(one, enabled=switched.get(name, one.enabled)) for name, one in cameras}
    )


def _with_cameras_of(wanted: Config, running: Config) -> Config:
    """Models that are new may be named by a camera; those that run are not loaded again."""
    models = {**wanted.models, **running.models}
    return replace(running, cameras=wanted.cameras, events=wanted.events, models=models)
