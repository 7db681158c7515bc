"""Stages and a model-free plugin loader that keep the real contracts."""

import threading
import time
from collections.abc import Callable
from threading import Event as Flag
from typing import Any

import numpy as np

from pipeline.core.context import Context
from pipeline.core.contracts import StageSetup
from pipeline.core.detections import Detections
from pipeline.core.errors import ModelError
from pipeline.core.event import Event
from pipeline.core.objects import TrackedObject
from pipeline.core.options import Options
from pipeline.stages.background import Background
from tests.analysis.pictures import FPS, START


class Look:
    """Sees one thing in each frame that it looks at, `every` how many; `takes_s` is how long that lasts,
    `fails` the frames that fail.
    """

    class Options(Options):
        every: int = 1
        takes_s: float = 0.0
        fails: tuple[int, ...] = ()

    def __init__(self, options: Options, setup: StageSetup) -> None:
        self._options: Any = options

    def process(self, ctx: Context) -> None:
        time.sleep(self._options.takes_s)
        if ctx.frame.seq in self._options.fails:
            raise ModelError("the model failed")
        if ctx.frame.seq % self._options.every:
            return
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


class Recall:
    """Tells which frames the objects are from that it was given as those before."""

    class Options(Options):
        pass

    def __init__(self, options: Options, setup: StageSetup) -> None: ...

    def process(self, ctx: Context) -> None:
        frames = [round((thing.first_seen_at - START) * FPS) + 1 for thing in ctx.before]
        ctx.emit(Event.instant("recalled", camera="yard", at=ctx.frame.captured_at, frames=frames))


class Watch:
    """Says what moves."""

    class Options(Options):
        pass

    def __init__(self, options: Options, setup: StageSetup) -> None:
        self._background = Background()

    def process(self, ctx: Context) -> None:
        ctx.motion = self._background.look(ctx.frame.gray(160, 90), ctx.frame.captured_at)


class Prompt(Watch):
    """Writes on whose thread it says so, and fails at the frames it is told to."""

    prompt = True

    class Options(Options):
        fails_at: tuple[int, ...] = ()

    def __init__(self, options: Any, setup: StageSetup) -> None:
        super().__init__(options, setup)
        self._fails_at = options.fails_at

    def process(self, ctx: Context) -> None:
        super().process(ctx)
        ctx.draw.text((0, 0), threading.current_thread().name.split(" ")[0])
        if ctx.frame.seq in self._fails_at:
            raise ValueError("on purpose")


class Gate:
    """Looks where something moves, and writes so."""

    prompt = True

    class Options(Options):
        pass

    def __init__(self, options: Options, setup: StageSetup) -> None: ...

    def passes(self, ctx: Context) -> bool:
        return ctx.motion == ()

    async def process(self, ctx: Context) -> None:
        if not self.passes(ctx):
            ctx.draw.text((0, 0), "looked")


class Impossible:
    """Cannot be built: its model is not there."""

    class Options(Options):
        pass

    def __init__(self, options: Options, setup: StageSetup) -> None:
        raise ModelError("no such weights: nothing.pt")


class Careless:
    """Cannot be built, for a reason of its own."""

    class Options(Options):
        takes_s: float = 0.0

    def __init__(self, options: Options, setup: StageSetup) -> None:
        raise ValueError("no such room")


class Slow:
    """Takes its time to be built, as a model that is loaded does."""

    class Options(Options):
        takes_s: float = 1.0

    def __init__(self, options: Any, setup: StageSetup) -> None:
        time.sleep(options.takes_s)

    def process(self, ctx: Context) -> None: ...


class Fails:
    """Raises at the frames it is told to."""

    class Options(Options):
        at: tuple[int, ...] = ()

    def __init__(self, options: Any, setup: StageSetup) -> None:
        self._at = options.at

    def process(self, ctx: Context) -> None:
        if ctx.frame.seq in self._at:
            raise ValueError("on purpose")


class Track(Fails):
    """Makes objects, but for the frames it raises at."""

    def process(self, ctx: Context) -> None:
        super().process(ctx)
        ctx.objects = [TrackedObject("one", "person", 0.9, (0.1, 0.1, 0.2, 0.5), ctx.frame.captured_at)]


class Numpy:
    """Leaves numpy's numbers wherever a plugin may."""

    class Options(Options):
        pass

    def __init__(self, options: Options, setup: StageSetup) -> None: ...

    def process(self, ctx: Context) -> None:
        share: Any = np.float32(0.5)
        ctx.objects = [TrackedObject("one", "car", share, (0.1, 0.1, share, share), 1.0, attributes={"v": share})]
        ctx.draw.text((share, share), "here")
        ctx.emit(Event.instant("seen", camera="yard", at=np.float64(2), speed=share))


class Wrong(Fails):
    """Emits something that is no event, or leaves something that is no object."""

    class Options(Options):
        at: tuple[int, ...] = ()
        objects: bool = False

    def __init__(self, options: Any, setup: StageSetup) -> None:
        self._options = options

    def process(self, ctx: Context) -> None:
        if ctx.frame.seq not in self._options.at:
            return
        if self._options.objects:
            ctx.objects = ["a person"]  # type: ignore[list-item]
        else:
            ctx.emit(Event.instant(5, camera="yard", at=0.0))  # type: ignore[arg-type]


class Hangs:
    """Does not come back until it is let go."""

    class Options(Options):
        pass

    let_go = Flag()

    def __init__(self, options: Options, setup: StageSetup) -> None: ...

    def process(self, ctx: Context) -> None:
        Hangs.let_go.wait(60)


class Named:
    """Writes what it is called, and whether it may leave anything out."""

    class Options(Options):
        pass

    def __init__(self, options: Options, setup: StageSetup) -> None:
        self._said = f"{setup.name} {'in real time' if setup.realtime else 'waits'}"

    def process(self, ctx: Context) -> None:
        ctx.draw.text((0.1, 0.1), self._said)


STAGES: dict[str, Callable[..., Any]] = {
    "look": Look,
    "detect": Look,
    "follow": Follow,
    "tell": Tell,
    "recall": Recall,
    "watch": Watch,
    "prompt": Prompt,
    "prompt2": Prompt,
    "gate": Gate,
    "impossible": Impossible,
    "careless": Careless,
    "slow": Slow,
    "fails": Fails,
    "track": Track,
    "numpy": Numpy,
    "wrong": Wrong,
    "hangs": Hangs,
    "named": Named,
}


def load(kind: str, type_: str) -> Any:
    assert kind == "stages"
    return STAGES[type_]
