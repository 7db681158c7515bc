"""The `detect` stage: asks the camera's model what is in the frame, where that could have changed."""

from asyncio import gather
from collections.abc import Callable
from concurrent.futures import Future
from typing import Annotated, Any

from pydantic import Field

from pipeline.core.context import Context
from pipeline.core.contracts import DetectorName, StageSetup
from pipeline.core.detections import Detections
from pipeline.core.frame import Frame
from pipeline.core.options import Options as BaseOptions
from pipeline.stages.filters import Filters
from pipeline.stages.gate import Gate
from pipeline.stages.patchwork import patched
from pipeline.stages.refusals import Refusals
from pipeline.stages.regions import Regions


class Stationary(BaseOptions):
    """Objects that have come to rest (after `track.stationary_after` seconds in one place)."""

    interval: Annotated[int, Field(ge=0)] = 50
    """Frames at the nominal rate until one is looked at again though nothing moves; 0 is never."""


class Roi(BaseOptions):
    """Looks at parts of the picture at its own resolution, for what is small and far away. Each costs one look."""

    enabled: bool = False
    size: Annotated[int, Field(ge=64, multiple_of=32)] = 640
    """Pixels of the camera's picture, each side: a model whose `imgsz` is as large sees every one of them."""
    max_regions: Annotated[int, Field(ge=1, le=12)] = 4
    """In one frame; where there is more to look at they take turns."""


class Detect:
    """One for each camera; the model behind it is shared.

    With a `motion` stage before it, it looks at a frame where something moves or an object held is not at rest,
    now and then at those at rest, and every `heartbeat` seconds in any case; the other frames have no
    `detections`. Without, it looks at every frame. A frame that the model failed on raises ModelError: it never
    becomes "nothing was there", and the next one is looked at instead. With `roi` it looks at parts of the frame
    as well, around what moves and around small objects that are held.
    """

    prompt = True

    class Options(BaseOptions):
        model: DetectorName = "general"
        """A name under `models`, of a detector."""
        fps: Annotated[float, Field(gt=0)] = 5.0
        """Frames a second that are looked at; the runner leaves out the others."""
        max_disappeared: Annotated[int, Field(ge=0)] = 25
        """Frames at that rate that an unseen object is kept for; the tracker keeps it."""
        stationary: Stationary = Stationary()
        heartbeat: Annotated[float, Field(ge=0)] = 120.0
        """Seconds after which a picture without motion and objects is looked at in any case; 0 is never."""
        roi: Roi = Roi()

    def __init__(self, options: Options, setup: StageSetup) -> None:
        self._detector = setup.models.detector(options.model)
        self._ask: Callable[..., Future[Any] | None] | None = getattr(self._detector, "ask", None)
        self._told: Callable[[Frame, Any], Detections] = getattr(self._detector, "told", _as_it_is)
        self._filters = Filters(setup.camera.objects, self._detector.labels, options.model)
        self._refusals = Refusals(setup.camera)
        self._gate = Gate(options.stationary.interval / setup.camera.fps, options.heartbeat)
        self._regions = Regions(options.roi.size, options.roi.max_regions) if options.roi.enabled else None

    def passes(self, ctx: Context) -> bool:
        """Whether the gate stays closed: `process` would do nothing."""
        return not self._gate.opens(ctx)

    async def process(self, ctx: Context) -> None:
        if not self.passes(ctx):
            self._looked(ctx, await self._look(ctx))

    def ask(self, ctx: Context) -> Future[Any] | None:
        """What `process` awaits, where that is one answer of a model that needs no event loop; None elsewhere."""
        if self._regions is not None or self._ask is None:
            return None
        return self._ask(ctx.frame, min_score=self._filters.min_score)

    def take(self, ctx: Context, answer: Any) -> None:
        """What `process` does with it."""
        self._looked(ctx, self._told(ctx.frame, answer))

    def _looked(self, ctx: Context, found: Detections) -> None:
        self._gate.looked(ctx.frame.captured_at)
        believed = self._filters.believed(found, ctx.frame.resolution_wh)
        ctx.detections, ctx.weak = believed.sure, believed.weak
        if believed.nearly is not None:
            ctx.refused = self._refusals.of(believed.nearly, ctx.frame.resolution_wh)

    async def _look(self, ctx: Context) -> Detections:
        regions = self._regions.of(ctx) if self._regions else []
        min_score = self._filters.min_score
        whole, *parts = await gather(
            self._detector.detect(ctx.frame, min_score=min_score),
            *(self._detector.detect(ctx.frame.crop(*region), min_score=min_score) for region in regions),
        )
        return patched(whole, list(zip(regions, parts, strict=True)), ctx.frame.resolution_wh) if regions else whole


def _as_it_is(frame: Frame, found: Detections) -> Detections:
    return found
