"""Is it alive, is it ready, how does it do."""

from http import HTTPStatus

from fastapi import APIRouter
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import Response

from pipeline.core.status import RunningSystem
from sinks.web.openapi import answer, struct
from sinks.web.wire import Health, JsonAnswer, Readiness


def health_router(system: RunningSystem, metrics: CollectorRegistry, version: str) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/healthz", responses={200: struct(Health, "The process answers")})
    async def healthz() -> Response:
        return JsonAnswer(Health("ok", version))

    @router.get(
        "/readyz",
        responses={
            200: struct(Readiness, "Everything runs"),
            503: struct(Readiness, "Something does not: `reasons` says what"),
        },
    )
    async def readyz() -> Response:
        reasons = system.not_ready()
        return JsonAnswer(Readiness(not reasons, reasons), HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK)

    @router.get("/metrics", responses={200: answer("text/plain", "Prometheus metrics", {"type": "string"})})
    async def prometheus(request: Request) -> Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return Response(encode(metrics), headers={"Content-Type": content_type})

    return router
