"""One camera on the analysis plane: a decoding thread, and its frames' way through the stages."""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import takewhile

from pipeline.analysis.attention import Attention
from pipeline.analysis.gallery import Gallery
from pipeline.analysis.hop import Hop
from pipeline.analysis.intake import Intake
from pipeline.analysis.outlet import Outlet
from pipeline.analysis.plan import CameraPlan
from pipeline.analysis.step import Step
from pipeline.analysis.trouble import Trouble
from pipeline.core.channels import Closed, Mailbox
from pipeline.core.clock import Clock
from pipeline.core.context import Context
from pipeline.core.event import Event
from pipeline.core.frame import Frame
from pipeline.core.messages import CameraHealth, CameraMessage, Finished, FrameResult, Up
from pipeline.core.objects import TrackedObject
from pipeline.core.plain import plain

log = logging.getLogger(__name__)

Observer = Callable[[Frame, FrameResult, list[Event]], None]
"""Sees every analysed frame, on the plane's loop: for callers in the same process."""

MOST_IN_FLIGHT = 2


@dataclass(slots=True)
class _Begun:
    """A frame on its way, and how many stages have been done with it already."""

    ctx: Context
    events: list[Event]
    done: int
    succeeded: bool
    """The last of them."""


class CameraRunner:
    """`receive` is for the plane's receiving thread, everything else for the plane's loop.

    Between decoder and stages stands a box for one frame: stages that are slow see the newest. With a plan
    that is not realtime the decoder waits instead. A still camera's frame is taken through the prompt stages by the
    decoding thread, if no other is on its way; mostly that is all.

    `pool` is the camera's own, and closed with it: a stage that hangs takes no other camera's thread.
    """

    def __init__(
        self,
        plan: CameraPlan,
        steps: Sequence[Step],
        send: Callable[[Up], None],
        clock: Clock,
        pool: ThreadPoolExecutor,
        observer: Observer | None = None,
    ) -> None:
        self.camera = plan.camera
        self._detect_at = max((at for at, stage in enumerate(plan.stages) if stage.type == "detect"), default=None)
        self._steps = steps
        self._send = send
        self._pool = pool
        self._observer = observer
        alone = plan.realtime and observer is None
        self._prompt = list(takewhile(lambda step: step.is_prompt, steps)) if alone else []
        self._handed_over = self._came_through = 0
        self._frames: Mailbox[Frame | _Begun] = Mailbox(1, wait=not plan.realtime)
        self._ended = threading.Event()
        self._attention = Attention()
        self._trouble = Trouble(plan.camera.name, clock)
        self._gallery = Gallery(plan, send, self._trouble)
        self._intake = Intake(plan, self, self._attention, self._gallery, self._trouble, send, clock)
        self._outlet = Outlet(plan, self._attention, self._gallery, self._trouble, send, clock)
        self._held: tuple[TrackedObject, ...] = ()
        self._failed = 0
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Event()
        self._waits = False
        """Whether the loop sleeps until a frame comes: waking it for each that is decoded costs it more than those
        that are analysed."""
        self._slots = asyncio.Semaphore(MOST_IN_FLIGHT)
        self._finishing = asyncio.Lock()
        self._running: set[asyncio.Task[None]] = set()

    def receive(self, message: CameraMessage) -> None:
        self._intake.receive(message)

    async def run(self) -> None:
        """Takes frames until cancelled."""
        self._intake.start()
        while True:
            await self._slots.acquire()
            frame = await self._next_frame()
            if frame is None:
                await self._all_done()
                self._slots.release()
                continue
            task = asyncio.create_task(self._analyse(frame))
            self._running.add(task)
            task.add_done_callback(self._left)

    def close(self) -> None:
        self._intake.close()
        self._frames.close()
        self._gallery.close()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._intake.join()

    def health(self) -> CameraHealth:
        decoder, decoding, outlet = self._intake.decoder, self._intake.decoding, self._outlet
        errors = [decoder.last_error, *(step.last_error for step in self._steps), self._trouble.last_error]
        return CameraHealth(
            decoded=decoder.decoded,
            analysed=outlet.analysed,
            looked=outlet.looked,
            dropped={
                "packets": self._intake.dropped,
                "frames": self._frames.dropped,
                "failed": self._failed + outlet.failed,
                **{step.name: step.dropped for step in self._steps if step.dropped is not None},
                "backlog": decoding.lost,
                **self._gallery.dropped,
            },
            latency_p50_s=outlet.latency.percentile(0.5),
            latency_p95_s=outlet.latency.percentile(0.95),
            cost_ms={step.name: round(step.cost_ms, 2) for step in self._steps},
            disabled={step.name: step.last_error for step in self._steps if step.disabled},
            last_error=next((error for error in errors if error), ""),
            decoder=decoder.description,
            skipped=decoding.skipped,
            quiet=decoding.quiet,
        )

    def has_room(self, within_s: float) -> bool:
        """Whether a frame that is handed over would cost none before it. For the decoding thread, as `hand_over`."""
        return self._frames.has_room(within_s)

    def ended(self) -> None:
        """All frames of a stream that is over for good were handed over."""
        self._ended.set()
        self._loop.call_soon_threadsafe(self._arrived.set)

    def hand_over(self, frame: Frame) -> None:
        begun = self._begin(frame) if self._prompt and self._attention.is_still and self._is_idle else None
        if begun is not None and begun.succeeded and begun.done == len(self._steps):
            self._end(begun)
            return
        self._handed_over += 1
        self._frames.put(begun or frame)
        if self._waits:
            self._waits = False
            self._loop.call_soon_threadsafe(self._arrived.set)

    @property
    def _is_idle(self) -> bool:
        """Whether no frame is on its way: only this thread can set one on it."""
        return self._handed_over == self._came_through + self._frames.dropped

    def _begin(self, frame: Frame) -> _Begun | None:
        """None where not even the first stage can be done here."""
        begun = self._begun(frame)
        if not self._prompt[0].may_follow(begun.ctx):
            return None
        hop = Hop(begun.ctx, self._prompt)
        try:
            hop()
        except Exception as error:
            self._prompt[hop.at].fail(begun.ctx, error)
            begun.succeeded = False
        begun.done = hop.at + 1
        return begun

    def _end(self, begun: _Begun) -> None:
        """What `_analyse` does in the end, where there is nobody to wait for."""
        self._hold(begun.ctx)
        if result := self._outlet.publish(begun.ctx, begun.events):
            self._outlet.show(begun.ctx.frame, result)

    def _begun(self, frame: Frame) -> _Begun:
        events: list[Event] = []
        ctx = Context(frame, self.camera, lambda event: events.append(plain(event, Event)), before=self._held)
        return _Begun(ctx, events, 0, True)

    def _hold(self, ctx: Context) -> None:
        if ctx.detections is not None:
            self._held = tuple(ctx.objects)

    async def _next_frame(self) -> Frame | _Begun | None:
        """None when the stream has ended and all of it was taken."""
        while not len(self._frames):
            if self._ended.is_set():
                self._ended.clear()
                return None
            self._arrived.clear()
            self._waits = True
            if not len(self._frames):  # one may have come before it was said
                await self._arrived.wait()
        return self._frames.get(0)

    async def _all_done(self) -> None:
        if self._running:
            await asyncio.wait(self._running)
        self._send(Finished(self.camera.name))

    def _left(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._slots.release()
        self._came_through += 1
        if not task.cancelled() and (error := task.exception()) and not isinstance(error, Closed):
            log.error("%s: a frame was lost", self.camera.name, exc_info=error)

    async def _analyse(self, given: Frame | _Begun) -> None:
        begun = given if isinstance(given, _Begun) else self._begun(given)
        ctx, events, done, succeeded = begun.ctx, begun.events, begun.done, begun.succeeded
        while succeeded or not self._is_worthless_without(done - 1, ctx):
            if done == len(self._steps):
                break
            went, succeeded = await self._steps[done].run_with(ctx, self._steps[done + 1 :])
            done += went
        else:
            self._failed += 1
            return
        frame = ctx.frame
        self._hold(ctx)
        async with self._finishing:
            result = self._outlet.publish(ctx, events)
            if result is None:
                return
            if self._outlet.makes_pictures:
                await self._loop.run_in_executor(self._pool, self._outlet.show, frame, result)
            else:
                self._outlet.show(frame, result)
            if self._observer is not None:
                self._observer(frame, result, events)

    def _is_worthless_without(self, at: int, ctx: Context) -> bool:
        """Whether what a failed stage left behind would be taken for "nothing was there"."""
        nobody_looked = ctx.detections is None and self._detect_at in (at, None)
        return nobody_looked or self._steps[at].makes
