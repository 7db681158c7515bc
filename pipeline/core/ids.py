"""Ids that are unique over cameras, processes and restarts, and sort by time."""

from secrets import token_hex


def new_id(at: float) -> str:
    """`<milliseconds since the epoch, hexadecimal>-<random>`, for something that began at `at` (UTC seconds)."""
    return f"{int(at * 1000):011x}-{token_hex(4)}"
