"""A camera's frames on their way through its stages: one thread, in order, two at most."""

import logging
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Condition, Thread
from time import monotonic
from typing import Any, Protocol

from pipeline.analysis.step import Step
from pipeline.core.channels import Closed, Mailbox
from pipeline.core.context import Context
from pipeline.core.event import Event
from pipeline.core.frame import Frame

log = logging.getLogger(__name__)

MOST_UNDER_WAY = 2
"""Frames of a camera: one that a model looks at, one that goes through what comes after it."""
_LONGEST_JOIN_S = 2.0


@dataclass(slots=True, eq=False)
class Journey:
    """One frame's."""

    ctx: Context
    events: list[Event]
    at: int = 0
    """The step it is in, or is to be in next."""
    awaited: Future[Any] | None = None
    """What that step waits for, and until when it may."""
    until: float = 0.0


class Ends(Protocol):
    """Where frames come from and go to; called on the thread that carries the frame."""

    def begun(self, frame: Frame) -> Journey: ...

    def arrived(self, journey: Journey) -> None:
        """It has been through all steps."""
        ...

    def all_arrived(self) -> None:
        """Of a stream that has ended."""
        ...


class Conveyor:
    """Takes frames out of a box, a newer one into a step as soon as the one before has left that.

    The steps' own work is done on the conveyor's thread, what they wait for elsewhere. If one hangs there, `watch`
    finds out: another thread takes over, and the one that hangs leaves everything alone as soon as it comes back.
    `take`, `frame_came`, `finish` and `is_idle` are for the decoding thread, `watch` and `close` for any.
    """

    def __init__(
        self, name: str, steps: Sequence[Step], frames: Mailbox[Frame | Journey], ends: Ends, *, detect_at: int | None
    ) -> None:
        """`detect_at` is the step that looks what is there; None where no one does."""
        self.failed = 0
        """Frames that were given up, because without a step that failed they say nothing."""
        self._name = name
        self._steps = steps
        self._frames = frames
        self._ends = ends
        self._detect_at = detect_at
        self._changed = Condition()
        self._under_way: list[Journey] = []
        """The oldest first."""
        self._finishing = self._closed = False
        self._busy: tuple[Step, Journey, float] | None = None
        """What the thread is at, and until when it may be."""
        self._shift = 0
        self._came_back: dict[int, Future[None]] = {}
        """Of threads that hang, by their shift."""
        self._thread: Thread | None = None

    def start(self) -> None:
        self._thread = Thread(target=self._run, args=(self._shift,), name=f"stages {self._name}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """What is under way is given up."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(_LONGEST_JOIN_S)

    def frame_came(self) -> None:
        """It lies in the box; one for which there is no place yet wakes nobody."""
        with self._changed:
            if self._has_place:
                self._changed.notify()

    def wake(self, _: object = None) -> None:
        """What is under way may go on."""
        with self._changed:
            self._changed.notify()

    def finish(self) -> None:
        """No more frames come for now; told when all have arrived."""
        with self._changed:
            self._finishing = True
            self._changed.notify()

    @property
    def is_idle(self) -> bool:
        with self._changed:
            return not self._under_way and not len(self._frames)

    def take(self, journey: Journey) -> bool:
        """On the caller's thread, as far as that takes no time; True when it has ended. Only while it is idle."""
        while journey.at < len(self._steps):
            step = self._steps[journey.at]
            if not step.is_done_at_once(journey.ctx):
                return False
            if not self._goes_through(step, journey, None):
                return True
        self._ends.arrived(journey)
        return True

    def watch(self) -> None:
        """To be called now and then."""
        with self._changed:
            if self._busy is None or monotonic() < self._busy[2]:
                return
            step, journey, _ = self._busy
            journey.awaited = Future()
            journey.awaited.set_exception(TimeoutError(f"no answer within {step.longest_s:g} s"))
            self._came_back[self._shift] = Future()
            step.hangs(self._came_back[self._shift])
            self._busy = None
            self._shift += 1
        self.start()

    def _run(self, shift: int) -> None:
        try:
            while not self._closed:
                if (journey := self._next()) is not None:
                    self._forward(journey, shift)
                elif not self._closed:
                    self._ends.all_arrived()
        except Closed:
            log.debug("%s: nobody takes what comes any more", self._name)
        except _LeftBehind:
            self._came_back.pop(shift).set_result(None)

    def _next(self) -> Journey | None:
        """One that can go on; None when all have arrived after `finish`, and when the conveyor was closed."""
        with self._changed:
            while not self._closed:
                if (journey := self._new() or self._ready()) is not None:
                    return journey
                if self._finishing and not self._under_way and not len(self._frames):
                    self._finishing = False
                    return None
                self._changed.wait(self._patience_s())
        return None

    def _new(self) -> Journey | None:
        """A new frame goes first: what it waits for shall not wait for it."""
        if not self._has_place or not len(self._frames):
            return None
        given = self._frames.get(0)
        journey = given if isinstance(given, Journey) else self._ends.begun(given)
        self._under_way.append(journey)
        return journey

    @property
    def _has_place(self) -> bool:
        return not self._under_way or (len(self._under_way) < MOST_UNDER_WAY and self._under_way[-1].at > 0)

    def _ready(self) -> Journey | None:
        now = monotonic()
        for journey in reversed(self._under_way):
            waits = journey.awaited is not None and not journey.awaited.done() and now < journey.until
            if not waits and not self._is_behind(journey):
                return journey
        return None

    def _is_behind(self, journey: Journey) -> bool:
        """Whether the one before it has yet to leave the step that it would go into."""
        oldest = self._under_way[0]
        return oldest is not journey and oldest.at <= journey.at

    def _patience_s(self) -> float | None:
        waits = [journey.until for journey in self._under_way if journey.awaited is not None]
        return max(0.0, min(waits) - monotonic()) if waits else None

    def _forward(self, journey: Journey, shift: int) -> None:
        """Until it waits, may not go further, or has come so far that a new frame may begin."""
        while journey.at < len(self._steps):
            had_waited = journey.awaited is not None
            went_on = self._goes_through(self._steps[journey.at], journey, shift)
            if not went_on or had_waited or self._is_behind(journey):
                return
        try:
            self._ends.arrived(journey)
        except Closed:
            raise
        except Exception:
            log.exception("%s: a frame was lost", self._name)
        self._under_way.remove(journey)

    def _goes_through(self, step: Step, journey: Journey, shift: int | None) -> bool:
        """False where it waits, or ends."""
        try:
            if journey.awaited is None and step.disabled:
                step.rest(journey.ctx)
                return self._goes_on_without(step, journey)
            awaited = self._worked(step, journey, shift)
        except Exception as error:
            step.fail(journey.ctx, error)
            return self._goes_on_without(step, journey)
        if awaited is not None:
            journey.awaited, journey.until = awaited, monotonic() + step.longest_s
            awaited.add_done_callback(self.wake)
            return False
        step.end(journey.ctx)
        journey.at += 1
        return True

    def _worked(self, step: Step, journey: Journey, shift: int | None) -> Future[Any] | None:
        """What there is to await now."""
        if journey.awaited is not None:
            came, journey.awaited = journey.awaited, None
            if not came.done():
                step.give_up(came)
            return step.resume(journey.ctx, came)
        if shift is None:
            return step.begin(journey.ctx)
        self._busy = step, journey, monotonic() + step.longest_s
        try:
            return step.begin(journey.ctx)
        finally:
            self._rest(shift)

    def _rest(self, shift: int) -> None:
        with self._changed:
            if shift != self._shift:
                raise _LeftBehind
            self._busy = None

    def _goes_on_without(self, step: Step, journey: Journey) -> bool:
        """Not where what a failed stage leaves behind would be taken for "nothing was there"."""
        nobody_looked = journey.ctx.detections is None and self._detect_at in (journey.at, None)
        if nobody_looked or step.makes:
            self.failed += 1
            if journey in self._under_way:
                self._under_way.remove(journey)
            return False
        journey.at += 1
        return True


class _LeftBehind(BaseException):
    """Another thread has taken over. No failure of the stage, so nothing that catches those may catch it."""
