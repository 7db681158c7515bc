"""Makes guessing a token slow."""

from collections import OrderedDict
from ipaddress import IPv6Address, ip_address

from pipeline.core.clock import Clock

_FREE = 5
_LONGEST_WAIT_S = 60.0
_FORGOTTEN_AFTER_S = 900.0


class Attempts:
    """Counts wrong tokens by address: a few are free, then the wait doubles with each up to a minute.

    Remembers the latest `capacity` addresses; an IPv6 network of 64 bits counts as one.
    """

    def __init__(self, clock: Clock, *, capacity: int = 1024) -> None:
        self._clock = clock
        self._capacity = capacity
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait_s(self, address: str) -> float:
        """How long this address must wait before it may try again; 0 when it may."""
        count, failed_at = self._failures.get(_network(address), (0, 0.0))
        if count < _FREE:
            return 0.0
        wait_s = min(2.0 ** (count - _FREE), _LONGEST_WAIT_S)
        return max(0.0, failed_at + wait_s - self._clock.monotonic())

    def failed(self, address: str) -> None:
        now = self._clock.monotonic()
        count, failed_at = self._failures.pop(_network(address), (0, now))
        if now - failed_at > _FORGOTTEN_AFTER_S:
            count = 0
        self._failures[_network(address)] = (count + 1, now)
        while len(self._failures) > self._capacity:
            self._failures.popitem(last=False)

    def succeeded(self, address: str) -> None:
        self._failures.pop(_network(address), None)


def _network(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return parsed.exploded[:19] if isinstance(parsed, IPv6Address) else address
