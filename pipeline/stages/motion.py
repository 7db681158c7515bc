"""The `motion` stage: where in the picture something moves, so that nobody need look where nothing does."""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from pipeline.core.camera import Polygons
from pipeline.core.context import Context
from pipeline.core.contracts import StageSetup
from pipeline.core.frame import Frame
from pipeline.core.options import Options as BaseOptions

if TYPE_CHECKING:
    from pipeline.stages.background import Background


class Motion:
    """One for each camera; fills `ctx.motion`. Stages that look at the picture choose by it whether they do.

    Two seconds of a new scene (at the start, a light switched, infrared on or off) are motion all over the picture.
    """

    prompt = True

    class Options(BaseOptions):
        enabled: bool = True
        """False: nobody says what moves, and every frame is looked at."""
        threshold: Annotated[int, Field(ge=1, le=255)] = 30
        """Grey values that a pixel must differ by from the background. What is larger than `contour_area` may
        differ by less, down to a third; what flickers (noise, rain) must differ by more, up to double."""
        contour_area: Annotated[float, Field(gt=0)] = 10
        """Pixels of the small picture that make a motion."""
        lightning_threshold: Annotated[float, Field(ge=0.3, le=1.0)] = 0.8
        """Share of the picture that changes at once when it is the light that changed."""
        improve_contrast: bool = True
        """In a dull picture (night, fog) smaller differences count."""
        frame_height: Annotated[int, Field(ge=30, le=1080)] = 90
        """Of the small grey picture that is compared; its width follows the camera's shape."""
        mask: Polygons = ()
        """Where motion does not count: a clock in the picture, a tree, a road behind the fence."""

    def __init__(self, options: Options, setup: StageSetup) -> None:
        self._height = options.frame_height
        self._background = background(options) if options.enabled else None

    def process(self, ctx: Context) -> None:
        if self._background is not None:
            ctx.motion = self._background.look(ctx.frame.gray(*small(ctx.frame, self._height)), ctx.frame.captured_at)


def background(options: Motion.Options, *, far_apart: bool = False) -> "Background":
    """An empty background that goes by a camera's options; `far_apart` as it says."""
    from pipeline.stages.background import Background  # brings cv2

    return Background(
        threshold=options.threshold,
        contour_area=options.contour_area,
        lightning_threshold=options.lightning_threshold,
        improve_contrast=options.improve_contrast,
        mask=options.mask,
        far_apart=far_apart,
    )


def small(frame: Frame, height: int) -> tuple[int, int]:
    """Width and height of the picture to compare, no larger than the frame."""
    height = min(height, frame.height)
    return max(1, round(frame.width * height / frame.height)), height
