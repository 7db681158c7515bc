"""Addresses as they may be shown: without what opens the door."""

from urllib.parse import urlsplit, urlunsplit


def redact_url(url: str) -> str:
    """`url` without user, password and query; a path or a device comes back unchanged."""
    if "://" not in url:
        return url
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))
