"""One camera, on top of what all of them share."""

from dataclasses import dataclass, replace
from typing import Any

from pipeline.config.frigate import reasons
from pipeline.config.frigate.addresses import text
from pipeline.config.frigate.coordinates import Drawing
from pipeline.config.frigate.inputs import Input, Inputs
from pipeline.config.frigate.objects import objects
from pipeline.config.frigate.reading import section
from pipeline.config.frigate.record import record
from pipeline.config.frigate.report import Report
from pipeline.config.frigate.restreams import Restreams
from pipeline.config.frigate.stages import detect, hwaccel, is_off, motion, size
from pipeline.config.frigate.zones import zones
from pipeline.config.node import Node, merged
from pipeline.config.problems import Problems
from pipeline.config.wording import shown

SHARED = ("detect", "motion", "objects", "record", "live", "ffmpeg")
"""Sections that Frigate reads at the top and for a camera, and Framewatch knows something of."""
_OWN = ("friendly_name", "enabled", "zones", *SHARED)
_UNSAID = "not written, which is off in Frigate from 0.16 on; here detection is on (`pipeline: []` turns it off)"
_NOT_DETECTED = "detection is off (detect.enabled); without this line it is on"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a camera says of itself, and what it may share with others."""

    own: dict[str, Any]
    sections: dict[str, Any]


class Cameras:
    """Reads the cameras of one file."""

    def __init__(self, root: Node, restreams: Restreams, problems: Problems, report: Report) -> None:
        self._shared = {name: section(root, name, problems) for name in SHARED}
        report.rest(self._shared["ffmpeg"].only(("inputs",)), (), {"inputs": "inputs are a camera's"})
        self._shared["ffmpeg"] = self._shared["ffmpeg"].without("inputs")
        self._is_off_unsaid = _number(root.get("version")) >= 0.16
        self._restreams = restreams
        self._problems = problems
        self._report = report

    def shared(self) -> dict[str, Any]:
        """What is said for all cameras; what there is to tell of it, each camera tells."""
        return self._sections(self._shared, Report())

    def read(self, old: str, new: str, camera: Node) -> Settings | None:
        """The camera `old`, called `new`; None where Framewatch cannot open it."""
        report, problems = self._report, self._problems
        report.rest(camera, _OWN, reasons.CAMERA)
        said = self._says(camera)
        layers = {name: merged(self._shared[name], section(camera, name, problems)) for name in SHARED}
        report.rest(layers["ffmpeg"], ("inputs", "input_args", "output_args", "hwaccel_args"), reasons.FFMPEG)
        sections = self._sections(layers, report)
        tracked = sections["objects"].get("track", ["person"])
        drawn = zones(camera, new, tracked, self._drawing(layers["detect"], report))
        written = section(camera, "ffmpeg", problems).get("inputs")
        inputs = Inputs(old, layers["ffmpeg"], self._restreams, problems, report).read(written, layers["live"])
        if not inputs:
            report.left(camera, "no input that Framewatch can open")
            return None
        detecting = next((each for each in inputs if "detect" in each.roles), None)
        own_hwaccel = detecting.hwaccel if detecting else None
        for each in inputs:
            if each.hwaccel and each is not detecting:
                report.left(each.hwaccel, "only the input that is analysed is decoded")
        decoder = hwaccel(own_hwaccel or layers["ffmpeg"].names.get("hwaccel_args"), report)
        own = {
            **said,
            "inputs": [each.plain() for each in inputs],
            **self._pipeline(camera, new, layers["detect"], detecting),
            **({"zones": drawn} if drawn else {}),
        }
        return Settings(own, {**sections, **({"hwaccel": decoder} if decoder else {})})

    def _sections(self, layers: dict[str, Node], report: Report) -> dict[str, Any]:
        drawing = self._drawing(layers["detect"], report)
        decoder = hwaccel(layers["ffmpeg"].names.get("hwaccel_args"), report)
        return {
            **({"hwaccel": decoder} if decoder else {}),
            **detect(layers["detect"], self._problems, report),
            **motion(layers["motion"], drawing),
            **objects(layers["objects"], drawing),
            **record(layers["record"], layers["ffmpeg"], self._problems, report),
        }

    def _drawing(self, detect: Node, report: Report) -> Drawing:
        return Drawing(size(detect, self._problems), self._problems, report)

    def _says(self, camera: Node) -> dict[str, Any]:
        said: dict[str, Any] = {}
        name = camera.get("friendly_name")
        if isinstance(name.value, str | int | float) and not isinstance(name.value, bool):
            said["friendly_name"] = text(str(name.value))
        elif name.value is not None and not name.broken:
            self._problems.add(name, got=shown(name), wanted="text")
        return {**said, **({"enabled": False} if is_off(camera, self._problems) else {})}

    def _pipeline(self, camera: Node, name: str, detect: Node, detecting: Input | None) -> dict[str, Any]:
        at = ("cameras", name, "pipeline")
        if is_off(detect, self._problems):
            self._report.changed(detect.get("enabled"), _NOT_DETECTED, at)
            return {"pipeline": []}
        if detecting is None:
            inputs = camera.get("ffmpeg").get("inputs")
            self._report.changed(inputs, "there is none to detect on, so nothing is detected", at)
            return {"pipeline": []}
        if "enabled" not in detect.names and self._is_off_unsaid:
            self._report.changed(replace(camera, key=f"{camera.key}.detect.enabled"), _UNSAID)
        return {}


def _number(version: Node) -> float:
    """Of Frigate, as in `version: 0.16-0`."""
    try:
        return float(str(version.value).partition("-")[0])
    except ValueError:
        return 0.0
