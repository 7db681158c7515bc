"""Links that open one event without a login: signed, and good for a while."""

import hashlib
from typing import NamedTuple

from itsdangerous import BadData, SignatureExpired, TimestampSigner, base64_decode, base64_encode

from pipeline.core.clock import Clock, SystemClock

DAY_S = 86_400


class BadLinkError(ValueError):
    """It was changed on its way, or made with another token."""


class ExpiredLinkError(ValueError):
    """It was good once."""


class Linked(NamedTuple):
    event_id: str
    until: float
    """When the link ends (UTC seconds)."""


class EventLinks:
    """Signs ids of events with a key that follows from the server's token: when that changes, all links end."""

    def __init__(self, token: str, *, days: float, clock: Clock | None = None) -> None:
        # scrypt: a link, which goes through many hands, must not be a quick way to try out tokens.
        key = hashlib.scrypt(token.encode(), salt=b"framewatch links", n=2**14, r=8, p=1)
        self._signer = _Signer(key, clock or SystemClock())
        self.days = days

    def path(self, event_id: str) -> str:
        """Of the page of this event, from the top of the server."""
        return f"/e/{self._signer.sign(base64_encode(event_id)).decode()}"

    def read(self, signed: str) -> Linked:
        """What was signed; raises BadLinkError or ExpiredLinkError."""
        lifetime_s = int(self.days * DAY_S)
        try:
            event_id, since = self._signer.unsign(signed, max_age=lifetime_s, return_timestamp=True)
            return Linked(base64_decode(event_id).decode(), since.timestamp() + lifetime_s)
        except SignatureExpired as error:
            raise ExpiredLinkError from error
        except (BadData, UnicodeError) as error:
            raise BadLinkError from error


class _Signer(TimestampSigner):
    def __init__(self, key: bytes, clock: Clock) -> None:
        super().__init__(key, salt="event", digest_method=hashlib.sha256)
        self._clock = clock

    def get_timestamp(self) -> int:
        return int(self._clock.time())
