"""What the stages know of the camera they work for; the same models that the YAML is read into."""

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from pipeline.core.attributes import Wanted
from pipeline.core.geometry import Anchor, Side
from pipeline.core.options import Options, misplaced

Relative = Annotated[float, Field(ge=0.0, le=1.0)]
Point = tuple[Relative, Relative]
Direction = Literal["any", "left", "right"]


def _points_of_string(value: Any) -> Any:
    """Accepts Frigate's flat string `x1,y1,x2,y2,…` beside a list of pairs."""
    if not isinstance(value, str):
        return value
    try:
        numbers = [float(part) for part in value.split(",") if part.strip()]
    except ValueError:
        raise ValueError("numbers with commas between them") from None
    if len(numbers) % 2:
        raise ValueError(f"an even count of numbers, not {len(numbers)}")
    if len(numbers) < 6:
        raise ValueError(f"at least 3 points, not {len(numbers) // 2}")
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _encloses(points: tuple[Point, ...]) -> tuple[Point, ...]:
    x, y = points[0]
    turns = [(x1 - x) * (y2 - y) - (x2 - x) * (y1 - y) for (x1, y1), (x2, y2) in pairwise(points[1:])]
    if all(abs(turn) < _FLAT for turn in turns):
        raise ValueError("points around an area, not on one line")
    return points


_FLAT = 1e-9
_Pairs = BeforeValidator(_points_of_string, json_schema_input_type=str | tuple[Point, ...])
Polygon = Annotated[tuple[Point, ...], _Pairs, Field(min_length=3), AfterValidator(_encloses)]


def _list_of_one(value: Any) -> Any:
    """Accepts Frigate's string for one polygon where several may stand."""
    if isinstance(value, list) and value and all(isinstance(item, list) and len(item) == 2 for item in value):
        raise ValueError("polygons, each a list of points: [[[0.1, 0.1], …], …]")
    return [value] if isinstance(value, str) else value


Polygons = Annotated[
    tuple[Polygon, ...], BeforeValidator(_list_of_one, json_schema_input_type=str | tuple[Polygon, ...])
]


class Count(Options):
    """When there are too many in a zone at once, or too few."""

    over: Annotated[int | None, Field(ge=0)] = None
    """More than so many begin `count_over`; null means never."""
    under: Annotated[int | None, Field(ge=1)] = None
    """Fewer than so many begin `count_under`; null means never."""
    seconds: Annotated[float, Field(ge=0)] = 5.0
    """For how long without a break, at the beginning and at the end."""
    hysteresis: Annotated[int, Field(ge=0)] = 0
    """How far the number must be back behind its limit for the end."""


class Way(Options):
    """The direction that is right in a zone: from one point to the other, relative to the picture."""

    from_: Point = Field(alias="from")
    to: Point
    distance: Annotated[float, Field(gt=0, le=1)] = 0.1
    """How far against it is wrong, as a share of the picture."""

    @model_validator(mode="after")
    def _has_length(self) -> "Way":
        if self.from_ == self.to:
            raise ValueError("two different points")
        return self


class LeftBehind(Options):
    """When a thing at rest in a zone was left behind."""

    objects: tuple[str, ...] = ()
    """Labels of things; empty means all of the zone's but the owners."""
    seconds: Annotated[float, Field(ge=0)] = 0.0
    """For how long nobody must be near; 0 means never."""
    owners: tuple[str, ...] = ("person",)
    """Labels of those who may be with it."""
    distance: Relative = 0.1
    """How far away is still near, between the boxes, as a share of the picture."""


class Removed(Options):
    """When a thing that has long been at rest in a zone was taken away."""

    objects: tuple[str, ...] = ()
    """Labels of things; empty means all of the zone's."""
    seconds: Annotated[float, Field(ge=0)] = 0.0
    """For how long it must have been at rest; 0 means never."""


