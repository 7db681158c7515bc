"""Which events become alerts, and where they are sent."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from pipeline.core.alerts import CooldownPer
from pipeline.core.attributes import Wanted
from pipeline.core.message import Message
from pipeline.core.options import Options
from pipeline.core.schedule import Schedule, TimeZone


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
    schedule: Annotated[Schedule, Field(examples=["22:00-06:00"])] = ()
    """Times of the week, `22:00-06:00` or `mon-fri 08:00-17:00`, one or several; may go over midnight."""
    time_zone: TimeZone | None = None
    """Whose clock the schedule is of, such as Europe/Berlin; null: this machine's."""
    profiles: Names = ()
    """The rule is on while one of these profiles holds."""


class Cooldown(Options):
    """How long a rule keeps still after it was heard, and about what."""

    seconds: Annotated[float, Field(ge=0)]
    per: CooldownPer = "camera"


def _in_full(cooldown: object) -> object:
    """A number is seconds of the same camera."""
    if isinstance(cooldown, int | float) and not isinstance(cooldown, bool):
        return {"seconds": cooldown}
    if isinstance(cooldown, dict | Cooldown):
        return cooldown
    raise ValueError("a number of seconds, or {seconds: 60, per: object}")


class Escalate(Options):
    """Who is told next where nobody acknowledges an alert in time."""

    after: Annotated[float, Field(gt=0)]
    """Seconds."""
    send: Names = Field(min_length=1)
    """Names of sinks."""


class AlertRule(Options):
    name: Annotated[str, Field(min_length=1)]
    when: When = When()
    cooldown: Annotated[
        Cooldown, BeforeValidator(_in_full, json_schema_input_type=Annotated[float, Field(ge=0)] | Cooldown)
    ] = Cooldown(seconds=0.0)
    """Seconds in which the same rule does not alert again for the same camera, or for the same `per`."""
    group: Annotated[float, Field(ge=0, le=3600)] = 0.0
    """Seconds in which what happens becomes one message; 0 sends each by itself."""
    send: Names = Field(min_length=1)
    """Names of sinks."""
    escalate: Escalate | None = None
    message: Message = Message()
    max_age: Annotated[float, Field(gt=0)] | None = None
    """Seconds after which an alert that could not be delivered does not matter any more."""

    @property
    def sinks(self) -> tuple[str, ...]:
        """All that it may send to."""
        return tuple(dict.fromkeys((*self.send, *(self.escalate.send if self.escalate else ()))))
