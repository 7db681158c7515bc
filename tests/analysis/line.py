"""A conveyor with stages of a test's own."""

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np

from pipeline.analysis.conveyor import Conveyor, Journey
from pipeline.analysis.step import Step
from pipeline.core.camera import Camera
from pipeline.core.channels import Mailbox
from pipeline.core.clock import Clock, ManualClock
from pipeline.core.context import Context
from pipeline.core.frame import Frame

_LONGEST_S = 20.0


class Line:
    """`through` are the frames that have been through all stages, `endings` how often all of them had."""

    def __init__(self, steps: list[Step]) -> None:
        self.steps = steps
        self.through: list[Journey] = []
        self.endings = 0
        self._frames: Mailbox[Frame | Journey] = Mailbox(1, wait=True)
        self.conveyor = Conveyor("yard", steps, self._frames, self, detect_at=-1)

    def begun(self, frame: Frame) -> Journey:
        return Journey(Context(frame, Camera(name="yard"), lambda _event: None), [])

    def arrived(self, journey: Journey) -> None:
        self.through.append(journey)

    @property
    def seqs(self) -> list[int]:
        return [journey.ctx.frame.seq for journey in self.through]

    def all_arrived(self) -> None:
        self.endings += 1

    def put(self, *seqs: int) -> None:
        """On their way, in order; waits for room."""
        for seq in seqs:
            self._frames.put(Frame.from_bgr(np.zeros((2, 2, 3), np.uint8), seq=seq))
            self.conveyor.frame_came()

    def go(self, *seqs: int) -> None:
        """The same, until all have arrived or were given up."""
        self.put(*seqs)
        self.until_idle()

    def until_idle(self) -> None:
        until = time.monotonic() + _LONGEST_S
        while not self.conveyor.is_idle:
            assert time.monotonic() < until, "a frame is still on its way"
            self.conveyor.watch()
            time.sleep(0.002)


@contextmanager
def line(*stages: Any, clock: Clock | None = None, longest_s: float = 10.0) -> Iterator[Line]:
    """Each stage is called by its class's name, or its own `name`."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    with ThreadPoolExecutor(3) as pool:
        steps = [
            Step(
                getattr(stage, "name", type(stage).__name__.lower()),
                stage,
                clock or ManualClock(),
                pool,
                loop,
                longest_s=longest_s,
            )
            for stage in stages
        ]
        made = Line(steps)
        made.conveyor.start()
        try:
            yield made
        finally:
            made.conveyor.close()
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result()  # what was set going has begun
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()
