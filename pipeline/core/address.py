"""Addresses of cameras and servers on the network, and the user and password in them."""

import re
from typing import Annotated
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, SecretStr

_SECRET_WORD = re.compile(r"(?i)(user|usr|login|pass|pwd|token|auth|key|secret)\w*=")


def _has_a_host(value: SecretStr) -> SecretStr:
    """FFmpeg would look at the wrong place, and say no more than that nothing answers."""
    address = value.get_secret_value()
    try:
        parts = urlsplit(address)
        whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole or any(letter.isspace() for letter in address):
        escapes = "in a password %40 for @, %3A for :, %2F for /, %23 for #, %3F for ?, %20 for a space"
        raise ValueError(f"scheme://user:password@host:port/path ({escapes})")
    return value


Address = Annotated[SecretStr, AfterValidator(_has_a_host)]
"""`scheme://user:password@host:port/path`; shown nowhere."""


def with_user(address: str, user: str, password: str) -> str:
    """The address with these in place of those it had; as it is where there is no user."""
    scheme, found, rest = address.partition("://")
    if not (found and user):
        return address
    return f"{scheme}://{quote(user, safe='')}:{quote(password, safe='')}@{_without_user(rest)}"


def without_user(address: str) -> str:
    """The address with its query, but without user and password."""
    scheme, found, rest = address.partition("://")
    return f"{scheme}://{_without_user(rest)}" if found else address


def holds_secret(address: str) -> bool:
    """Whether it has a user or password, before the host or as some makers want it (`?user=…&password=…`)."""
    rest = address.partition("://")[2]
    return "@" in rest or bool(_SECRET_WORD.search(rest))


def _userinfo(rest: str) -> str:
    return rest.partition("/")[0].rpartition("@")[0]


def _without_user(rest: str) -> str:
    userinfo = _userinfo(rest)
    return rest[len(userinfo) + 1 :] if userinfo else rest
