"""Addresses of cameras, and the user and password in them."""

import re
from urllib.parse import quote

_SECRET_WORD = re.compile(r"(?i)(user|usr|login|pass|pwd|token|auth|key|secret)\w*=")


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
