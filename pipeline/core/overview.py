"""What happened in a stretch of time, as coarse as it is drawn."""

from typing import Literal

import msgspec

Kind = Literal["detection", "alert", "camera"]
"""`camera`: the camera itself was away or tampered with."""


class Span(msgspec.Struct, frozen=True):
    """From the first to the last of `events` that follow each other closely; `end` is null while one goes on.

    `id` is the event's, where it is one alone.
    """

    start: float
    end: float | None
    kind: Kind
    events: int
    id: str | None


class Mark(msgspec.Struct, frozen=True):
    """`events` instants within one step of time."""

    at: float
    kind: Kind
    events: int
    id: str | None


class CameraOverview(msgspec.Struct, frozen=True):
    camera: str
    events: int
    alerts: int
    spans: list[Span]
    marks: list[Mark]


class EventChoices(msgspec.Struct, frozen=True):
    """What there is to choose from: every value that some event in the store has, in the order of the alphabet."""

    cameras: list[str]
    types: list[str]
    labels: list[str]
    zones: list[str]
    rules: list[str]
    attributes: dict[str, list[str]]
