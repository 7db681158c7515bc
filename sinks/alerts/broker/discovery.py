"""What Home Assistant wants to know to show cameras by itself: one retained message for each of its entities."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from pipeline.core.camera import Camera
from sinks.alerts.broker.counts import DIRECTIONS
from sinks.alerts.broker.topics import Topics

_ANY = "{{ 'ON' if value | int(0) > 0 else 'OFF' }}"


@dataclass(frozen=True, slots=True)
class Discovery:
    """`prefix` is where Home Assistant listens; `page` is where people find Framewatch."""

    prefix: str
    topics: Topics
    version: str
    page: str | None = None
    commands: bool = True
    pictures: bool = True

    @property
    def node(self) -> str:
        """What sets this Framewatch apart from others at the same broker."""
        return _id(self.topics.prefix)

    @property
    def everything(self) -> str:
        """The filter that matches all of our own."""
        return f"{self.prefix}/+/{self.node}/+/config"

    def system(self, profiles: Sequence[str]) -> dict[str, bytes]:
        """Payloads by topic of what belongs to no camera."""
        found = dict(self._system())
        if profiles and self.commands:
            select = {
                "name": "Profile",
                "icon": "mdi:shield-home",
                "state_topic": self.topics.profile,
                "command_topic": self.topics.set_profile,
                "options": list(profiles),
            }
            found |= dict([self._entity("select", "profile", select, self._hub())])
        return found

    def camera(self, plan: Camera) -> dict[str, bytes]:
        """Payloads by topic."""
        return dict(self._camera(plan))

    def _system(self) -> Iterator[tuple[str, bytes]]:
        online = {
            "name": "Connection",
            "state_topic": self.topics.available,
            "payload_on": "online",
            "payload_off": "offline",
            "device_class": "connectivity",
            "entity_category": "diagnostic",
        }
        yield self._entity("binary_sensor", "connection", online, self._hub(), available=())
        if self.pictures:
            latest = {"name": "Latest alert", "topic": self.topics.alert_picture}
            yield self._entity("camera", "latest_alert", latest, self._hub())

    def _camera(self, plan: Camera) -> Iterator[tuple[str, bytes]]:
        name, device = plan.name, self._device(plan)
        online = {
            "name": "Connection",
            "state_topic": self.topics.online(name),
            "payload_on": "online",
            "payload_off": "offline",
            "device_class": "connectivity",
            "entity_category": "diagnostic",
        }
        yield self._entity("binary_sensor", _id(name, "connection"), online, device)
        if self.commands:
            switch = {
                "name": "Enabled",
                "icon": "mdi:cctv",
                "state_topic": self.topics.enabled(name),
                "command_topic": self.topics.set_enabled(name),
            }
            yield self._entity("switch", _id(name, "enabled"), switch, device)
        for label in plan.objects.track:
            yield from self._presence(plan, "", label)
            if self.pictures:
                picture = {"name": _words(label), "topic": self.topics.picture(name, label)}
                yield self._entity("camera", _id(name, "picture", label), picture, device)
        for zone_name, zone in plan.zones.items():
            for label in zone.objects or plan.objects.track:
                yield from self._presence(plan, zone_name, label)
        for line_name, line in plan.lines.items():
            for label in line.objects or plan.objects.track:
                for direction in DIRECTIONS:
                    yield self._crossed(plan, line_name, label, direction)

    def _presence(self, plan: Camera, zone: str, label: str) -> Iterator[tuple[str, bytes]]:
        """How many there are, and whether there is any."""
        available = (self.topics.available, self.topics.online(plan.name))
        where = _words(zone, label) if zone else _words(label)
        what = ["zone", zone, label] if zone else [label]
        topic = self.topics.count(plan.name, zone, label)
        count = {
            "name": f"{where} count",
            "icon": "mdi:counter",
            "state_topic": topic,
            "state_class": "measurement",
            "unit_of_measurement": "objects",
        }
        occupied = {
            "name": f"{where} occupancy",
            "state_topic": topic,
            "value_template": _ANY,
            "device_class": "occupancy",
        }
        device = self._device(plan)
        yield self._entity("sensor", _id(plan.name, "count", *what), count, device, available)
        yield self._entity("binary_sensor", _id(plan.name, "occupancy", *what), occupied, device, available)

    def _crossed(self, plan: Camera, line: str, label: str, direction: str) -> tuple[str, bytes]:
        count = {
            "name": f"{_words(line, label)} {direction}",
            "icon": "mdi:counter",
            "state_topic": self.topics.crossed(plan.name, line, label, direction),
            "state_class": "total_increasing",
            "unit_of_measurement": "objects",
        }
        available = (self.topics.available, self.topics.online(plan.name))
        name = _id(plan.name, "count", "line", line, label, direction)
        return self._entity("sensor", name, count, self._device(plan), available)

    def _entity(
        self,
        component: str,
        name: str,
        own: Mapping[str, Any],
        device: Mapping[str, Any],
        available: Sequence[str] | None = None,
    ) -> tuple[str, bytes]:
        """`available` are the topics that must all say `online`; None: our own."""
        topics = (self.topics.available,) if available is None else available
        payload: dict[str, Any] = {
            **own,
            "unique_id": f"{self.node}_{name}",
            "device": device,
            "origin": {"name": "Framewatch", "sw_version": self.version},
        }
        if topics:
            payload |= {"availability": [{"topic": topic} for topic in topics], "availability_mode": "all"}
        return f"{self.prefix}/{component}/{self.node}/{name}/config", msgspec.json.encode(payload)

    def _hub(self) -> dict[str, Any]:
        return {"identifiers": [self.node], "name": "Framewatch", "manufacturer": "Framewatch", **self._facts("")}

    def _device(self, plan: Camera) -> dict[str, Any]:
        return {
            "identifiers": [f"{self.node}_{_id(plan.name)}"],
            "name": plan.friendly_name or plan.name,
            "manufacturer": "Framewatch",
            "model": "Camera",
            "via_device": self.node,
            **self._facts(f"/#camera/{plan.name}"),
        }

    def _facts(self, path: str) -> dict[str, str]:
        page = {} if self.page is None else {"configuration_url": self.page.rstrip("/") + path}
        return {"sw_version": self.version, **page}


def _id(*parts: str) -> str:
    """Letters, digits, _ and -: nothing else may stand in a topic of Home Assistant's."""
    return "_".join(re.sub(r"[^A-Za-z0-9_-]+", "_", part) for part in parts)


def _words(*names: str) -> str:
    text = " ".join(names).replace("_", " ")
    return text[:1].upper() + text[1:]
