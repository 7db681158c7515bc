"""The analysis plane: packets in, results out. In a process of its own, or in a thread of yours."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from threading import Thread
from typing import Any

from pipeline.analysis import hardware
from pipeline.analysis.link import Link
from pipeline.analysis.plan import AnalysisPlan, CameraPlan, ModelPlan, StagePlan
from pipeline.analysis.runner import CameraRunner, Observer
from pipeline.analysis.step import Step
from pipeline.core.channels import Closed
from pipeline.core.clock import Clock, SystemClock
from pipeline.core.contracts import StageSetup
from pipeline.core.errors import FramewatchError, PluginError
from pipeline.core.messages import ChangeCamera, Changed, Configure, Down, Failed, Health, Ready, Still, Up, WantStill
from pipeline.models.pool import ModelPool, Spec

log = logging.getLogger(__name__)

LoadPlugin = Callable[[str, str], Any]
"""Finds the class of a plugin by kind and type; raises PluginError."""

HEALTH_EVERY_S = 1.0
_STAGE_THREADS = 3
"""For each camera's slow stages: two frames under way, and one for a stage that hangs."""


class AnalysisPlane:
    """`run` serves one link from its Configure message to its end."""

    def __init__(
        self,
        link: Link[Up, Down],
        load: LoadPlugin,
        clock: Clock | None = None,
        observer: Observer | None = None,
    ) -> None:
        self._link = link
        self._load = load
        self._clock = clock or SystemClock()
        self._observer = observer
        self._runners: dict[str, CameraRunner] = {}
        self._changing = asyncio.Lock()

    def run(self) -> None:
        """Blocks until the other side closes the link."""
        try:
            first = self._link.receive()
            if not isinstance(first, Configure):
                raise TypeError(f"the first message must be Configure, not {type(first).__name__}")
            asyncio.run(self._serve(AnalysisPlan.model_validate(first.plan)))
        except Closed:
            log.debug("the media plane has gone")

    async def _serve(self, plan: AnalysisPlan) -> None:
        models = ModelPool(_specs(plan.models), self._load)
        beat = asyncio.create_task(self._report_health(models))
        try:
            hardware.claim({camera.decoding.hwaccel for camera in plan.cameras.values()})
            for camera in plan.cameras.values():
                await self._add_camera(camera, models)
            for runner in self._runners.values():
                runner.start()
            self._link.send(Ready(models.describe()))
            await self._receive_until_closed(models)
        except FramewatchError as error:
            self._link.send(Failed(str(error)))
        finally:
            beat.cancel()
            await asyncio.gather(beat, return_exceptions=True)
            await self._close_runners()
            models.close()

    async def _close_runners(self) -> None:
        """On threads: what a camera's stages wait for may still need the loop."""
        await asyncio.gather(*(asyncio.to_thread(runner.close) for runner in self._runners.values()))

    async def _change(self, message: ChangeCamera, going: CameraRunner | None, models: ModelPool) -> None:
        error = ""
        try:
            async with self._changing:
                await self._close(going)
                await self._replace(message, models)
        except FramewatchError as failure:
            error = str(failure)
        except Exception as failure:
            log.exception("camera %s could not be changed", message.camera)
            error = f"{type(failure).__name__}: {failure}"
        with suppress(Closed):
            self._link.send(Changed(message.camera, error))

    async def _replace(self, message: ChangeCamera, models: ModelPool) -> None:
        """The camera's runner goes before the next one is built: two would want the memory of both."""
        await self._close(self._runners.pop(message.camera, None))
        if message.plan is None:
            return
        models.add(_specs({name: ModelPlan.model_validate(model) for name, model in message.models.items()}))
        plan = CameraPlan.model_validate(message.plan)
        hardware.claim({plan.decoding.hwaccel})
        await self._add_camera(plan, models)
        self._runners[message.camera].start()

    async def _close(self, runner: CameraRunner | None) -> None:
        if runner is not None:
            await asyncio.to_thread(runner.close)

    async def _add_camera(self, plan: CameraPlan, models: ModelPool) -> None:
        setup = StageSetup(plan.camera, models, self._clock, self._load, realtime=plan.realtime)
        pool = ThreadPoolExecutor(_STAGE_THREADS, thread_name_prefix=f"stage {plan.camera.name}")
        steps = [await self._step(stage, setup, pool) for stage in plan.stages]
        runner = CameraRunner(plan, steps, self._link.send, self._clock, pool, self._observer)
        self._runners[plan.camera.name] = runner

    async def _step(self, plan: StagePlan, setup: StageSetup, pool: ThreadPoolExecutor) -> Step:
        """Built on a thread: loading its model may take long, and health goes on being told."""
        loop = asyncio.get_running_loop()

        def build() -> Step:
            kind = self._load("stages", plan.type)
            stage = kind(kind.Options.model_validate(plan.options), replace(setup, name=plan.name))
            return Step(plan.name, stage, self._clock, pool, loop)

        place = f"camera {setup.camera.name}, stage {plan.name}"
        try:
            return await asyncio.to_thread(build)
        except FramewatchError as error:
            raise PluginError(f"{place}: {error}") from error
        except Exception as error:  # whatever a stranger's stage does while it is built
            log.debug("%s cannot be built", place, exc_info=error)
            raise PluginError(f"{place}: {type(error).__name__}: {error}") from error

    async def _receive_until_closed(self, models: ModelPool) -> None:
        loop = asyncio.get_running_loop()
        closed = asyncio.Event()

        def receive() -> None:
            try:
                while True:
                    message = self._link.receive()
                    if isinstance(message, ChangeCamera):
                        # One that goes is asked nothing any more: the next of its name may look somewhere else.
                        going = self._runners.pop(message.camera, None) if message.plan is None else None
                        asyncio.run_coroutine_threadsafe(self._change(message, going, models), loop)
                    else:
                        self._dispatch(message)
            except Closed:
                loop.call_soon_threadsafe(closed.set)

        Thread(target=receive, name="receive", daemon=True).start()
        await closed.wait()

    def _dispatch(self, message: Down) -> None:
        if isinstance(message, Configure):
            raise TypeError("a plane is configured once")
        if runner := self._runners.get(message.camera):
            runner.receive(message)
        elif isinstance(message, WantStill):
            self._link.send(Still(message.request, None, "it is not analysed yet"))

    async def _report_health(self, models: ModelPool) -> None:
        while True:
            runners = self._runners.copy()  # the receiving thread takes out those that go
            for runner in runners.values():
                runner.watch()
            cameras = {name: runner.health() for name, runner in runners.items()}
            self._link.send(Health(cameras, models.describe()))
            await asyncio.sleep(HEALTH_EVERY_S)


def _specs(models: Mapping[str, ModelPlan]) -> dict[str, Spec]:
    return {name: (model.type, model.options) for name, model in models.items()}
