"""Why a rule kept silent about an object that it nearly told of."""

from typing import Any

import msgspec

from pipeline.core.objects import TrackedObject


class NearMiss(msgspec.Struct, frozen=True, kw_only=True):
    """Yielded by a rule among its events; the object's event has it in `data.near_misses`.

    `rule` is the type of the event that there would have been, `why` what was missing (`inertia 2 of 3`), and `near`
    how near it came, 0..1: of several misses at one place the nearest is kept.
    """

    object_id: str
    rule: str
    why: str
    zone: str | None = None
    line: str | None = None
    near: float = 1.0

    @property
    def place(self) -> tuple[str, str | None, str | None]:
        return self.rule, self.zone, self.line

    def facts(self) -> dict[str, Any]:
        """What the event says of it."""
        where = {key: name for key, name in (("zone", self.zone), ("line", self.line)) if name is not None}
        return {"rule": self.rule, **where, "why": self.why}


def missed(
    rule: str, about: TrackedObject, why: str, *, zone: str | None = None, line: str | None = None, near: float = 1.0
) -> NearMiss:
    return NearMiss(object_id=about.root, rule=rule, why=why, zone=zone, line=line, near=round(near, 3))
