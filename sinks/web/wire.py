"""What the API answers with, where it is more than a struct that the system knows anyway."""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from pipeline.core.about import LogLine
from pipeline.core.alerts import AlertStatus, Delivery, DeliveryCounts, SinkOutcome
from pipeline.core.audit import AuditEntry
from pipeline.core.event import Event
from pipeline.core.footage import Span
from pipeline.core.found import FoundCamera
from pipeline.core.glimpse import Glimpse
from pipeline.core.line_count import LineCount
from pipeline.core.overview import CameraOverview
from pipeline.core.status import CameraStatus, ModelStatus


class Health(msgspec.Struct, frozen=True):
    status: str
    version: str


class Readiness(msgspec.Struct, frozen=True):
    """`reasons` says in words what is missing; empty when everything runs."""

    ready: bool
    reasons: list[str]


class CameraList(msgspec.Struct, frozen=True):
    cameras: list[CameraStatus]


class CameraDetail(CameraStatus, kw_only=True, frozen=True):
    """A camera's status, and what it watches: `plan` has its labels, zones and lines, relative to the picture; `lines`
    says by name how many have crossed each.
    """

    plan: dict[str, Any]
    lines: dict[str, LineCount]


class Areas(msgspec.Struct, frozen=True):
    """A camera's zones and lines by name, as `cameras.NAME.zones` and `cameras.NAME.lines` say them."""

    zones: dict[str, dict[str, Any]]
    lines: dict[str, dict[str, Any]]


class WrittenAreas(Areas, kw_only=True, frozen=True):
    """As they are written: nothing is filled in. `not_writable` says why they cannot be saved, empty where they can."""

    not_writable: str = ""


class ModelList(msgspec.Struct, frozen=True):
    models: list[ModelStatus]


class AuditList(msgspec.Struct, frozen=True):
    """Newest first. `next` is the `cursor` of the next page, null at the end."""

    entries: list[AuditEntry]
    next: str | None


class EventList(msgspec.Struct, frozen=True):
    """Newest first. `next` is the `cursor` of the next page, null at the end.

    `seq` numbers the latest change that the list can hold: a stream opened with `after=seq` goes on without a gap.
    """

    events: list[Event]
    next: str | None
    seq: int


class GlimpseList(msgspec.Struct, frozen=True):
    """Newest first. `next` is the `cursor` of the next page, null at the end."""

    glimpses: list[Glimpse]
    next: str | None


class EventOverview(msgspec.Struct, frozen=True):
    """Between two times (UTC seconds); cameras on which nothing happened are left out."""

    after: float
    before: float
    step: float
    cameras: list[CameraOverview]


class RecordingList(msgspec.Struct, frozen=True):
    """What there is between two times (UTC seconds), the oldest first; ends may lie a little outside."""

    after: float
    before: float
    recordings: list[Span]


class AlertList(msgspec.Struct, frozen=True):
    """In the order of the configuration. `since` is when counting began (UTC seconds)."""

    since: float
    alerts: list[AlertStatus]


class DeliveryList(msgspec.Struct, frozen=True):
    """Newest first; `next` is the `before` of the next page, null at the end. `sinks` counts all there are."""

    deliveries: list[Delivery]
    next: int | None
    sinks: list[DeliveryCounts]


class SentAgain(msgspec.Struct, frozen=True):
    count: int


class AlertTest(msgspec.Struct, frozen=True):
    sinks: list[SinkOutcome]


class ConfigProblem(msgspec.Struct, frozen=True):
    """One thing wrong with a configuration; `line` is 1-based, `message` says all of it in one line."""

    file: str
    line: int | None
    key: str
    got: str
    wanted: str
    message: str


class Validation(msgspec.Struct, frozen=True):
    valid: bool
    problems: list[ConfigProblem]


class ConfigFile(msgspec.Struct, frozen=True):
    """`path` is null where the system was started without a file."""

    path: str | None
    valid: bool
    problems: list[ConfigProblem]


class Writable(msgspec.Struct, frozen=True):
    """`not_writable` says why the configuration cannot be changed here; empty where it can."""

    not_writable: str


class CameraAddress(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`rtsp://…`, `rtsps://…`, `http://…` or `https://…`; user and password in it, or beside it as they are."""

    address: str
    user: str = ""
    password: str = ""


class NewCamera(CameraAddress, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """`second` is a smaller stream of the same camera, to be analysed in place of the first; user as there."""

    name: str
    friendly_name: str = ""
    second: str = ""


class Device(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`service` is where a device that was found is asked."""

    service: str
    user: str = ""
    password: str = ""


class Added(msgspec.Struct, frozen=True):
    name: str


class FoundCameras(msgspec.Struct, frozen=True):
    cameras: list[FoundCamera]


class LogTail(msgspec.Struct, frozen=True):
    lines: list[LogLine]


class JsonAnswer(Response):
    """Encodes structs; nothing in between."""

    media_type = "application/json"

    def __init__(self, content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(msgspec.json.encode(content), status, {"Cache-Control": "no-store", **(headers or {})})
