"""`detect` and `motion`: sections that stages have here."""

from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from pipeline import registry
from pipeline.config.frigate import reasons
from pipeline.config.frigate.coordinates import Drawing, Size
from pipeline.config.frigate.reading import checked, section
from pipeline.config.frigate.report import Report
from pipeline.config.node import Node
from pipeline.config.problems import Problems
from pipeline.config.wording import shown

_LOWEST_FRAME = 30
_FPS = 5.0
_HIGHEST_FPS = 1000.0


def options(stage: str) -> type[BaseModel]:
    found: type[BaseModel] = registry.load("stages", stage).Options
    return found


def detect(own: Node, problems: Problems, report: Report) -> dict[str, Any]:
    """Our sections `detect` and `track`. Frigate derives counts of frames from fps where they are not written."""
    stationary = section(own, "stationary", problems)
    report.rest(own, ("enabled", "fps", "max_disappeared", "stationary"), reasons.DETECT)
    report.rest(stationary, ("interval", "threshold"), reasons.STATIONARY)
    counted = own.only(("fps", "max_disappeared"))
    read = checked(options("detect"), counted, problems, stationary=stationary.only(("interval",)))
    rate = read.get("fps", _FPS)
    fps = min(float(rate), _HIGHEST_FPS) if isinstance(rate, int | float) else _FPS
    threshold = positive(stationary.get("threshold"), problems)
    read.setdefault("max_disappeared", round(5 * fps))
    read["stationary"] = {"interval": round(threshold or 10 * fps), **_map(read.get("stationary"))}
    return {"detect": read, **({"track": {"stationary_after": round(threshold / fps, 2)}} if threshold else {})}


def is_off(own: Node, problems: Problems) -> bool:
    """Whether a section says `enabled: false`."""
    node = own.get("enabled")
    said = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
    if node.value is None:
        return False
    value = said.get(str(node.value).lower())
    if value is None and not node.broken:
        problems.add(node, got=shown(node), wanted="true or false")
    return value is False


def size(own: Node, problems: Problems) -> Size | None:
    """`detect.width` and `height`, where both are written."""
    width, height = (positive(own.get(key), problems) for key in ("width", "height"))
    return (width, height) if width and height else None


def positive(node: Node, problems: Problems) -> float | None:
    try:
        value = 0.0 if isinstance(node.value, bool) else float(str(node.value))
    except ValueError:
        value = 0.0
    if 0 < value < 1e9:
        return value
    if node.value is not None and not node.broken:
        problems.add(node, got=shown(node), wanted="a number above 0")
    return None


def motion(own: Node, drawing: Drawing) -> dict[str, Any]:
    """Our section `motion`."""
    problems, report = drawing.problems, drawing.report
    keys = ("enabled", "threshold", "contour_area", "lightning_threshold", "improve_contrast", "frame_height", "mask")
    report.rest(own, keys, reasons.MOTION)
    height = positive(own.get("frame_height"), problems)
    if height and height < _LOWEST_FRAME:
        report.changed(
            own.get("frame_height"), f"{_LOWEST_FRAME} is the lowest that Framewatch takes", ("motion", "frame_height")
        )
        frame = replace(own.get("frame_height"), value=_LOWEST_FRAME)
        own = replace(own, value={**own.names, "frame_height": frame})
    read = checked(options("motion"), own.without("mask"), problems)
    mask = drawing.mask(own.get("mask"))
    return {"motion": {**read, **({"mask": mask} if "mask" in own.names else {})}}


def hwaccel(node: Node | None, report: Report) -> str | None:
    """What decodes, of the arguments that ffmpeg is given for it; None where nothing is said."""
    if node is None or node.value is None:
        return None
    if node.value == "auto":
        return "auto"
    words = " ".join(map(str, node.plain())) if node.items else str(node.value or "")
    if not words or node.value == []:
        return "none"
    if any(word in words for word in ("nvidia", "cuda", "cuvid", "nvdec")):
        return "cuda"
    if "qsv" in words:
        return "qsv"
    report.left(node, "`hwaccel: auto` takes what there is of cuda and qsv, otherwise the processor")
    return "auto"


def _map(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
