"""The cameras: how they do, what they watch, what they see."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Query
from starlette.exceptions import HTTPException
from starlette.responses import Response

from pipeline.core.status import RunningSystem
from sinks.web.closing import Closing
from sinks.web.mjpeg import moving_pictures
from sinks.web.openapi import Responses, answer, problem, struct
from sinks.web.places import Places
from sinks.web.wire import CameraDetail, CameraList, JsonAnswer

Name = Annotated[str, Path(description="The camera's name in the configuration")]
WithBoxes = Annotated[bool, Query(description="With boxes and labels")]
Height = Annotated[int | None, Query(ge=16, le=4320, description="Scaled to this height; the camera's own by default")]


def cameras_router(system: RunningSystem, closing: Closing, places: Places) -> APIRouter:
    router = APIRouter(prefix="/api/v1/cameras", tags=["cameras"])
    no_camera: Responses = {404: problem("There is no camera of this name")}
    no_picture: Responses = {
        **no_camera,
        503: problem("The camera has no picture now; `Retry-After` says when to ask again"),
    }

    def known(name: str) -> str:
        try:
            return system.camera(name).name
        except KeyError:
            raise HTTPException(404, f"there is no camera {name!r}; /api/v1/cameras lists them all") from None

    @router.get("", responses={200: struct(CameraList, "Every camera, in the order of the configuration")})
    async def cameras() -> Response:
        return JsonAnswer(CameraList(system.cameras()))

    @router.get("/{name}", responses={200: struct(CameraDetail, "One camera"), **no_camera})
    async def camera(name: Name) -> Response:
        status = system.camera(known(name))
        plan = system.plan(name).model_dump(mode="json", by_alias=True)
        return JsonAnswer(CameraDetail(**msgspec.structs.asdict(status), plan=plan, lines=dict(system.lines(name))))

    @router.get("/{name}/latest.jpg", responses={200: answer("image/jpeg", "The latest picture"), **no_picture})
    async def latest(name: Name, annotated: WithBoxes = False, height: Height = None) -> Response:
        picture = await system.still(known(name), annotated=annotated, height=height)
        return Response(picture, media_type="image/jpeg", headers={"Cache-Control": "no-store"})

    no_place: Responses = {
        **no_picture,
        503: problem("The camera has no picture now, or too many watch; `Retry-After` says when to ask again"),
    }
    moving = answer("multipart/x-mixed-replace", "JPEGs at the analysed rate; a slow client gets the newest only")

    @router.get("/{name}/mjpeg", responses={200: moving, **no_place})
    async def mjpeg(name: Name, annotated: WithBoxes = False) -> Response:
        return await moving_pictures(system.stills(known(name), annotated=annotated), closing, places)

    return router
