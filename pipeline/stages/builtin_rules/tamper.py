"""Tells while a camera is covered, blurred or turned away."""

from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import Field

from pipeline.core.camera import Camera
from pipeline.core.event import Event
from pipeline.core.frame import Frame
from pipeline.core.objects import TrackedObject
from pipeline.core.options import Options as BaseOptions
from pipeline.stages.builtin_rules.scenery import Scenery, Wrong
from pipeline.stages.builtin_rules.spell import Spell

HEIGHT = 180
EVERY_S = 1.0
TURNED_FOR_S = 120.0
"""After so long what a turned camera sees is what it sees."""


class Tamper:
    """A span whose `data.kind` says what is wrong; it ends when the picture is again what it was."""

    class Options(BaseOptions):
        enabled: bool = False
        seconds: Annotated[float, Field(ge=0)] = 5.0
        """For how long it must be wrong."""
        kinds: tuple[Wrong, ...] = ("covered", "blurred", "moved")

    def __init__(self, options: Options, camera: Camera) -> None:
        self._kinds = options.kinds
        self._scenery = Scenery()
        self._seen_at = float("-inf")
        self._turned_at: float | None = None
        self._spell = Spell(
            lambda since: Event.span("tamper", camera=camera.name, since=since),
            after_s=options.seconds,
            until_s=options.seconds,
        )

    def see(self, frame: Frame, moved: bool | None, now: float) -> Iterable[Event]:
        if 0 <= now - self._seen_at < EVERY_S:
            return
        self._seen_at = now
        height = min(HEIGHT, frame.height)
        wrong = self._scenery.look(frame.gray(max(1, round(frame.width * height / frame.height)), height))
        self._mind_new_view(wrong, now)
        told = wrong if wrong in self._kinds else None
        yield from self._spell.update(told is not None, now, **({"kind": told} if told else {}))

    def update(self, objects: Sequence[TrackedObject], now: float) -> Iterable[Event]:
        return ()

    def _mind_new_view(self, wrong: Wrong | None, now: float) -> None:
        if wrong != "moved":
            self._turned_at = None
        elif self._turned_at is None:
            self._turned_at = now
        elif not 0 <= now - self._turned_at < TURNED_FOR_S:
            self._scenery, self._turned_at = Scenery(), None
