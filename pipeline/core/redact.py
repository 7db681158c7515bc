"""Addresses as they may be shown: without what opens the door."""


def redact_url(url: str) -> str:
    """`url` without user, password and query; a path or a device comes back unchanged.

    What is before the last `@` goes, even where a password with a `/` or `#` in it makes the address a wrong one.
    """
    scheme, found, rest = url.partition("://")
    if not found:
        return url
    address = rest.rpartition("@")[2]
    return f"{scheme}://{address.partition('?')[0].partition('#')[0]}"
