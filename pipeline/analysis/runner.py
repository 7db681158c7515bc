"""One camera on the analysis plane: a decoding thread, and its frames' way through the stages."""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import takewhile

from pipeline.analysis.attention import Attention
from pipeline.analysis.decode import Decoder
from pipeline.analysis.decoding import Decoding, FullDecoding
from pipeline.analysis.feed import QUIET_PATIENCE
from pipeline.analysis.gallery import Gallery
from pipeline.analysis.hop import Hop
from pipeline.analysis.keyframe_look import KeyframeLook
from pipeline.analysis.keyframes import KeyframeDecoding
from pipeline.analysis.latency import Latency
from pipeline.analysis.plan import CameraPlan
from pipeline.analysis.sampler import Sampler
from pipeline.analysis.snapshots import BestShots, pictures
from pipeline.analysis.step import Step
from pipeline.analysis.trouble import Trouble
from pipeline.core.channels import Closed, Mailbox, PacketQueue
from pipeline.core.clock import Clock
from pipeline.core.context import Context
from pipeline.core.event import Event
from pipeline.core.frame import Frame
from pipeline.core.messages import (
    CameraHealth,
    CameraMessage,
    EventOut,
    Finished,
    FrameResult,
    PacketIn,
    StreamLost,
    StreamOpened,
    Up,
    WantStill,
    WantView,
)
from pipeline.core.objects import TrackedObject
from pipeline.core.plain import plain

log = logging.getLogger(__name__)

Observer = Callable[[Frame, FrameResult, list[Event]], None]
"""Sees every analysed frame, on the plane's loop: for callers in the same process."""

