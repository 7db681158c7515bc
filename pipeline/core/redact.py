"""Addresses as they may be shown: without what opens the door."""

import re

_WORD = re.compile(r"\S+")
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
