"""Events as they happen: each client reads the store's numbered changes at its own pace.

There is no queue for a client to overflow. A new event only wakes it; a slow client finds the latest state of what
changed meanwhile, and one that was away goes on behind its `Last-Event-ID`. Nothing is lost either way.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.types import Receive, Scope, Send

from pipeline.core.broadcast import Broadcast
from pipeline.core.event import Deleted
from sinks.web.closing import Closing
from sinks.web.protocols import EventReader

log = logging.getLogger(__name__)

_BATCH = 100
_PING_S = 15.0
_STUCK_AFTER_S = 30.0
_RETRY_MS = 2000


class EventStream(EventSourceResponse):
    """Closes on a client that takes nothing for half a minute; it may come back and resume."""

    def __init__(self, changes: AsyncIterator[ServerSentEvent]) -> None:
        super().__init__(changes, ping=_PING_S, send_timeout=_STUCK_AFTER_S, ping_message_factory=_ping)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            log.info("an event stream to %s is stuck and was closed", scope.get("client"))
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def changes(
    store: EventReader, wakers: Sequence[Broadcast[Any]], closing: Closing, after: int
) -> AsyncIterator[ServerSentEvent]:
    """Every change behind number `after`, then those to come, until the server stops.

    `wakers` publish, on the event loop, whenever there may be a new one.
    """
    woken = asyncio.Event()
    subscriptions = [waker.subscribe(lambda _: woken.set()) for waker in wakers]
    try:
        yield ServerSentEvent(comment="framewatch events", retry=_RETRY_MS)
        while not closing.begun:
            woken.clear()
            batch = await asyncio.to_thread(store.since, after, _BATCH)
            for seq, change in batch:
                kind = "deleted" if isinstance(change, Deleted) else "event"
                yield ServerSentEvent(id=str(seq), event=kind, data=msgspec.json.encode(change).decode())
                after = seq
            if len(batch) < _BATCH:
                await closing.or_set(woken)
    finally:
        for unsubscribe in subscriptions:
            unsubscribe()


def _ping() -> ServerSentEvent:
    return ServerSentEvent(comment="still here")
