"""The whole installation: versions, load, disk, the end of the log, and what a restart would say."""

import asyncio
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from pipeline.core.about import LogLevel, SystemStatus
from sinks.web.openapi import struct
from sinks.web.protocols import SystemReader
from sinks.web.wire import ConfigFile, ConfigProblem, JsonAnswer, LogTail

Lines = Annotated[int, Query(ge=1, le=1000, description="So many of the latest")]
Level = Annotated[LogLevel, Query(description="This level and above")]


def system_router(system: SystemReader) -> APIRouter:
    router = APIRouter(prefix="/api/v1/system", tags=["system"])

    @router.get("", responses={200: struct(SystemStatus, "Versions, cameras, models, disk and store")})
    async def status() -> Response:
        """Counters begin with the analysis process; disk and store are measured every half minute at most."""
        return JsonAnswer(await system.status())

    @router.get("/log", responses={200: struct(LogTail, "The latest lines of the media process' log, oldest first")})
    async def log(lines: Lines = 200, level: Level = "INFO") -> Response:
        return JsonAnswer(LogTail(list(system.log(lines, level))))

    @router.get("/config", responses={200: struct(ConfigFile, "The configuration's file, as a restart would take it")})
    async def config() -> Response:
        """Reads the file again. Nothing is changed, opened or started."""
        found = await asyncio.to_thread(system.config_problems)
        problems = [ConfigProblem(**asdict(problem), message=str(problem)) for problem in found]
        return JsonAnswer(ConfigFile(system.config_path, not problems, problems))

    return router
