"""Help for editors: check a configuration, and describe what it may hold."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from pipeline.core.errors import Problem
from sinks.web.body import read_text
from sinks.web.openapi import answer, struct
from sinks.web.wire import ConfigProblem, JsonAnswer, Validation

_LARGEST_BODY = 1 << 20


def config_router(
    validate_config: Callable[[str], Sequence[Problem]], config_schema: Callable[[], dict[str, Any]]
) -> APIRouter:
    router = APIRouter(prefix="/api/v1/config", tags=["configuration"])
    yaml_body = {"requestBody": {"required": True, "content": {"application/yaml": {"schema": {"type": "string"}}}}}

    @router.post(
        "/validate",
        responses={200: struct(Validation, "All that is wrong with it, at once")},
        openapi_extra=yaml_body,
    )
    async def validate(request: Request) -> Response:
        """Checks the YAML text in the body. Nothing is stored, opened or started."""
        text = await read_text(request, limit=_LARGEST_BODY)
        found = await asyncio.to_thread(validate_config, text)
        problems = [ConfigProblem(**asdict(problem), message=str(problem)) for problem in found]
        return JsonAnswer(Validation(not problems, problems))

    schema = answer("application/schema+json", "JSON schema of a configuration", {"type": "object"})

    @router.get("/schema.json", responses={200: schema})
    async def schema_json() -> Response:
        answer = JsonAnswer(config_schema())
        answer.headers["Content-Type"] = "application/schema+json"
        return answer

    return router
