"""Addresses as they may be shown: without what opens the door."""

import re
from collections.abc import Iterable

_WORD = re.compile(r"\S+")
_PASSWORDS = re.compile(r"(?<=[:=])[^/:@&=#?\s]+(?=[@&#]|$)")
"""What of an address is no address: a password, the values of its query."""
_SHORTEST_SECRET = 4
"""What is shorter stands in other words by chance."""
_QUERY = re.compile(r"[?#][^\s'\"]*")


def redact_url(url: str) -> str:
    """`url` without user, password and query; a path or a device comes back unchanged.

    What is before the last `@` goes, even where a password with a `/` or `#` in it makes the address a wrong one.
    """
    scheme, found, rest = url.partition("://")
    if not found:
        return url
    address = rest.rpartition("@")[2]
    return f"{scheme}://{address.partition('?')[0].partition('#')[0]}"


def redact_text(text: str) -> str:
    """`text` with every address in it redacted.

    Of each line goes what is between the first `://` and the last `@`: a password may have anything in it, and rather
    too much is lost than too little.
    """
    return "\n".join(map(_redact_line, text.split("\n")))


def _redact_line(line: str) -> str:
    head, found, rest = line.partition("://")
    return _WORD.sub(_without_query, f"{head}://{rest.rpartition('@')[2]}") if found else line


def _without_query(word: re.Match[str]) -> str:
    head, found, rest = word[0].partition("://")
    return f"{head}://{_QUERY.sub('', rest)}" if found else word[0]


def redact_secrets(text: str, secrets: Iterable[str]) -> str:
    """`text` with its addresses redacted and without any of `secrets`; of those that are addresses the host stays."""
    text = redact_text(text)
    for secret in secrets:
        if "://" in secret:
            shown = redact_url(secret)
            text = text.replace(shown, "/".join([*shown.split("/")[:3], "…"]) if shown.count("/") > 2 else shown)
        for word in _PASSWORDS.findall(secret) if "://" in secret else secret.split():
            text = text.replace(word, "…") if len(word) >= _SHORTEST_SECRET else text
    return text
