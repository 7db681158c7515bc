"""What stands between a Source and everybody who wants packets."""

from pipeline.media.hub import Hub
from pipeline.media.ring import Ring

__all__ = ["Hub", "Ring"]
