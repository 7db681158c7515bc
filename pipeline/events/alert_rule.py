"""Which events become alerts, and where they are sent."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from pipeline.core.attributes import Wanted
from pipeline.core.message import Message
from pipeline.core.options import Options

_TIME = r"([01]\d|2[0-3]):[0-5]\d"
_TIMES = rf"^{_TIME}-{_TIME}$"


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_one_or_many, json_schema_input_type=str | tuple[str, ...])]


class When(Options):
    """What an event must be; an empty list means any."""

    event: Names = ()
    cameras: Names = ()
    zones: Names = ()
    lines: Names = ()
    objects: Names = ()
    attributes: Wanted = Field(default_factory=dict)
    """What a `classify` stage must have found out of the object, by the attribute's name."""
    min_score: Annotated[float, Field(ge=0, le=1)] = 0.0
    schedule: Annotated[str | None, Field(pattern=_TIMES, examples=["22:00-06:00"])] = None
    """Local time of day, `22:00-06:00`; may go over midnight."""


class AlertRule(Options):
    name: Annotated[str, Field(min_length=1)]
    when: When = When()
    cooldown: Annotated[float, Field(ge=0)] = 0.0
    """Seconds in which the same rule does not alert again for the same camera."""
    send: Names = Field(min_length=1)
    """Names of sinks."""
    message: Message = Message()
