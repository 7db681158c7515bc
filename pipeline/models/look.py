"""One frame's question to a network."""

from dataclasses import dataclass

from pipeline.core.frame import Image
from pipeline.models.letterbox import Letterbox
from pipeline.models.planes import Planes


@dataclass(frozen=True, slots=True)
class Look:
    """`content` is the scaled frame, red first, of `letterbox.content_wh`; or, where the network reads them, planes."""

    content: Image | Planes
    letterbox: Letterbox
    min_score: float
