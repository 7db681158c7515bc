"""`objects`: labels, filters and masks."""

from dataclasses import replace
from typing import Any

from pipeline.config.frigate import reasons
from pipeline.config.frigate.coordinates import Drawing
from pipeline.config.frigate.reading import a_map, checked, section, texts
from pipeline.config.frigate.report import Report
from pipeline.config.node import Node
from pipeline.core.camera import ObjectFilter
from pipeline.models import coco

_UNKNOWN = "a label that yolov8n does not know; another model (`models.general`) may"
_TRUCKS = "most of Frigate's models call trucks cars; here they are `truck`, to be tracked as well where they count"
_KEYS = ("min_score", "threshold", "min_area", "max_area", "min_ratio", "max_ratio", "mask")
_AREAS = ("min_area", "max_area")
_DIGITS = 6
_ALL = 24_000_000
"""What Frigate has for the whole picture, however large."""


def objects(own: Node, drawing: Drawing) -> dict[str, Any]:
    """Our section `objects`."""
    report = drawing.report
    report.rest(own, ("track", "filters", "mask"), reasons.OBJECTS)
    read: dict[str, Any] = {}
    if "track" in own.names:
        read["track"] = _labels(own.get("track"), drawing)
    filters = section(own, "filters", drawing.problems)
    for label, node in filters.names.items():
        if label not in coco.NAMES:
            report.left(node, _UNKNOWN)
        else:
            read.setdefault("filters", {})[label] = _filter(a_map(node, drawing.problems), drawing)
    mask = drawing.mask(own.get("mask"))
    return {"objects": {**read, **({"mask": mask} if "mask" in own.names else {})}}


def _labels(track: Node, drawing: Drawing) -> list[str]:
    nodes = texts(track, drawing.problems)
    for node in nodes:
        if node.value not in coco.NAMES:
            drawing.report.left(node, f'"{node.value}" is {_UNKNOWN}')
    labels = list(dict.fromkeys(str(node.value) for node in nodes if node.value in coco.NAMES))
    if "car" in labels and "truck" not in labels:
        drawing.report.changed(track, _TRUCKS, ("objects", "track"))
    return labels


def _filter(own: Node, drawing: Drawing) -> dict[str, Any]:
    drawing.report.rest(own, _KEYS, {})
    read: dict[str, Any] = checked(ObjectFilter, own.without("mask"), drawing.problems)
    for key in _AREAS:
        if key in read:
            read[key] = _area(own.get(key), read[key], drawing)
    mask = drawing.mask(own.get("mask"))
    return {**read, **({"mask": mask} if "mask" in own.names else {})}


def _area(node: Node, written: float, drawing: Drawing) -> float:
    """From 1 on Frigate means pixels of the picture in the size of its `detect`, here it is the input's own size."""
    if written < 1 or written >= _ALL:
        return min(written, 1.0)
    if drawing.size is None:
        how = "in pixels of the picture as the input has it, for detect.width and detect.height do not say which"
        drawing.report.changed(node, how, ("objects", "filters"))
        return written if written > 1 else 0.0
    width, height = drawing.size
    share = round(written / (width * height), _DIGITS)
    if share <= 1 or node.key.endswith("max_area"):
        return min(share, 1.0)
    return written


def tracked_only(node: Node, tracked: list[str], report: Report) -> Node:
    """The labels of a list that are ever tracked."""
    kept = []
    for item in node.items or ([node] if isinstance(node.value, str) else []):
        if item.value in tracked:
            kept.append(item)
        else:
            report.left(item, "a label that the camera does not track")
    return replace(node, value=list(kept))
