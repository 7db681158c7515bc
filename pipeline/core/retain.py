"""How long events are kept; the same model that the YAML is read into."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline.core.options import Options

Days = Annotated[float, Field(gt=0, le=36_500)] | None
"""None keeps for good."""


Keep = Literal["pinned", "reviewed"]


class Retain(Options):
    days: Days = None
    objects: dict[str, Days] = Field(default_factory=dict)
    """Other days for some labels."""


class KeptAlerts(Options):
    retain: Retain = Retain(days=90)


class KeptDetections(Options):
    retain: Retain = Retain(days=30)


class Events(Options):
    """How long events are kept, with their pictures."""

    alerts: KeptAlerts = KeptAlerts()
    detections: KeptDetections = KeptDetections()
    keep: tuple[Keep, ...] = ("pinned",)
    """These stay, however old they get, and even when the disk is full."""
