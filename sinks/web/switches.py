"""What is switched of the alerts: the profile, and who is snoozed."""

from typing import Annotated, Literal

from fastapi import APIRouter, Body
from starlette.exceptions import HTTPException
from starlette.responses import Response

from pipeline.core.alerts import AlertSwitches
from pipeline.core.clock import Clock
from sinks.web.openapi import Responses, problem, struct
from sinks.web.protocols import AlertSwitch
from sinks.web.wire import JsonAnswer

LONGEST_S = 366 * 86_400.0
Seconds = Annotated[float, Body(ge=0, le=LONGEST_S, description="From now on; 0 ends it")]


def switches_router(switch: AlertSwitch, clock: Clock) -> APIRouter:
    router = APIRouter(prefix="/api/v1/alerts", tags=["alerts"])
    answer: Responses = {200: struct(AlertSwitches, "What holds now")}
    nothing: Responses = {404: problem("There is nothing of this name")}

    @router.get("/switches", responses=answer)
    async def switches() -> Response:
        return JsonAnswer(switch.switches())

    @router.post("/profile", responses={**answer, **nothing})
    async def profile(profile: Annotated[str, Body(embed=True)]) -> Response:
        """Holds until somebody or a schedule switches again."""
        try:
            await switch.set_profile(profile)
        except KeyError:
            known = ", ".join(switch.switches().profiles) or "none is configured"
            raise HTTPException(404, f"there is no profile {profile!r} ({known})") from None
        return JsonAnswer(switch.switches())

    @router.post("/snooze", responses={**answer, **nothing})
    async def snooze(
        kind: Annotated[Literal["rule", "camera"], Body()], name: Annotated[str, Body()], seconds: Seconds
    ) -> Response:
        """No message of this rule, or of this camera, for so long; what happens is kept all the same."""
        try:
            await switch.snooze(kind, name, clock.time() + seconds if seconds else None)
        except KeyError:
            raise HTTPException(404, f"there is no {kind} {name!r}") from None
        return JsonAnswer(switch.switches())

    return router