class Zone(Options):
    """A polygon that objects enter and leave, relative to the picture."""

    coordinates: Polygon
    objects: tuple[str, ...] = ()
    """Labels that count; empty means all tracked ones."""
    attributes: Wanted = Field(default_factory=dict)
    """What an object must be beside its label; as long as that is not known of it, it is not inside."""
    inertia: Annotated[int, Field(ge=1)] = 3
    """Frames in a row, at the nominal `detect.fps`, that an object must be inside before it has entered."""
    loitering_time: Annotated[float, Field(ge=0)] = 0.0
    """Seconds inside before `loitering` is told; 0 means never."""
    anchor: Anchor | Literal["none"] = "bottom_center"
    """The point of the box that must be inside; none means that `min_overlap` alone decides."""
    min_overlap: Relative = 0.0
    """The share of the box that must be inside."""
    count: Count = Count()
    one_way: Way | None = None
    """The direction that is right inside; who goes against it begins `wrong_way`."""
    left_behind: LeftBehind = LeftBehind()
    removed: Removed = Removed()

    @model_validator(mode="after")
    def _can_be_inside(self) -> "Zone":
        if self.anchor == "none" and not self.min_overlap:
            raise misplaced("min_overlap", "0", "more than 0 with anchor: none")
        for key in ("left_behind", "removed"):
            for label in getattr(self, key).objects:
                if self.objects and label not in self.objects:
                    raise misplaced(key, f'"{label}"', f"labels of the zone: {', '.join(self.objects)}")
        return self


class Line(Options):
    """A line that objects cross, relative to the picture."""

    from_: Point = Field(alias="from")
    to: Point
    objects: tuple[str, ...] = ()
    attributes: Wanted = Field(default_factory=dict)
    """What must be known of an object beside its label when it crosses."""
    direction: Direction = "any"
    """The side an object comes out on, going from → to."""
    inward: Side = "right"
    """Who comes out on this side has come in: what is counted as `in`, the rest as `out`."""
    anchor: Anchor = "bottom_center"
    """The point of the box whose way counts."""

    @model_validator(mode="after")
    def _has_length(self) -> "Line":
        if self.from_ == self.to:
            raise ValueError("two different points")
        return self


class ObjectFilter(Options):
    """When a detection of a label is believed; Frigate's meaning."""

    min_score: Relative = 0.5
    """Detections below this are ignored."""
    threshold: Relative = 0.7
    """The median score that a track must reach before it counts as an object."""
    min_area: Annotated[float, Field(ge=0)] = 0.0
    """Smallest box, as a share of the picture; above 1 in pixels of the analysed frame."""
    max_area: Annotated[float, Field(gt=0)] = 1.0
    min_ratio: Annotated[float, Field(ge=0)] = 0.0
    """Smallest width divided by height."""
    max_ratio: Annotated[float, Field(gt=0)] = 24_000_000.0
    mask: Polygons = ()
    """What stands in these (the middle of the box's lower edge) is ignored."""

    @model_validator(mode="after")
    def _something_fits(self) -> "ObjectFilter":
        """A share and an area in pixels cannot be compared: that depends on the picture."""
        same_unit = (self.min_area > 1) == (self.max_area > 1)
        if same_unit and self.min_area > self.max_area:
            raise misplaced("min_area", f"{self.min_area:g}", f"at most max_area: {self.max_area:g}")
        if self.min_ratio > self.max_ratio:
            raise misplaced("min_ratio", f"{self.min_ratio:g}", f"at most max_ratio: {self.max_ratio:g}")
        return self


class Objects(Options):
    """Which labels are tracked, and how sure one must be."""

    track: tuple[str, ...] = ("person",)
    filters: dict[str, ObjectFilter] = Field(default_factory=dict)
    mask: Polygons = ()
    """What stands in these is ignored, whatever it is."""

    def filter(self, label: str) -> ObjectFilter:
        return self.filters.get(label, _DEFAULT_FILTER)


_DEFAULT_FILTER = ObjectFilter()


class Camera(Options):
    """One camera as its stages, rules and snapshots see it; no inputs, no secrets."""

    name: str
    friendly_name: str = ""
    fps: Annotated[float, Field(gt=0)] = 5.0
    """Nominal analysed frames a second; counts of frames in the configuration mean frames at this rate."""
    max_disappeared: Annotated[int, Field(ge=0)] = 25
    """Frames that an object may be unseen and is still the same."""
    priority: Annotated[float, Field(gt=0)] = 1.0
    """Its share of a model that cannot look at everything, beside the other cameras' shares."""
    objects: Objects = Objects()
    zones: dict[str, Zone] = Field(default_factory=dict)
    lines: dict[str, Line] = Field(default_factory=dict)
