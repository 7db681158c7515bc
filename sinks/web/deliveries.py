"""Alerts on their way: where they are, sending them again, acknowledging them, and why there was none."""

from typing import Annotated

from fastapi import APIRouter, Body, Query
from starlette.exceptions import HTTPException
from starlette.responses import Response

from pipeline.core.alerts import DeliveryState, Why
from pipeline.core.event_edit import EditOutcome
from sinks.web.openapi import Responses, problem, struct
from sinks.web.protocols import DeliveryDesk
from sinks.web.wire import DeliveryList, JsonAnswer, SentAgain

MOST = 500
Ids = Annotated[list[int] | None, Body(min_length=1, max_length=MOST)]
Sink = Annotated[str | None, Body(description="All of this sink")]
Alert = Annotated[str, Body(embed=True, description="The alert's id, its idempotency key")]


def deliveries_router(desk: DeliveryDesk) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["alerts"])

    @router.get("/alerts/deliveries", responses={200: struct(DeliveryList, "Deliveries, the newest first")})
    async def deliveries(
        state: Annotated[list[DeliveryState] | None, Query()] = None,
        sink: str | None = None,
        rule: str | None = None,
        before: int | None = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
    ) -> Response:
        found = await desk.deliveries(states=state or (), sink=sink, rule=rule, before=before, limit=limit + 1)
        more = found[limit - 1].id if len(found) > limit else None
        return JsonAnswer(DeliveryList(list(found[:limit]), more, list(await desk.counts())))

    @router.post("/alerts/deliveries/resend", responses={200: struct(SentAgain, "How many are on their way again")})
    async def resend(ids: Ids = None, sink: Sink = None) -> Response:
        """Those that were given up on or dropped; with the key that they had."""
        if (ids is None) == (sink is None):
            raise HTTPException(422, "got neither or both, wanted either ids or a sink")
        return JsonAnswer(SentAgain(await desk.send_again(ids=ids, sink=sink)))

    no_alert: Responses = {404: problem("There is no alert of this id")}

    @router.post(
        "/alerts/acknowledge", responses={200: struct(EditOutcome, "The events that are reviewed now"), **no_alert}
    )
    async def acknowledge(alert: Alert) -> Response:
        """Marks what the alert tells of as reviewed, so that nobody else is told of it."""
        try:
            return JsonAnswer(await desk.acknowledge(alert))
        except KeyError:
            raise HTTPException(404, f"there is no alert {alert!r}; it may be older than what is kept") from None

    nothing: Responses = {404: problem("There is no such event, or no such rule")}

    @router.get("/events/{event_id}/why", responses={200: struct(Why, "What each alert rule made of it"), **nothing})
    async def why(event_id: str, rule: str | None = None) -> Response:
        """Whether and where it was sent, or the first reason that it was not, in words and figures."""
        try:
            return JsonAnswer(await desk.why(event_id, rule))
        except KeyError as error:
            what = "alert rule" if error.args[0] == rule else "event"
            raise HTTPException(404, f"there is no {what} {error.args[0]!r}") from None

    return router
