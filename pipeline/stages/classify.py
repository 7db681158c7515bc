"""The `classify` stage: says more of tracked objects than their label: a colour, a make, an open door."""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Annotated

from pydantic import Field

from pipeline.core.context import Context
from pipeline.core.contracts import ClassifierName, StageSetup
from pipeline.core.errors import ModelError, PluginError
from pipeline.core.frame import Frame
from pipeline.core.geometry import area
from pipeline.core.objects import TrackedObject
from pipeline.stages.classifying.opinion import Belief, Opinion
from pipeline.stages.classifying.subject import Pixels, Refresh, Subject, around

MOST_IN_FLIGHT = 8
"""Questions of one camera's stage that wait for their answer at once."""
LONGEST_S = 60.0
"""A model that has not answered after this hangs; so long because it may have to be exported first."""


class Classify:
    """One for each camera; asks a shared classifier about the objects that the tracker is sure of.

    A frame never waits for an answer: it comes when it comes, and is attached to the object from its next
    frame on, as `attributes[name]` (the label) and `attributes[name_score]`. An object is asked about once,
    then again as `refresh` says; the answers are a vote. What is due while `MOST_IN_FLIGHT` questions
    wait is left out (`dropped` counts it) and is due again at the next frame. Where nothing may be lost (a file
    that is read as fast as it can be), the frame does wait, so that the same film gives the same answers.

    An answer that failed is raised at the next frame that wants one, and at each until one succeeds: ten such
    frames in a row switch the stage off for a while, as with any other. Attributes found so far stay.
    """

    class Options(Belief):
        model: ClassifierName
        """A name under `models`, of a classifier."""
        objects: tuple[str, ...] = ()
        """Labels of the objects that are looked at; empty means all tracked ones."""
        min_area: Annotated[float, Field(ge=0, le=1)] = 0.0
        """Smallest box that is worth a look, as a share of the picture."""
        square: bool = True
        """Looks at a square around the object; otherwise at its box, of which most models see the middle."""
        attribute: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]*$")] = ""
        """The attribute's name; empty means that of the stage."""
        refresh: Refresh = Refresh()

    def __init__(self, options: Options, setup: StageSetup) -> None:
        self.dropped = 0
        self._options = options
        self._attribute = options.attribute or setup.name
        if not self._attribute:
            raise PluginError("classify: got no name, wanted `attribute` or a stage with a name")
        self._classifier = setup.models.classifier(options.model)
        self._labels = [self._classifier.labels[number] for number in sorted(self._classifier.labels)]
        self._waits = not setup.realtime
        self._subjects: dict[str, Subject] = {}
        self._in_flight: set[asyncio.Task[None]] = set()
        self._failure: Exception | None = None

    async def process(self, ctx: Context) -> None:
        self._forget_all_but({thing.id for thing in ctx.objects})
        due = self._due(ctx.objects, ctx.frame.captured_at)
        waiting = iter(due)
        self._ask(ctx.frame, waiting)
        while self._waits and self._in_flight:
            await asyncio.wait(self._in_flight)
            self._ask(ctx.frame, waiting)
        self.dropped += sum(1 for _ in waiting)
        self._attach(ctx.objects)
        if self._failure is not None and (due or self._in_flight):
            raise ModelError(_said(self._failure)) from self._failure

    def rest(self, ctx: Context) -> None:
        """While the stage is off: nothing is asked, and what is known stays."""
        self._forget_all_but({thing.id for thing in ctx.objects})
        self._attach(ctx.objects)

    def _forget_all_but(self, present: set[str]) -> None:
        for gone in self._subjects.keys() - present:
            asking = self._subjects.pop(gone).asking
            if asking is not None:
                asking.cancel()

    def _due(self, objects: Sequence[TrackedObject], now: float) -> list[TrackedObject]:
        """Those that were never asked about first, then those longest ago."""
        looked_at = [thing for thing in objects if self._is_worth_a_look(thing)]
        for thing in looked_at:
            if thing.id not in self._subjects:
                self._subjects[thing.id] = Subject(Opinion(self._labels, self._options), self._options.refresh)
        due = [thing for thing in looked_at if self._subjects[thing.id].is_due(area(thing.box), now)]
        return sorted(due, key=lambda thing: self._subjects[thing.id].asked_at or float("-inf"))

    def _is_worth_a_look(self, thing: TrackedObject) -> bool:
        """Only what was measured in this frame: a predicted box may hold anything."""
        wanted = not self._options.objects or thing.label in self._options.objects
        return wanted and thing.confirmed and thing.measured and area(thing.box) >= self._options.min_area

    def _ask(self, frame: Frame, waiting: Iterator[TrackedObject]) -> None:
        """As many as there is room for."""
        for thing in islice(waiting, MOST_IN_FLIGHT - len(self._in_flight)):
            subject = self._subjects[thing.id]
            part = around(thing.box, frame.resolution_wh, square=self._options.square)
            task = asyncio.create_task(self._answer(subject, frame, part))
            subject.ask(task, area(thing.box), frame.captured_at)
            self._in_flight.add(task)
            task.add_done_callback(self._in_flight.discard)

    async def _answer(self, subject: Subject, frame: Frame, part: Pixels) -> None:
        try:
            async with asyncio.timeout(LONGEST_S):
                crop = await asyncio.to_thread(frame.crop, *part)
                del frame  # the whole picture need not wait for the answer
                subject.was_answered(await self._classifier.classify(crop))
        except Exception as error:  # whatever a stranger's model does: raised at the next frame
            subject.was_not_answered()
            self._failure = error
        else:
            self._failure = None
        finally:
            subject.asking = None

    def _attach(self, objects: Sequence[TrackedObject]) -> None:
        for thing in objects:
            subject = self._subjects.get(thing.id)
            if subject is not None and subject.opinion.label is not None:
                thing.attributes[self._attribute] = subject.opinion.label
                thing.attributes[f"{self._attribute}_score"] = round(subject.opinion.score, 2)


def _said(failure: Exception) -> str:
    if isinstance(failure, ModelError):
        return str(failure)
    if isinstance(failure, TimeoutError):
        return f"the classifier did not answer within {LONGEST_S:g} s"
    return f"{type(failure).__name__}: {failure}"
