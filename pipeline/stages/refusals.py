"""What a detection lacks that nearly counted."""

from pipeline.core.camera import Camera, ObjectFilter
from pipeline.core.detections import Detections
from pipeline.core.geometry import anchor, clip, contains
from pipeline.core.refusal import Limit, Refusal

Unmet = tuple[Limit, float, float]
"""The limit, what was got and what was wanted, in the unit that the limit is written in."""


class Refusals:
    """Of one camera."""

    def __init__(self, camera: Camera) -> None:
        self._objects = camera.objects
        self._zones = {name: zone.coordinates for name, zone in camera.zones.items()}

    def of(self, nearly: Detections, resolution_wh: tuple[int, int]) -> list[Refusal]:
        return [self._refusal(nearly, at, resolution_wh) for at in range(len(nearly))]

    def _refusal(self, nearly: Detections, at: int, resolution_wh: tuple[int, int]) -> Refusal:
        width, height = resolution_wh
        x1, y1, x2, y2 = nearly.xyxy[at].tolist()
        box = clip((x1 / width, y1 / height, x2 / width, y2 / height))
        score, label = round(float(nearly.confidence[at]), 4), nearly.label(at)
        limit, got, wanted = _unmet(self._objects.filter(label), score, (x2 - x1, y2 - y1), width * height)
        zones = [name for name, corners in self._zones.items() if contains(corners, anchor(box))]
        return Refusal(label, score, box, limit, round(got, 6), wanted, zones)


def _unmet(wanted: ObjectFilter, score: float, size_wh: tuple[float, float], picture: int) -> Unmet:
    """The first one."""
    if score < wanted.min_score:
        return "min_score", score, wanted.min_score
    width, height = max(size_wh[0], 1e-6), max(size_wh[1], 1e-6)
    if (area := _area(width * height, picture, wanted.min_area)) < wanted.min_area:
        return "min_area", area, wanted.min_area
    if (area := _area(width * height, picture, wanted.max_area)) > wanted.max_area:
        return "max_area", area, wanted.max_area
    if width / height < wanted.min_ratio:
        return "min_ratio", width / height, wanted.min_ratio
    if width / height > wanted.max_ratio:
        return "max_ratio", width / height, wanted.max_ratio
    return "mask", 0.0, 0.0


def _area(pixels: float, picture: int, limit: float) -> float:
    """Limits up to 1 are shares of the picture."""
    return pixels / picture if limit <= 1 else pixels
