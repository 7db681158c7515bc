"""Addresses of cameras and servers on the network."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr


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
