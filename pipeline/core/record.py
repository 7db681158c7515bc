"""What of a camera is kept as video; the same model that the YAML is read into."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from pipeline.core.options import Options, misplaced

Days = Annotated[float, Field(ge=0, le=36_500)]
MOST_AROUND_S = 60.0
Seconds = Annotated[float, Field(ge=0, le=MOST_AROUND_S)]


class Kept(Options):
    """How long something is kept; 0 keeps none of it for its own sake."""

    days: Days = 0


Mode = Literal["all", "motion", "active_objects"]


class KeptOfEvents(Kept):
    """How long, and what of the time in which an object is in view."""

    mode: Mode = "active_objects"
    """`all` of it, only while something moves in the picture, or only while the object itself does."""


class KeptOfAlerts(KeptOfEvents):
    days: Days = 14


class KeptOfDetections(KeptOfEvents):
    days: Days = 7


class Around(Options):
    """What is kept around events of one severity."""

    pre_capture: Seconds = 5
    """Seconds before the event begins."""
    post_capture: Seconds = 5
    """Seconds after it has ended."""
    retain: KeptOfEvents = KeptOfEvents()


class Alerts(Around):
    retain: KeptOfAlerts = KeptOfAlerts()


class Detections(Around):
    retain: KeptOfDetections = KeptOfDetections()


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

    @model_validator(mode="before")
    @classmethod
    def _says_what_is_kept(cls, given: Any) -> Any:
        """What Frigate called `record.retain` before 0.17 has become two sections."""
        if isinstance(given, dict) and "retain" in given:
            raise misplaced(
                "retain",
                "a map",
                "(instead of Frigate's key of before 0.17) "
                "continuous: {days: …} for all of the time, or motion: {days: …} for what moves",
            )
        return given
