"""What the API answers with, where it is more than a struct that the system knows anyway."""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from pipeline.core.about import LogLine
from pipeline.core.alerts import AlertStatus, SinkOutcome
from pipeline.core.event import Event
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
    """A camera's status, and what it watches: `plan` has its labels, zones and lines, relative to the picture."""

    plan: dict[str, Any]


class ModelList(msgspec.Struct, frozen=True):
    models: list[ModelStatus]


class EventList(msgspec.Struct, frozen=True):
    """Newest first. `next` is the `cursor` of the next page, null at the end.

    `seq` numbers the latest change that the list can hold: a stream opened with `after=seq` goes on without a gap.
    """

    events: list[Event]
    next: str | None
    seq: int


class EventOverview(msgspec.Struct, frozen=True):
    """Between two times (UTC seconds); cameras on which nothing happened are left out."""

    after: float
    before: float
    step: float
    cameras: list[CameraOverview]


class AlertList(msgspec.Struct, frozen=True):
    """In the order of the configuration. `since` is when counting began (UTC seconds)."""

    since: float
    alerts: list[AlertStatus]


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


class LogTail(msgspec.Struct, frozen=True):
    lines: list[LogLine]


class JsonAnswer(Response):
    """Encodes structs; nothing in between."""

    media_type = "application/json"

    def __init__(self, content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(msgspec.json.encode(content), status, {"Cache-Control": "no-store", **(headers or {})})
