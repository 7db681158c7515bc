"""Tells while nothing has moved on a camera for long."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from pipeline.core.camera import Camera
from pipeline.core.event import Event
from pipeline.core.frame import Frame
from pipeline.core.objects import TrackedObject
from pipeline.core.options import Options as BaseOptions
from pipeline.stages.builtin_rules.spell import Spell

if TYPE_CHECKING:
    from pipeline.stages.background import Background


class NoMotion:
    """A span from the last motion to the next one. Goes by the `motion` stage, its masks and thresholds; where there is
    none it looks for itself, as that one would by default.
    """

    class Options(BaseOptions):
        seconds: Annotated[float, Field(ge=0)] = 0.0
        """For how long nothing must have moved; 0 means never."""

    def __init__(self, options: Options, camera: Camera) -> None:
        self._spell = Spell(
            lambda since: Event.span("no_motion", camera=camera.name, since=since), after_s=options.seconds, until_s=0.0
        )
        self._background: Background | None = None

    def see(self, frame: Frame, moved: bool | None, now: float) -> Iterable[Event]:
        has_moved = self._looks_for_itself(frame, now) if moved is None else moved
        yield from self._spell.update(not has_moved, now)

    def update(self, objects: Sequence[TrackedObject], now: float) -> Iterable[Event]:
        return ()

    def _looks_for_itself(self, frame: Frame, now: float) -> bool:
        from pipeline.stages.motion import Motion, background, small

        if self._background is None:
            self._background = background(Motion.Options(), far_apart=True)
        return bool(self._background.look(frame.gray(*small(frame, Motion.Options().frame_height)), now))
