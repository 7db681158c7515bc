"""Who did what, and when."""

from typing import Literal

import msgspec

AuditAction = Literal[
    "events.reviewed",
    "events.unreviewed",
    "events.pinned",
    "events.unpinned",
    "events.deleted",
    "config.areas",
    "config.camera_added",
    "camera.on",
    "camera.off",
    "alerts.profile",
    "alerts.snoozed",
    "alerts.woken",
    "alerts.sent_again",
    "alerts.tested",
]


class AuditEntry(msgspec.Struct, frozen=True):
    """`at` is UTC seconds; `who` the address, or sink, that it was asked from; `subjects` ids of events, or names."""

    id: int
    at: float
    who: str
    action: str
    subjects: list[str]
