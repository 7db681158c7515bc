"""Only what differs is written: for all cameras from the defaults, for one from all of them."""

from collections.abc import Mapping
from typing import Any

from pipeline.config.frigate.stages import options
from pipeline.core.camera import ObjectFilter, Objects
from pipeline.core.record import Record
from pipeline.models import coco


def defaults() -> dict[str, Any]:
    """What holds where nothing is written."""
    filters = {label: ObjectFilter().model_dump(mode="json") for label in coco.NAMES}
    stages = {name: options(name)().model_dump(mode="json") for name in ("detect", "motion", "track")}
    objects = {**Objects().model_dump(mode="json"), "filters": filters}
    return {**stages, "hwaccel": "auto", "record": Record().model_dump(mode="json"), "objects": objects}


def differing(own: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """The entries of `own` that are not what `base` says; maps entry by entry."""
    found: dict[str, Any] = {}
    for name, value in own.items():
        under = base.get(name)
        if isinstance(value, Mapping) and isinstance(under, Mapping):
            value = differing(value, under)
            if value:
                found[name] = value
        elif value != under:
            found[name] = value
    return found


def over(own: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with what `own` says in its place; maps entry by entry."""
    both = dict(base)
    for name, value in own.items():
        under = both.get(name)
        both[name] = over(value, under) if isinstance(value, Mapping) and isinstance(under, Mapping) else value
    return both
