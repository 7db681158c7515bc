"""What others ask of the running system by way of the broker."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from pipeline.core.errors import FramewatchError
from pipeline.core.feed import SystemFeed
from sinks.alerts.broker.topics import Topics

log = logging.getLogger(__name__)

MOST_WAITING = 32
_SWITCH = {"ON": True, "OFF": False}


class Orders:
    """Carried out one after the other, on the event loop."""

    def __init__(self, feed: SystemFeed, topics: Topics, done: Callable[[], None]) -> None:
        """`done` is told after each."""
        self._feed = feed
        self._topics = topics
        self._done = done
        self._waiting: asyncio.Queue[tuple[str, str]] = asyncio.Queue(MOST_WAITING)

    @property
    def filters(self) -> tuple[str, ...]:
        return self._topics.set_enabled("+"), self._topics.set_profile

    def take(self, topic: str, payload: bytes) -> None:
        """Where too much waits already, it is not taken."""
        try:
            self._waiting.put_nowait((topic, payload.decode(errors="replace").strip()))
        except asyncio.QueueFull:
            log.warning("%s: too many orders are waiting; this one is left out", topic)

    async def run(self) -> None:
        while True:
            topic, wanted = await self._waiting.get()
            try:
                await self._order(topic, wanted)
            except (FramewatchError, KeyError, ValueError) as error:
                log.warning("%s: %s", topic, error.args[0] if isinstance(error, KeyError) else error)
            except Exception:  # one order that fails must not be the last
                log.exception("%s: the order was not carried out", topic)
            self._done()

    def _order(self, topic: str, wanted: str) -> Awaitable[None]:
        if topic == self._topics.set_profile:
            return self._set_profile(wanted)
        return self._set_enabled(self._topics.camera_of(topic), wanted)

    async def _set_enabled(self, camera: str, wanted: str) -> None:
        if wanted.upper() not in _SWITCH:
            raise ValueError(f"got {wanted[:40]!r}, wanted ON or OFF")
        on = _SWITCH[wanted.upper()]
        await self._feed.switch(camera, on)
        log.info("camera %s: switched %s over MQTT", camera, "on" if on else "off")

    async def _set_profile(self, wanted: str) -> None:
        profiles = self._feed.profiles
        names = () if profiles is None else profiles.profiles
        if profiles is None or wanted not in names:
            raise ValueError(f"got {wanted[:40]!r}, wanted one of the profiles: {', '.join(names) or 'there are none'}")
        await profiles.set_profile(wanted)
        log.info("profile %s: set over MQTT", wanted)
