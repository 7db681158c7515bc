"""The cameras at work, and how they become others while the rest goes on."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from pipeline.analysis.plan import AnalysisPlan
from pipeline.app.camera import LiveCamera
from pipeline.app.plan import analysis_plan
from pipeline.config import CameraConfig, Config
from pipeline.core.clock import Clock
from pipeline.core.contracts import PacketStream
from pipeline.media import Capture, Push
from pipeline.recording.recorder import Recorder

WITHIN_S = 4.0


class Analysis(Protocol):
    def change(self, plan: AnalysisPlan, camera: str, stream: PacketStream | None) -> None: ...


class Cameras(Mapping[str, LiveCamera]):
    """By name, in the order of the configuration; those that are off are not among them. For the event loop's thread,
    but each may be looked up from any.

    `make` makes one; `on_leaving` hears of one that will be let go, `on_left` when nothing comes of it any more.
    """

    def __init__(
        self,
        config: Config,
        analysis: Analysis,
        clock: Clock,
        make: Callable[[CameraConfig], LiveCamera],
        *,
        on_leaving: Callable[[str], None],
        on_left: Callable[[str], None],
    ) -> None:
        self._analysis = analysis
        self._clock = clock
        self._make = make
        self._on_leaving = on_leaving
        self._on_left = on_left
        self._cameras = {name: make(camera) for name, camera in config.cameras.items() if camera.enabled}

    def __getitem__(self, name: str) -> LiveCamera:
        return self._cameras[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._cameras)

    def __len__(self) -> int:
        return len(self._cameras)

    def start(self) -> None:
        for camera in self._cameras.values():
            camera.start()

    async def become(self, before: Config, config: Config) -> None:
        cameras = config.cameras
        for name in [*before.cameras, *(cameras.keys() - before.cameras.keys())]:
            if before.cameras.get(name) != cameras.get(name):
                await self._change(config, name)
        self._cameras = {name: self._cameras[name] for name in cameras if name in self._cameras}

    async def _change(self, config: Config, name: str) -> None:
        camera, wanted = self._cameras.get(name), config.cameras.get(name)
        if camera and wanted and wanted.enabled and camera.can_become(wanted):
            camera.become(wanted)
            self._analysis.change(analysis_plan(config), name, camera.detect_stream)
            return
        if camera:
            await self._remove(config, camera)
        if wanted and wanted.enabled:
            self._add(config, wanted)

    def _add(self, config: Config, wanted: CameraConfig) -> None:
        camera = self._cameras[wanted.name] = self._make(wanted)
        self._analysis.change(analysis_plan(config), wanted.name, camera.detect_stream)
        camera.start()

    async def _remove(self, config: Config, camera: LiveCamera) -> None:
        del self._cameras[camera.name]
        self._analysis.change(analysis_plan(config), camera.name, None)
        camera.stills.close()
        self._on_leaving(camera.name)
        await asyncio.to_thread(camera.stop, WITHIN_S)
        self._on_left(camera.name)

    def ask_to_stop(self) -> None:
        for each in [*self._at_work, *self._recorders]:
            each.ask_to_stop()

    def wait_for_video(self) -> None:
        """Blocks until nothing is read or pushed any more, a few seconds at most: a camera may not answer."""
        self._wait_for(self._at_work)

    def wait_for_recorders(self) -> None:
        """Blocks until they have finished what they have, a few seconds at most."""
        self._wait_for(self._recorders)

    def _wait_for(self, at_work: "Sequence[Capture | Push | Recorder]") -> None:
        until = self._clock.monotonic() + WITHIN_S
        for each in at_work:
            each.stop(max(0.0, until - self._clock.monotonic()))

    @property
    def _at_work(self) -> Sequence[Capture | Push]:
        return [each for camera in self._cameras.values() for each in camera.at_work]

    @property
    def _recorders(self) -> Sequence[Recorder]:
        return [each for camera in self._cameras.values() for each in camera.recorders]
