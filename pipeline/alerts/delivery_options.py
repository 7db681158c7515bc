"""How long somebody tries to deliver an alert."""

from typing import Annotated

from pydantic import Field

from pipeline.core.options import Options


class DeliveryOptions(Options):
    give_up_after: Annotated[float, Field(gt=0)] = 86_400.0
    """Seconds after which an alert that cannot be delivered is given up on; it can be sent again by hand."""
    attempts: Annotated[int, Field(ge=1)] | None = None
    """Times that an alert is tried at most; null: as often as fits into that time."""
    timeout: Annotated[float, Field(gt=0, le=60)] = 10.0
    """Seconds that one attempt may take."""
