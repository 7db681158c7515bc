"""`record`: what is kept as video, and for how long."""

from dataclasses import replace
from typing import Any

from pipeline.config.frigate import reasons
from pipeline.config.frigate.reading import checked, section
from pipeline.config.frigate.report import Report
from pipeline.config.frigate.sound import audio
from pipeline.config.node import Node
from pipeline.config.problems import Problems
from pipeline.config.wording import one_of, shown
from pipeline.core.record import MOST_AROUND_S, Alerts, Detections, Kept, KeptOfEvents, Record

_DAYS = 10.0
"""How long Frigate keeps what is around events where nothing is said."""
_MODES = {"all": "continuous", "motion": "motion", "active_objects": "motion"}
_AT_REST = "an event goes on while its object rests; active_objects, which holds without a mode, leaves that out"
_ONLY_OBJECTS = "it is kept while anything moves, not only while an object does"


def record(own: Node, ffmpeg: Node, problems: Problems, report: Report) -> dict[str, Any]:
    """Our section `record`."""
    sound = audio(ffmpeg, problems, report)
    if not own.names:
        return {}
    report.rest(own, ("enabled", "retain", "continuous", "motion", "alerts", "detections"), reasons.RECORD)
    read: dict[str, Any] = {**checked(Record, own.only(("enabled",)), problems), **sound}
    for name in ("continuous", "motion"):
        if name in own.names:
            read[name] = checked(Kept, section(own, name, problems), problems)
    for name, model in (("alerts", Alerts), ("detections", Detections)):
        read[name] = _around(model, section(own, name, problems), problems, report)
    return {"record": {**_retained(section(own, "retain", problems), problems, report), **read}}


def _retained(own: Node, problems: Problems, report: Report) -> dict[str, Any]:
    """What versions before 0.17 call `record.retain`."""
    mode = own.get("mode")
    kind = _MODES.get(str(mode.value or "all"))
    if kind is None:
        problems.add(mode, got=shown(mode), wanted=one_of(tuple(_MODES)))
        return {}
    if mode.value == "active_objects":
        report.changed(mode, _ONLY_OBJECTS, ("record", "motion"))
    days = checked(Kept, own.only(("days",)), problems)
    return {kind: days} if days else {}


def _around(model: type[Alerts | Detections], own: Node, problems: Problems, report: Report) -> dict[str, Any]:
    retain = section(own, "retain", problems)
    if retain.get("mode").value in ("all", "motion"):
        report.changed(retain.get("mode"), _AT_REST)
    report.rest(own, ("pre_capture", "post_capture", "retain"), {})
    read: dict[str, Any] = checked(model, _bounded(own.only(("pre_capture", "post_capture")), report), problems)
    return {**read, "retain": {"days": _DAYS, **checked(KeptOfEvents, retain.only(("days", "mode")), problems)}}


def _bounded(own: Node, report: Report) -> Node:
    entries = dict(own.names)
    for name, node in own.names.items():
        if isinstance(node.value, int | float) and node.value > MOST_AROUND_S:
            report.changed(node, f"{MOST_AROUND_S:g} seconds are the most that Framewatch takes")
            entries[name] = replace(node, value=MOST_AROUND_S)
    return replace(own, value=entries)
