"""One camera on the analysis plane: a decoding thread, and its frames' way through the stages."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from pipeline.analysis.attention import Attention
from pipeline.analysis.conveyor import Conveyor, Journey
from pipeline.analysis.gallery import Gallery
from pipeline.analysis.intake import Intake
from pipeline.analysis.outlet import Outlet
from pipeline.analysis.plan import CameraPlan
from pipeline.analysis.step import Step
from pipeline.analysis.trouble import Trouble
from pipeline.core.channels import Mailbox
from pipeline.core.clock import Clock
from pipeline.core.context import Context
from pipeline.core.event import Event
from pipeline.core.frame import Frame
from pipeline.core.messages import CameraHealth, CameraMessage, Finished, FrameResult, Up
from pipeline.core.objects import TrackedObject
from pipeline.core.plain import plain

Observer = Callable[[Frame, FrameResult, list[Event]], None]
"""Sees every analysed frame, on its camera's thread: for callers in the same process."""


class CameraRunner:
    """`receive` is for the plane's receiving thread, the rest for whoever owns the plane.

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
        self._steps = steps
        self._send = send
        self._clock = clock
        self._pool = pool
        self._observer = observer
        self._goes_alone = plan.realtime and observer is None
        self._frames: Mailbox[Frame | Journey] = Mailbox(1, wait=not plan.realtime)
        self._attention = Attention()
        self._trouble = Trouble(plan.camera.name, clock)
        self._gallery = Gallery(plan, send, self._trouble)
        self._intake = Intake(plan, self, self._attention, self._gallery, self._trouble, send, clock)
        self._outlet = Outlet(plan, self._attention, self._gallery, self._trouble, send, clock)
        detect_at = max((at for at, stage in enumerate(plan.stages) if stage.type == "detect"), default=None)
        self._conveyor = Conveyor(plan.camera.name, steps, self._frames, self, detect_at=detect_at)
        self._held: tuple[TrackedObject, ...] = ()

    def receive(self, message: CameraMessage) -> None:
        self._intake.receive(message)

    def start(self) -> None:
        self._conveyor.start()
        self._intake.start()

    def close(self) -> None:
        self._intake.close()
        self._frames.close()
        self._gallery.close()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._intake.join()
        self._conveyor.close()

    def watch(self) -> None:
        """Now and then: finds out what hangs."""
        self._conveyor.watch()

    def health(self) -> CameraHealth:
        decoder, decoding, outlet = self._intake.decoder, self._intake.decoding, self._outlet
        median_s, late_s = outlet.latency.percentiles(0.5, 0.95)
        errors = [decoder.last_error, *(step.last_error for step in self._steps), self._trouble.last_error]
        return CameraHealth(
            decoded=decoder.decoded,
            analysed=outlet.analysed,
            looked=outlet.looked,
            dropped={
                "packets": self._intake.dropped,
                "frames": self._frames.dropped,
                "failed": self._conveyor.failed + outlet.failed,
                **{step.name: step.dropped for step in self._steps if step.dropped is not None},
                "backlog": decoding.lost,
                **self._gallery.dropped,
            },
            latency_p50_s=median_s,
            latency_p95_s=late_s,
            cost_ms={step.name: round(step.cost_ms, 2) for step in self._steps},
            disabled={step.name: step.last_error for step in self._steps if step.disabled},
            last_error=next((error for error in errors if error), ""),
            decoder=decoder.description,
            skipped=decoding.skipped,
            fps=outlet.rate.per_second(self._clock.monotonic()),
            quiet=decoding.quiet,
        )

    def has_room(self, within_s: float) -> bool:
        """Whether a frame that is handed over would cost none before it. For the decoding thread, as `hand_over`."""
        return self._frames.has_room(within_s)

    def ended(self) -> None:
        """All frames of a stream that is over for good were handed over."""
        self._conveyor.finish()

    def hand_over(self, frame: Frame) -> None:
        if not (self._goes_alone and self._attention.is_still and self._conveyor.is_idle):
            self._put(frame)
            return
        journey = self.begun(frame)
        if not self._conveyor.take(journey):
            self._put(journey)

    def begun(self, frame: Frame) -> Journey:
        events: list[Event] = []
        ctx = Context(frame, self.camera, lambda event: events.append(plain(event, Event)), before=self._held)
        return Journey(ctx, events)

    def arrived(self, journey: Journey) -> None:
        ctx = journey.ctx
        if ctx.detections is not None:
            self._held = tuple(ctx.objects)
        result = self._outlet.publish(ctx, journey.events)
        if result is None:
            return
        self._outlet.show(ctx.frame, result)
        if self._observer is not None:
            self._observer(ctx.frame, result, journey.events)

    def all_arrived(self) -> None:
        self._send(Finished(self.camera.name))

    def _put(self, given: Frame | Journey) -> None:
        self._frames.put(given)
        self._conveyor.frame_came()
