"""What every sink that takes a camera's video is told."""

from typing import Literal

from pipeline.core.options import Options

PushedView = Literal["burned", "clean", "overlay"]
"""What a sink for video is sent: an encode with boxes or without, or the camera's own packets."""


class VideoOptions(Options):
    """The base for a sink that takes a camera's video instead of alerts."""

    camera: str
    view: PushedView = "burned"
