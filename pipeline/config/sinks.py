"""Sinks: where alerts are sent, and where a camera's video goes."""

from collections.abc import Mapping
from dataclasses import replace

from pipeline.config.config import CameraConfig, PushConfig, SinkConfig
from pipeline.config.names import known
from pipeline.config.node import Node
from pipeline.config.plugins import Plugins
from pipeline.config.problems import Problems
from pipeline.core.video_options import VideoOptions


class Sinks:
    """Both kinds stand in one section: a sink whose options are VideoOptions takes no alerts."""

    def __init__(self, root: Node, plugins: Plugins, problems: Problems) -> None:
        written = root.get("sinks")
        self._checked = plugins.section("sinks", written)
        self.video = tuple(name for name, sink in written.names.items() if _takes_video(sink, plugins))
        """Their names, also of those that are wrong."""
        for name in self.video:
            known(written.get(name).get("camera"), root.get("cameras").names, problems)

    def of_alerts(self) -> dict[str, SinkConfig]:
        checked = self._checked.items()
        return {name: SinkConfig(sink.type, sink.options) for name, sink in checked if name not in self.video}

    def joined(self, cameras: Mapping[str, CameraConfig]) -> dict[str, CameraConfig]:
        """The cameras with the sinks that their video goes to."""
        return {name: replace(camera, pushes=self._pushes(name)) for name, camera in cameras.items()}

    def _pushes(self, camera: str) -> tuple[PushConfig, ...]:
        return tuple(
            PushConfig(name, sink.type, sink.options.view, sink.options)
            for name, sink in self._checked.items()
            if isinstance(sink.options, VideoOptions) and sink.options.camera == camera
        )


def _takes_video(sink: Node, plugins: Plugins) -> bool:
    options = plugins.options_of("sinks", sink.get("type")) if sink.names else None
    return options is not None and issubclass(options, VideoOptions)
