"""What is recorded, by time."""

import time
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from pipeline.core.status import RunningSystem
from sinks.web.clips import VIDEO, video
from sinks.web.openapi import Responses, problem, struct
from sinks.web.protocols import Recordings
from sinks.web.wire import JsonAnswer, RecordingList

LONGEST_LIST_S = 7 * 86_400.0
LONGEST_CLIP_S = 3600.0
_DAY_S = 86_400.0
_BAD_TIME: Responses = {400: problem("The times do not fit")}
_NONE: Responses = {404: problem("There is no such camera, or nothing of that time is kept")}
_After = Annotated[float | None, Query(ge=0, lt=1e11, description="UTC seconds; a day before `before` where left out")]
_Before = Annotated[float | None, Query(ge=0, lt=1e11, description="UTC seconds; now where left out")]


def recordings_router(system: RunningSystem, recordings: Recordings) -> APIRouter:
    router = APIRouter(prefix="/api/v1/recordings", tags=["recordings"])

    @router.get("", responses={200: struct(RecordingList, "What there is"), **_BAD_TIME})
    async def recorded(camera: str | None = None, after: _After = None, before: _Before = None) -> Response:
        """Stretches without a gap, each with the reasons why it is kept; of at most seven days."""
        until = time.time() if before is None else before
        begin = until - _DAY_S if after is None else after
        _check(begin, until, LONGEST_LIST_S, "7 days")
        return JsonAnswer(RecordingList(begin, until, [*await recordings.spans(camera, begin, until)]))

    @router.get("/{camera}/clip.mp4", response_class=FileResponse, responses={**VIDEO, **_BAD_TIME, **_NONE})
    async def export(
        camera: str,
        after: Annotated[float, Query(ge=0, lt=1e11, description="UTC seconds")],
        before: Annotated[float, Query(ge=0, lt=1e11, description="UTC seconds")],
    ) -> FileResponse:
        """What there is of that time, at most an hour, as one file; it begins at the key frame before.

        Its headers `X-Framewatch-Starts-At` and `X-Framewatch-Ends-At` say when (UTC seconds).
        """
        _check(after, before, LONGEST_CLIP_S, "an hour")
        clip = await recordings.clip(camera, after, before)
        if clip is None:
            known = any(status.name == camera for status in system.cameras())
            raise HTTPException(
                404, "nothing of that time is kept" if known else f"there is no recording of a camera {camera!r}"
            )
        return video(clip)

    return router


def _check(after: float, before: float, longest_s: float, longest: str) -> None:
    if not after < before:
        raise HTTPException(400, f"after={after:.3f} is not earlier than before={before:.3f}")
    if before - after > longest_s:
        raise HTTPException(400, f"got {before - after:.0f} s, wanted at most {longest} at once")
