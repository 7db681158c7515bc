"""Where a broker is, and how one gets in."""

import asyncio
import os
import ssl
from dataclasses import dataclass, field
from pathlib import Path

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
                _, writer = await asyncio.open_connection(self.host, self.port, ssl=context)
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
        writer.transport.abort()


def _why(error: OSError) -> str:
    """asyncio's own words name the address once more."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or str(error)
