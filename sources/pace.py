"""Holds packets back until they are due, as a camera would."""

from collections.abc import Iterable, Iterator
from typing import Protocol

import msgspec

from pipeline.core.clock import Clock
from pipeline.core.packet import Packet

_FORGIVEN_S = 1.0
"""A reader that fell behind by more (a laptop that slept) goes on from there instead of hurrying after."""


class Stop(Protocol):
    """`threading.Event`, or what stands in for it where time is not real."""

    def wait(self, timeout: float) -> bool:
        """True as soon as it is set, False after so many seconds."""
        ...


def at_their_time(packets: Iterable[Packet], clock: Clock, stop: Stop) -> Iterator[Packet]:
    """`packets` by their dts, each stamped when it is handed out; ends when `stop` is set, even while it waits."""
    begin_s: float | None = None
    for packet in packets:
        due_s = packet.dts_90k / 90_000
        now = clock.monotonic()
        if begin_s is None or now - begin_s - due_s > _FORGIVEN_S:
            begin_s = now - due_s
        if stop.wait(max(0.0, begin_s + due_s - now)):
            return
        yield msgspec.structs.replace(packet, captured_at=clock.time())
