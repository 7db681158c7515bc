"""Cameras that are not in the configuration yet: who is on the network, and what an address sends."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Any, TypeVar

from pydantic import ValidationError

from pipeline import registry
from pipeline.core.contracts import Source
from pipeline.core.errors import ConfigError, Problem, UnavailableError
from pipeline.core.found import FoundCamera, FoundStreams, Look

LOOKS_AT_ONCE = 2
_AGAIN_AFTER_S = 5.0

Found = TypeVar("Found")


class Finder:
    """A CameraFinder. Each look has a thread for half a minute at most; used on one event loop."""

    def __init__(self) -> None:
        self._looking = 0

    async def look(self, address: str) -> Look:
        source_of(address)  # says what is wrong with it before it takes a place
        return await self._one(_look, address)

    async def discover(self) -> list[FoundCamera]:
        return await self._one(_discover)

    async def streams(self, service: str, user: str, password: str) -> FoundStreams:
        return await self._one(_streams, service, user, password)

    async def _one(self, find: Callable[..., Found], *arguments: Any) -> Found:
        """Counts until the thread has ended: whoever asked may have gone before."""
        if self._looking >= LOOKS_AT_ONCE:
            raise UnavailableError(f"{LOOKS_AT_ONCE} looks are going on already", retry_after_s=_AGAIN_AFTER_S)
        self._looking += 1
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Found] = loop.create_future()

        def work() -> None:
            found, error = None, None
            try:
                found = find(*arguments)
            except Exception as failure:
                error = failure
            with suppress(RuntimeError):  # the loop has ended, and nobody is left to be told
                loop.call_soon_threadsafe(self._ended, answer, found, error)

        Thread(target=work, name="look", daemon=True).start()  # the end of the program does not wait for it
        return await answer

    def _ended(self, answer: "asyncio.Future[Any]", found: Any, error: Exception | None) -> None:
        self._looking -= 1
        if answer.cancelled():
            return
        if error is None:
            answer.set_result(found)
        else:
            answer.set_exception(error)


def source_of(address: str) -> Source:
    """What reads a camera's address; raises ConfigError, which does not repeat it."""
    kind = registry.load("sources", registry.source_type(address))
    wrong = ""
    try:
        options = kind.Options(path=address)
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False)[0]["msg"].removeprefix("Value error, ")
    if wrong:  # outside of the handler: pydantic's error, which would stay beside ours, shows the address
        raise ConfigError([Problem("request", None, "address", "one that is not whole", wrong)])
    made: Source = kind(options)
    return made


def _look(address: str) -> Look:
    from sources.look import look

    return look(address, source_of)


def _discover() -> list[FoundCamera]:
    from sources.onvif import discover

    return discover()


def _streams(service: str, user: str, password: str) -> FoundStreams:
    from sources.onvif import streams

    return streams(service, user, password)
