"""Stages and a model-free plugin loader that keep the real contracts."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from pipeline.core.context import Context
from pipeline.core.contracts import StageSetup
from pipeline.core.detections import Detections
from pipeline.core.errors import ModelError
from pipeline.core.event import Event
from pipeline.core.objects import TrackedObject
from pipeline.core.options import Options


class Look:
    """Sees one thing in every frame; `takes_s` is how long that lasts, `fails` the frames that fail."""

    class Options(Options):
        takes_s: float = 0.0
        fails: tuple[int, ...] = ()

    def __init__(self, options: Options, setup: StageSetup) -> None:
        self._options: Any = options

    def process(self, ctx: Context) -> None:
        time.sleep(self._options.takes_s)
        if ctx.frame.seq in self._options.fails:
            raise ModelError("the model failed")
        box = np.array([[32.0, 18.0, 64.0, 90.0]], np.float32)
        ctx.detections = Detections(box, np.array([0.9], np.float32), np.zeros(1, np.int32), {0: "person"})


class Follow:
    """Makes the one detection an object; counts the frames that it was given."""

    class Options(Options):
        pass

    seen = 0

    def __init__(self, options: Options, setup: StageSetup) -> None:
        Follow.seen = 0

    async def process(self, ctx: Context) -> None:
        assert ctx.detections is not None
        Follow.seen += 1
        ctx.objects = [TrackedObject("one", "person", 0.9, (0.1, 0.1, 0.2, 0.5), ctx.frame.captured_at)]


class Tell:
    """Emits an event and draws a mark for every frame."""

    class Options(Options):
        pass

    def __init__(self, options: Options, setup: StageSetup) -> None:
        self._camera = setup.camera.name

    def process(self, ctx: Context) -> None:
        ctx.draw.text((0.1, 0.1), "hello")
        now = ctx.frame.captured_at
        ctx.emit(Event(id=f"e{ctx.frame.seq}", type="told", camera=self._camera, started_at=now, ended_at=now))


class Impossible:
    """Cannot be built: its model is not there."""

    class Options(Options):
        pass

    def __init__(self, options: Options, setup: StageSetup) -> None:
        raise ModelError("no such weights: nothing.pt")


STAGES: dict[str, Callable[..., Any]] = {"look": Look, "follow": Follow, "tell": Tell, "impossible": Impossible}


def load(kind: str, type_: str) -> Any:
    assert kind == "stages"
    return STAGES[type_]
