"""One frame's question to a network."""

from dataclasses import dataclass

from pipeline.core.frame import Image
from pipeline.models.letterbox import Letterbox


@dataclass(frozen=True, slots=True)
class Look:
    """`content` is the scaled frame, its channels as the network wants them, of `letterbox.content_wh`."""

    content: Image
    letterbox: Letterbox
    min_score: float
