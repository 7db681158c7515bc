"""What stands between a Source and everybody who wants packets."""

from pipeline.media.anchor import ClockAnchor
from pipeline.media.capture import Capture
from pipeline.media.hub import Hub
from pipeline.media.push import Outgoing, Push
from pipeline.media.ring import Ring
from pipeline.media.timeline import Timeline

__all__ = ["Capture", "ClockAnchor", "Hub", "Outgoing", "Push", "Ring", "Timeline"]
