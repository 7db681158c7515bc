"""What an analysed frame leaves behind: its result, its events, and pictures for whoever wants some."""

from collections.abc import Callable

from pipeline.analysis.attention import Attention
from pipeline.analysis.gallery import Gallery
from pipeline.analysis.latency import Latency
from pipeline.analysis.plan import CameraPlan
from pipeline.analysis.snapshots import BestShots, pictures
from pipeline.analysis.trouble import Trouble
from pipeline.core.channels import Closed
from pipeline.core.clock import Clock
from pipeline.core.context import Context
from pipeline.core.event import Event
from pipeline.core.frame import Frame
from pipeline.core.messages import EventOut, FrameResult, Up
from pipeline.core.objects import TrackedObject
from pipeline.core.plain import plain
from pipeline.core.rate import Rate

_SILENT_S = 1.0


class Outlet:
    """One camera's. Frames come one after the other, in capture order, on any thread; the figures are read by any."""

    def __init__(
        self,
        plan: CameraPlan,
        attention: Attention,
        gallery: Gallery,
        trouble: Trouble,
        send: Callable[[Up], None],
        clock: Clock,
    ) -> None:
        self.analysed = 0
        self.looked = 0
        self.failed = 0
        """Frames whose result was none."""
        self.latency = Latency()
        self.rate = Rate()
        self._camera = plan.camera.name
        self._attention = attention
        self._gallery = gallery
        self._trouble = trouble
        self._send = send
        self._clock = clock
        self._may_be_silent = plan.realtime
        self._told: FrameResult | None = None
        self._shots = BestShots() if plan.snapshots else None
        self._better: list[TrackedObject] = []
        """Objects of the frame that was published last which look better in it than in any before."""

    def publish(self, ctx: Context, events: list[Event]) -> FrameResult | None:
        """None where a stage left something among objects or marks that is none."""
        frame = ctx.frame
        latency_s = max(0.0, self._clock.time() - frame.captured_at)
        try:
            result = plain(
                FrameResult(
                    self._camera,
                    frame.seq,
                    frame.pts_90k,
                    frame.captured_at,
                    latency_s,
                    ctx.objects,
                    ctx.draw.marks,
                    looked=ctx.detections is not None,
                    moving=ctx.motion is None or bool(ctx.motion),
                    misses=ctx.misses,
                    refused=ctx.refused,
                ),
                FrameResult,
            )
        except TypeError as error:
            self.failed += 1
            self._trouble.met("a stage left what is no object or mark", error)
            return None
        self._attention.saw(frame.captured_at, ctx.motion, result.objects)
        self.latency.add(latency_s)
        self.analysed += 1
        self.rate.tick(self._clock.monotonic())
        self.looked += result.looked
        self._tell(result)
        for event in events:
            self._send(EventOut(event))
        self._better = self._shots.better(result) if self._shots else []
        return result

    def _tell(self, result: FrameResult) -> None:
        """Of a picture in which nothing is and nothing moves, once a second is enough."""
        told = self._told
        is_news = (
            not self._may_be_silent
            or not self._attention.is_still
            or told is None
            or not 0 <= result.captured_at - told.captured_at < _SILENT_S
            or bool(result.objects or told.objects)
            or result.marks != told.marks
            or bool(result.misses or result.refused)
        )
        if is_news:
            self._told = result
            self._send(result)

    def show(self, frame: Frame, result: FrameResult) -> None:
        """Whatever happens to pictures, the frame that was published last and its events have been analysed."""
        try:
            self._gallery.analysed(frame, result)
            for snapshot in pictures(frame, result, self._better):
                self._send(snapshot)
        except Closed:
            raise
        except Exception as error:
            self._trouble.met("a picture could not be made", error)
