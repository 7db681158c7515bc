"""Framewatch's public face: everything that users and plugins import.

    import framewatch

    for result in framewatch.stream("rtsp://…"):
        for thing in result.objects:
            print(thing.label, thing.score, thing.box)

A plugin needs nothing but the names below: see docs/plugins.md.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.core.camera import Camera, Line, Zone
from pipeline.core.context import Context, Drawing, Mark
from pipeline.core.contracts import (
    AlertSink,
    Classifier,
    ClassifierName,
    Detector,
    DetectorName,
    Rule,
    Source,
    Stage,
    StageSetup,
    StreamSink,
)
from pipeline.core.detections import Detections
from pipeline.core.errors import (
    ConfigError,
    DeliveryError,
    FramewatchError,
    ModelError,
    PluginError,
    SourceError,
)
from pipeline.core.event import Alert, Event
from pipeline.core.feed import FeedCamera, SystemFeed
from pipeline.core.frame import Frame
from pipeline.core.ids import new_id
from pipeline.core.message import AlertOptions
from pipeline.core.near_miss import NearMiss, missed
from pipeline.core.objects import TrackedObject
from pipeline.core.options import Options
from pipeline.core.packet import Packet, StreamInfo
from pipeline.core.video_options import VideoOptions
from pipeline.version import __version__

if TYPE_CHECKING:
    from pipeline.app.stream import Result

__all__ = [
    "Alert", "AlertOptions", "AlertSink", "Camera", "Classifier", "ClassifierName", "ConfigError", "Context",
    "DeliveryError", "Detections", "Detector", "DetectorName", "Drawing", "Event", "FeedCamera", "Frame",
    "FramewatchError", "Line", "Mark", "ModelError", "NearMiss", "Options", "Packet", "PluginError", "Rule", "Source",
    "SourceError", "Stage", "StageSetup", "StreamInfo", "StreamSink", "SystemFeed", "TrackedObject", "VideoOptions",
    "Zone", "__version__", "missed", "new_id", "stream",
]  # fmt: skip


def stream(
    url: str | None = None, *, config: str | Path | None = None, camera: str | None = None
) -> "Iterator[Result]":
    """Yields the results of one stream: frame, objects, events and marks of each analysed frame.

    Give an address (any that `framewatch run --source` takes, with the defaults), or a configuration file and
    the name of one of its cameras. Live streams reconnect for ever and skip frames for a slow caller; the
    generator's `close()` ends everything. Raises ConfigError, SourceError (files) or ModelError.
    """
    from pipeline.app.stream import Stream, chosen_camera
    from pipeline.config import load, single_camera

    if (url is None) == (config is None):
        raise TypeError("give either an address or config=")
    loaded = load(Path(config)) if config is not None else single_camera(str(url))
    return iter(Stream(loaded, chosen_camera(loaded, camera)))
