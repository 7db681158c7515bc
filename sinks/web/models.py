"""The models: what runs them, and how."""

from fastapi import APIRouter
from starlette.responses import Response

from pipeline.core.status import RunningSystem
from sinks.web.openapi import struct
from sinks.web.wire import JsonAnswer, ModelList


def models_router(system: RunningSystem) -> APIRouter:
    router = APIRouter(prefix="/api/v1/models", tags=["models"])

    @router.get("", responses={200: struct(ModelList, "Every model of the configuration, and what runs it")})
    async def models() -> Response:
        """`runs` says weights, backend, device, precision and sizes of input; it is empty while nothing runs it."""
        return JsonAnswer(ModelList(system.models()))

    return router
