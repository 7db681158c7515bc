"""Whether one key frame differs from those before."""

from collections.abc import Sequence

from pipeline.analysis.plan import StagePlan
from pipeline.core.frame import Frame
from pipeline.stages.motion import Motion, background, small


class KeyframeLook:
    """A background of key frames alone: encoders make them a little unlike the pictures between them.

    It goes by the options of the camera's `motion` stage, or by their defaults. Much of what only flickers counts too
    (in rain or wind a camera is decoded fully): in key frames it cannot be told from what passes by.
    """

    def __init__(self, stages: Sequence[StagePlan]) -> None:
        given = next((stage.options for stage in stages if stage.type == "motion"), {})
        options = Motion.Options.model_validate(given)
        self._height = options.frame_height
        self._background = background(options, far_apart=True)

    def differs(self, frame: Frame) -> bool:
        return bool(self._background.look(frame.gray(*small(frame, self._height)), frame.captured_at))

    def adopt(self, frame: Frame) -> None:
        """Nothing happens in this one."""
        self._background.adopt(frame.gray(*small(frame, self._height)), frame.captured_at)
