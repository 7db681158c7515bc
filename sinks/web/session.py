"""The signed cookie that a browser gets for the token."""

import hashlib

from itsdangerous import BadSignature, TimestampSigner
from starlette.requests import HTTPConnection
from starlette.responses import Response

_COOKIE = "framewatch_session"
_LIFETIME_S = 30 * 24 * 3600
_SUBJECT = "viewer"


class Sessions:
    """Sessions live in the browser only: they survive restarts, and end for everybody when the token changes."""

    def __init__(self, token: str) -> None:
        # scrypt: a stolen cookie must not be a quick way to try out tokens.
        key = hashlib.scrypt(token.encode(), salt=b"framewatch session", n=2**14, r=8, p=1)
        self._signer = TimestampSigner(key, salt="session", digest_method=hashlib.sha256)

    def begin(self, response: Response, *, secure: bool) -> None:
        value = self._signer.sign(_SUBJECT).decode()
        response.set_cookie(_COOKIE, value, max_age=_LIFETIME_S, httponly=True, samesite="lax", secure=secure)

    def end(self, response: Response) -> None:
        response.delete_cookie(_COOKIE, httponly=True, samesite="lax")

    def holds(self, connection: HTTPConnection) -> bool:
        cookie = connection.cookies.get(_COOKIE)
        if cookie is None:
            return False
        try:
            return self._signer.unsign(cookie, max_age=_LIFETIME_S) == _SUBJECT.encode()
        except BadSignature:
            return False
