"""`zones` of a camera."""

from typing import Any

from pipeline.config.frigate import reasons
from pipeline.config.frigate.coordinates import Drawing
from pipeline.config.frigate.names import Names
from pipeline.config.frigate.objects import tracked_only
from pipeline.config.frigate.reading import a_map, checked, section
from pipeline.config.frigate.stages import is_off
from pipeline.config.node import Node
from pipeline.core.camera import Zone

_KEYS = ("coordinates", "objects", "inertia", "loitering_time", "enabled")
_LOITERING = (
    "an object enters at once, and the event `loitering` comes after loitering_time; with Frigate it entered only then"
)


def zones(camera: Node, name: str, tracked: list[str], drawing: Drawing) -> dict[str, Any]:
    """Those that can be; `name` is the camera's in the new file."""
    found = {}
    names = Names(drawing.report)
    for old, node in section(camera, "zones", drawing.problems).names.items():
        zone = _zone(a_map(node, drawing.problems), tracked, drawing)
        if zone is not None:
            new = names.of(old, node)
            found[new] = zone
            if zone.get("loitering_time"):
                at = ("cameras", name, "zones", new, "loitering_time")
                drawing.report.changed(node.get("loitering_time"), _LOITERING, at)
    return found


def _zone(own: Node, tracked: list[str], drawing: Drawing) -> dict[str, Any] | None:
    report, problems = drawing.report, drawing.problems
    report.rest(own, _KEYS, reasons.ZONE)
    coordinates = own.get("coordinates")
    if coordinates.value is None:
        if not own.broken:
            problems.add(coordinates, got="nothing", wanted='coordinates like "0.1,0.5,0.6,0.5,0.6,1"')
        return None
    if is_off(own, problems):
        report.left(own, "it is turned off there, and cannot be here")
        return None
    points = drawing.polygon(coordinates)
    if points is None:
        return None
    labels = tracked_only(own.get("objects"), tracked, report)
    if own.get("objects").value and not labels.items:
        report.left(own, "none of its objects are tracked: nothing would ever enter it")
        return None
    rest = own.only(("inertia", "loitering_time"))
    read = checked(Zone, rest, problems, coordinates=Node.of(points, file=own.file), objects=labels)
    return {key: value for key, value in read.items() if value != _DEFAULTS.get(key)}


_DEFAULTS = {"objects": [], "inertia": 3, "loitering_time": 0.0}
