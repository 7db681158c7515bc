"""What the topics are called: Frigate's names, where the thing is the same."""

import re
from dataclasses import dataclass

_NO_TOPIC = re.compile(r"[#+/\x00-\x1f]")
"""What has a meaning of its own in a topic, or may not be there."""
ALL = "all"
"""The label that stands for every label."""


@dataclass(frozen=True, slots=True)
class Topics:
    prefix: str

    @property
    def available(self) -> str:
        return f"{self.prefix}/available"

    @property
    def events(self) -> str:
        return f"{self.prefix}/events"

    @property
    def alerts(self) -> str:
        return f"{self.prefix}/alerts"

    @property
    def alert_picture(self) -> str:
        return f"{self.prefix}/alerts/snapshot"

    @property
    def stats(self) -> str:
        return f"{self.prefix}/stats"

    @property
    def profile(self) -> str:
        return f"{self.prefix}/profile/state"

    @property
    def set_profile(self) -> str:
        return f"{self.prefix}/profile/set"

    def online(self, camera: str) -> str:
        return f"{self.prefix}/{camera}/available"

    def status(self, camera: str) -> str:
        return f"{self.prefix}/{camera}/status"

    def enabled(self, camera: str) -> str:
        return f"{self.prefix}/{camera}/enabled/state"

    def set_enabled(self, camera: str) -> str:
        return f"{self.prefix}/{camera}/enabled/set"

    def count(self, camera: str, zone: str, label: str) -> str:
        """`zone` is empty for the whole picture."""
        return "/".join([self.prefix, camera, *([zone] if zone else []), _part(label)])

    def crossed(self, camera: str, line: str, label: str, direction: str) -> str:
        return "/".join([self.prefix, camera, line, _part(label), direction])

    def picture(self, camera: str, label: str) -> str:
        return f"{self.prefix}/{camera}/{_part(label)}/snapshot"

    def camera_of(self, topic: str) -> str:
        """The camera that a `set_enabled` is about."""
        return topic.removeprefix(f"{self.prefix}/").split("/")[0]


def _part(name: str) -> str:
    return _NO_TOPIC.sub("_", name)
