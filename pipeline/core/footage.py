"""What is recorded: pieces of one camera's video, and how recording does."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, get_args

import msgspec

Kind = Literal["continuous", "motion", "detection", "alert"]
"""Why a piece is kept."""
KINDS: tuple[Kind, ...] = get_args(Kind)


class Segment(msgspec.Struct, frozen=True):
    """One file with some seconds of a camera's video; times are UTC seconds, `path` is relative to the media folder."""

    id: str
    camera: str
    started_at: float
    ended_at: float
    path: str
    bytes: int
    kinds: frozenset[Kind]


class Span(msgspec.Struct, frozen=True):
    """A stretch of a camera's video without a gap, kept for the same reasons all through."""

    camera: str
    started_at: float
    ended_at: float
    kinds: list[Kind]
    bytes: int


class Clip(msgspec.Struct, frozen=True):
    """A file, when its first picture was taken and when its last one ends (UTC seconds)."""

    path: Path
    started_at: float
    ended_at: float


RecordingState = Literal["off", "waiting", "ready", "recording", "paused"]


class RecordingStatus(msgspec.Struct, frozen=True):
    """`waiting` while the camera has no picture, `ready` while there is nothing to be kept, `paused` when it fails."""

    state: RecordingState = "off"
    reason: str = ""
    """Why it is paused, in words that a person can act on."""
    dropped: int = 0
    """Packets that should have been kept and were not, since the start."""
    written_bytes: int = 0
    """Since the start."""
    sound: bool = False
    """Whether there is sound to be recorded with the pictures."""


def in_order(kinds: Iterable[Kind]) -> list[Kind]:
    known = frozenset(kinds)
    return [kind for kind in KINDS if kind in known]
