"""What of a camera is kept as video; the same model that the YAML is read into."""

from typing import Annotated

from pydantic import Field

from pipeline.core.options import Options

Days = Annotated[float, Field(ge=0, le=36_500)]
MOST_AROUND_S = 60.0
Seconds = Annotated[float, Field(ge=0, le=MOST_AROUND_S)]


class Kept(Options):
    """How long something is kept; 0 keeps none of it for its own sake."""

    days: Days = 0


class Around(Options):
    """What is kept around events of one severity."""

    pre_capture: Seconds = 5
    """Seconds before the event begins."""
    post_capture: Seconds = 5
    """Seconds after it has ended."""
    retain: Kept = Kept()


class Alerts(Around):
    retain: Kept = Kept(days=14)


class Detections(Around):
    retain: Kept = Kept(days=7)


class Record(Options):
    """The section `record`, which stands in a camera or for all of them."""

    enabled: bool = False
    audio: bool = False
    """With the sound that the camera sends."""
    continuous: Kept = Kept()
    """Everything."""
    motion: Kept = Kept()
    """While something moves."""
    alerts: Alerts = Alerts()
    detections: Detections = Detections()
    """Events that are no alerts."""
