"""The API's description: FastAPI's, with the schemas of our structs."""

from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from pipeline.core.about import SystemStatus
from pipeline.core.alerts import AlertSwitches, Why
from pipeline.core.event import Event
from pipeline.core.event_edit import EditOutcome
from pipeline.core.found import FoundStreams, Look
from pipeline.core.overview import EventChoices
from pipeline.core.status import CameraStatus, ModelStatus
from sinks.web.problems import ProblemDetails
from sinks.web.wire import (
    Added,
    AlertList,
    AlertTest,
    Areas,
    CameraAddress,
    CameraDetail,
    CameraList,
    ConfigFile,
    DeliveryList,
    Device,
    EventList,
    EventOverview,
    FoundCameras,
    GlimpseList,
    Health,
    LogTail,
    ModelList,
    NewCamera,
    Readiness,
    RecordingList,
    SentAgain,
    Validation,
    Writable,
    WrittenAreas,
)

Responses = dict[int | str, dict[str, Any]]

_REFERENCE = "#/components/schemas/{name}"
_STRUCTS = (
    Added,
    AlertList,
    AlertSwitches,
    AlertTest,
    Areas,
    CameraAddress,
    CameraDetail,
    CameraList,
    CameraStatus,
    ConfigFile,
    DeliveryList,
    Device,
    EditOutcome,
    Event,
    EventChoices,
    EventList,
    EventOverview,
    FoundCameras,
    FoundStreams,
    GlimpseList,
    Health,
    LogTail,
    Look,
    ModelList,
    ModelStatus,
    NewCamera,
    ProblemDetails,
    Readiness,
    RecordingList,
    SentAgain,
    SystemStatus,
    Validation,
    Why,
    Writable,
    WrittenAreas,
)


def struct(kind: type[msgspec.Struct], description: str) -> dict[str, Any]:
    """One answer in `responses=` whose body is a struct."""
    return answer("application/json", description, {"$ref": _REFERENCE.format(name=kind.__name__)})


def answer(media_type: str, description: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    """One answer in `responses=`; without a schema the body is binary."""
    schema = schema or {"type": "string", "format": "binary"}
    return {"description": description, "content": {media_type: {"schema": schema}}}


def json_body(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """`openapi_extra=` of an operation whose body is a struct."""
    schema = {"$ref": _REFERENCE.format(name=kind.__name__)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def problem(description: str) -> dict[str, Any]:
    return answer("application/problem+json", description, {"$ref": _REFERENCE.format(name="ProblemDetails")})


def describe(app: FastAPI, *, token_needed: bool) -> None:
    """Makes `app.openapi` (served at /openapi.json) tell of structs, problems and the token."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _description(app, token_needed)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _description(app: FastAPI, token_needed: bool) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        license_info=app.license_info,
    )
    _, structs = msgspec.json.schema_components(_STRUCTS, ref_template=_REFERENCE)
    components = document.setdefault("components", {})
    components["schemas"] = components.get("schemas", {}) | structs
    if token_needed:
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        document["security"] = [{"token": []}]
    _tell_of_problems(document)
    return document


def _tell_of_problems(document: dict[str, Any]) -> None:
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
            operation["responses"].setdefault("default", problem("What went wrong"))