MOST_IN_FLIGHT = 2
_MOST_PACKETS = 50
_LONGEST_JOIN_S = 2.0
_ROOM_S = 0.02
"""How long new packets may wait while the stages are waited for."""
_LONGEST_END_S = 10.0
"""What is left of a stream that broke off is worth waiting for the stages so long."""
_QUIET_FPS = 5.0
"""Frames a second that are enough to see that nothing moves."""


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
    that is not realtime the decoder waits instead, and so it does while it catches up with a camera that was
    quiet: those frames are held until there is room, and new packets are taken meanwhile. A still camera's frame
    is taken through the prompt stages by the decoding thread, if no other is on its way; mostly that is all.

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
        self._trouble = Trouble(plan.camera.name, clock)
        self._detect_at = max((at for at, stage in enumerate(plan.stages) if stage.type == "detect"), default=None)
        self._steps = steps
        self._send = send
        self._clock = clock
        self._pool = pool
        self._observer = observer
        alone = plan.realtime and observer is None
        self._prompt = list(takewhile(lambda step: step.is_prompt, steps)) if alone else []
        self._handed_over = self._came_through = 0
        self._packets = PacketQueue(_MOST_PACKETS, wait=not plan.realtime)
        self._patience = {plan.camera.name: QUIET_PATIENCE}
        self._frames: Mailbox[Frame | _Begun] = Mailbox(1, wait=not plan.realtime)
        self._ended = threading.Event()
        self._decoder = Decoder(plan.camera.name, hwaccel=plan.decoding.hwaccel, priority=plan.camera.priority)
        self._attention = Attention()
        self._decoding = _decoding(plan, self._decoder, self._attention)
        self._late: deque[Frame] = deque()
        """Frames of one packet that wait for room."""
        self._quiet_fps = min(plan.camera.fps, _QUIET_FPS)
        self._sampler = None if plan.every_frame else Sampler(plan.camera.fps)
        self._gallery = Gallery(plan, send, self._trouble)
        self._shots = BestShots() if plan.snapshots else None
        self._latency = Latency()
        self._analysed = 0
        self._looked = 0
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
        self._thread = threading.Thread(target=self._decode_forever, name=f"decode {plan.camera.name}", daemon=True)

    def receive(self, message: CameraMessage) -> None:
        self._packets.put(message)

    async def run(self) -> None:
        """Takes frames until cancelled."""
        self._thread.start()
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
        self._packets.close()
        self._frames.close()
        self._gallery.close()
        self._pool.shutdown(wait=False, cancel_futures=True)
        if self._thread.is_alive():
            self._thread.join(_LONGEST_JOIN_S)

    def health(self) -> CameraHealth:
        errors = [self._decoder.last_error, *(step.last_error for step in self._steps), self._trouble.last_error]
        return CameraHealth(
            decoded=self._decoder.decoded,
            analysed=self._analysed,
            looked=self._looked,
            dropped={
                "packets": self._packets.dropped[self.camera.name],
                "frames": self._frames.dropped,
                "failed": self._failed,
                **{step.name: step.dropped for step in self._steps if step.dropped is not None},
                "backlog": self._decoding.lost,
                **self._gallery.dropped,
            },
            latency_p50_s=self._latency.percentile(0.5),
            latency_p95_s=self._latency.percentile(0.95),
            cost_ms={step.name: round(step.cost_ms, 2) for step in self._steps},
            disabled={step.name: step.last_error for step in self._steps if step.disabled},
            last_error=next((error for error in errors if error), ""),
            decoder=self._decoder.description,
            skipped=self._decoding.skipped,
            quiet=self._decoding.quiet,
        )

    def _decode_forever(self) -> None:
        while True:
            try:
                self._take_packet_or_catch_up()
            except Closed:
                return
            except Exception as error:  # without this thread the camera would be dead, and nobody would know
                self._trouble.met("a packet could not be handled", error)

    def _take_packet_or_catch_up(self) -> None:
        """New packets first: they are only kept, and nobody else waits for them."""
        try:
            message = self._packets.get(0 if self._is_behind else None)
        except TimeoutError:
            self._catch_up()
        else:
            self._handle(message)
            self._packets.patience = self._patience if self._decoding.quiet else {}

    @property
    def _is_behind(self) -> bool:
        return bool(self._late) or self._decoding.behind

    def _catch_up(self) -> None:
        """One small step: hands over a frame if there is room for it soon, or decodes the next packet."""
        if self._late:
            if self._frames.has_room(_ROOM_S):
                self._hand_over(self._late.popleft())
            return
        for frame in self._decoding.catch_up():
            self._gallery.decoded(frame)
            if self._is_taken(frame):
                self._late.append(frame)

    def _handle(self, message: CameraMessage) -> None:
        match message:
            case PacketIn(packet=packet):
                for frame in self._decoding.packet(packet):
                    self._decoded(frame)
            case StreamOpened(info=info):
                self._late.clear()
                self._decoding.opened(info)
            case StreamLost(ended=ended):
                self._finish()
                if ended:
                    self._ended.set()
                    self._loop.call_soon_threadsafe(self._arrived.set)
            case WantView():
                self._attention.want(message.view, message.wanted)
                self._gallery.want(message.view, message.wanted)
            case WantStill():
                self._send(self._gallery.still(message))

    def _finish(self) -> None:
        """Everything that came before the stream broke off."""
        until = self._clock.monotonic() + _LONGEST_END_S
        for _ in range(2):  # what comes late may leave something inside the decoder
            for frame in self._decoding.broken_off():
                self._decoded(frame)
            while self._is_behind and self._clock.monotonic() < until:
                self._catch_up()

    def _decoded(self, frame: Frame) -> None:
        self._gallery.decoded(frame)
        if self._is_taken(frame):
            while self._late:
                self._hand_over(self._late.popleft())
            self._hand_over(frame)

    def _is_taken(self, frame: Frame) -> bool:
        """At the asked rate; slower where a look now and then is enough to see that nothing moves."""
        if self._sampler is None:
            return True
        return self._sampler.takes(frame.pts_90k, self._quiet_fps if self._attention.is_still else None)

    def _hand_over(self, frame: Frame) -> None:
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
        if result := self._publish(begun.ctx, begun.events):
            self._show(begun.ctx.frame, result, self._shots.better(result) if self._shots else [])

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
            result = self._publish(ctx, events)
            if result is None:
                return
            better = self._shots.better(result) if self._shots else []
            if better or self._gallery.makes_stills:
                await self._loop.run_in_executor(self._pool, self._show, frame, result, better)
            else:
                self._gallery.analysed(frame, result)
            if self._observer is not None:
                self._observer(frame, result, events)

    def _is_worthless_without(self, at: int, ctx: Context) -> bool:
        """Whether what a failed stage left behind would be taken for "nothing was there"."""
        nobody_looked = ctx.detections is None and self._detect_at in (at, None)
        return nobody_looked or self._steps[at].makes

    def _publish(self, ctx: Context, events: list[Event]) -> FrameResult | None:
        """None where a stage left something among objects or marks that is none."""
        frame = ctx.frame
        latency_s = max(0.0, self._clock.time() - frame.captured_at)
        try:
            result = plain(
                FrameResult(
                    self.camera.name,
                    frame.seq,
                    frame.pts_90k,
                    frame.captured_at,
                    latency_s,
                    ctx.objects,
                    ctx.draw.marks,
                    looked=ctx.detections is not None,
                ),
                FrameResult,
            )
        except TypeError as error:
            self._failed += 1
            self._trouble.met("a stage left what is no object or mark", error)
            return None
        self._attention.saw(frame.captured_at, ctx.motion, result.objects)
        self._latency.add(latency_s)
        self._analysed += 1
        self._looked += result.looked
        self._send(result)
        for event in events:
            self._send(EventOut(event))
        return result

    def _show(self, frame: Frame, result: FrameResult, better: Sequence[TrackedObject]) -> None:
        """Whatever happens to pictures, the frame and its events have been analysed."""
        try:
            self._gallery.analysed(frame, result)
            for snapshot in pictures(frame, result, better):
                self._send(snapshot)
        except Closed:
            raise
        except Exception as error:
            self._trouble.met("a picture could not be made", error)


def _decoding(plan: CameraPlan, decoder: Decoder, attention: Attention) -> Decoding:
    """Where nothing may be lost, or every frame is asked for, every packet is decoded as well as it can be."""
    if plan.every_frame or not plan.realtime:
        return FullDecoding(decoder, None)
    if plan.decoding.decode == "full":
        return FullDecoding(decoder, attention)
    return KeyframeDecoding(decoder, attention, KeyframeLook(plan.stages))
