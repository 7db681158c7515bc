"""What Frigate's file says beside its cameras."""

from typing import Any

from pipeline.config.frigate import reasons
from pipeline.config.frigate.camera import SHARED
from pipeline.config.frigate.names import Names
from pipeline.config.frigate.reading import a_map, section, texts
from pipeline.config.frigate.report import Report
from pipeline.config.node import Node
from pipeline.config.problems import Problems
from pipeline.config.wording import one_of, shown

_LEVELS = {"debug": "debug", "info": "info", "warning": "warning", "error": "error", "critical": "error"}
_HERE = (*SHARED, "cameras", "camera_groups", "go2rtc", "logger", "mqtt", "version")
"""Read elsewhere; `version` counts changes of Frigate's own format."""


def logging(root: Node, problems: Problems, report: Report) -> dict[str, Any]:
    own = section(root, "logger", problems)
    report.rest(own, ("default",), {"logs": "`logging.level` holds for everything"})
    node = own.get("default")
    level = _LEVELS.get(str(node.value).lower())
    if level is None and node.value is not None and not node.broken:
        problems.add(node, got=shown(node), wanted=one_of(tuple(_LEVELS)))
    return {"logging": {"level": level}} if level not in (None, "info") else {}


def groups(root: Node, cameras: dict[str, str], problems: Problems, report: Report) -> dict[str, Any]:
    """`cameras` says how each is called now."""
    found: dict[str, list[str]] = {}
    names = Names(report)
    for old, node in section(root, "camera_groups", problems).names.items():
        own = a_map(node, problems)
        report.rest(own, ("cameras",), {"icon": "groups have no looks", "order": "groups have no order"})
        members = []
        for item in texts(own.get("cameras"), problems):
            if item.value in cameras:
                members.append(cameras[str(item.value)])
            else:
                report.left(item, "no camera of the new file")
        if not members:
            report.left(node, "no camera in it")
        elif old in cameras.values():
            report.left(node, "a camera has the same name")
        else:
            found[names.of(old, node)] = list(dict.fromkeys(members))
    return {"camera_groups": found} if found else {}


def tell(root: Node, report: Report) -> None:
    report.rest(root, _HERE, reasons.TOP)
