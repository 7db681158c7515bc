"""Addresses as Frigate and go2rtc write them → as Framewatch reads them."""

import re
from urllib.parse import quote

from pydantic import ValidationError

from pipeline import registry

_NAMED = re.compile(r"(?<!\$)\{(FRIGATE_\w+)\}")
_REFERENCE = re.compile(r"\$\{([A-Za-z_]\w*)\}")
_LOGIN = re.compile(r"(\w+://[\w${}-]+:)(\S+)@(.*)", re.DOTALL)
"""Up to the password, the password, and what comes behind it."""
_SAFE_IN_PASSWORD = "!$&'()*+,;=-._~"


def text(written: str) -> str:
    """A text that Framewatch does not look for references in."""
    return written.replace("${", "$${")


def address(written: str, *, shell: bool = False) -> str:
    """`{FRIGATE_NAME}` becomes `${FRIGATE_NAME}`; what must be escaped in a password is, unless it is already.

    With `shell`, `${NAME}` is a variable to whoever reads it (go2rtc, which wants passwords escaped), and stays one.
    """
    escaped = named(written, shell=shell)
    login = None if shell else _LOGIN.fullmatch(escaped)
    return f"{login[1]}{_quoted(login[2])}@{login[3]}" if login else escaped


def named(written: str, *, shell: bool = False) -> str:
    """A text that Frigate fills in as we do: `{FRIGATE_NAME}` becomes `${FRIGATE_NAME}`."""
    return re.sub(r"\$\{(\w*)\}?", lambda found: _kept(found, shell), _NAMED.sub(r"${\1}", written))


def variables(written: str) -> list[str]:
    """The names in `${NAME}`."""
    return [found[1] for found in _REFERENCE.finditer(written.replace("$${", ""))]


def filled(written: str) -> str:
    """With a value for each variable, to see whether the rest is right."""
    return _REFERENCE.sub("1", written.replace("$${", "{"))


def is_on_the_network(written: str) -> bool:
    scheme = written.partition("://")[0].lower()
    return "://" in written and registry.SCHEMES.get(scheme) in ("rtsp", "http")


def trouble(path: str) -> str:
    """Why Framewatch cannot open an address; empty where it can."""
    if not registry.is_known_address(path):
        return f"its scheme is none that Framewatch opens ({', '.join(registry.SCHEMES)})"
    try:
        registry.load("sources", registry.source_type(path)).Options(path=filled(path))
    except ValidationError as error:
        return f"Framewatch wants {error.errors()[0]['msg'].removeprefix('Value error, ')}"
    return ""


def _kept(found: re.Match[str], shell: bool) -> str:
    is_reference = _REFERENCE.fullmatch(found[0]) and (shell or found[1].startswith("FRIGATE_"))
    return found[0] if is_reference else text(found[0])


def _quoted(password: str) -> str:
    """What is escaped already stays so, and so do references."""
    parts = re.split(r"(\$\{\w+\}|%[0-9A-Fa-f]{2})", password)
    return "".join(part if at % 2 else quote(part, safe=_SAFE_IN_PASSWORD) for at, part in enumerate(parts))
