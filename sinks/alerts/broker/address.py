"""Where a broker is, and how one gets in."""

import asyncio
import os
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from pipeline.core.errors import DeliveryError


@dataclass(frozen=True, slots=True)
class Tls:
    ca: Path | None
    """None: the authorities that the system believes."""
    insecure: bool


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: Tls | None = None

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def context(self) -> ssl.SSLContext | None:
        """Blocks while it reads certificates; raises DeliveryError."""
        if self.tls is None:
            return None
        try:
            context = ssl.create_default_context(cafile=self.tls.ca)
        except OSError as error:  # ssl.SSLError too
            why = f"{self.tls.ca}: {error.strerror or error}; wanted a file with PEM certificates"
            raise DeliveryError(f"{self}: {why}", permanent=True) from error
        if self.tls.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    async def try_to_reach(self, context: ssl.SSLContext | None, timeout_s: float) -> None:
        """Says precisely what is wrong, and takes no thread that hangs; raises DeliveryError."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._reach(context)
        except TimeoutError:
            raise DeliveryError(f"{self}: no answer within {timeout_s:g} s") from None
        except ssl.SSLCertVerificationError as error:
            why = f"its certificate is not believed ({error.verify_message}); is tls.ca right?"
            raise DeliveryError(f"{self}: {why}", permanent=True) from None
        except ssl.SSLError as error:
            why = f"no TLS there ({error.reason or error}): are tls and port right?"
            raise DeliveryError(f"{self}: {why}") from None
        except OSError as error:
            why = f"unreachable ({_why(error)}): is the broker on, and are host and port right?"
            raise DeliveryError(f"{self}: {why}") from None

    async def _reach(self, context: ssl.SSLContext | None) -> None:
        """The first of its addresses that answers will do; raises what the last one did."""
        *others, last = await _addresses(self.host)
        for address in others:
            with suppress(OSError):
                return await self._reach_one(address, context)
        await self._reach_one(last, context)

    async def _reach_one(self, address: str, context: ssl.SSLContext | None) -> None:
        name = None if context is None else self.host
        _, writer = await asyncio.open_connection(address, self.port, ssl=context, server_hostname=name)
        writer.transport.abort()


async def _addresses(host: str) -> list[str]:
    """Looked up in a thread of its own: a name server that hangs must not keep those that others need."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def told(error: OSError | None, found: list[str]) -> None:
        if answer.done():
            return  # nobody waits any more
        if error is None:
            answer.set_result(found)
        else:
            answer.set_exception(error)

    def look() -> None:
        error, found = None, []
        try:
            found = [str(each[4][0]) for each in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
        except OSError as failure:
            error = failure
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(told, error, found)

    Thread(target=look, name=f"address of {host}", daemon=True).start()
    return await answer


def _why(error: OSError) -> str:
    """asyncio's own words name the address once more."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or str(error)
