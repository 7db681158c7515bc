"""Who did what."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from sinks.web.openapi import struct
from sinks.web.protocols import AuditReader
from sinks.web.wire import AuditList, JsonAnswer


def audit_router(audit: AuditReader) -> APIRouter:
    router = APIRouter(prefix="/api/v1/audit", tags=["system"])

    @router.get("", responses={200: struct(AuditList, "One page of what people did, newest first")})
    async def entries(
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        cursor: Annotated[int | None, Query(ge=1, description="`next` of the page before")] = None,
    ) -> Response:
        page = await asyncio.to_thread(audit.list, limit=limit, cursor=cursor)
        return JsonAnswer(AuditList(list(page.items), page.next_cursor))

    return router
