"""The table of recordings: which file has which seconds of which camera, and why it is kept."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Float,
    Index,
    Integer,
    Row,
    Table,
    Text,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy import insert as plain_insert

from pipeline.core.event import Event
from pipeline.core.footage import KINDS, Kind, Segment
from pipeline.core.retain import Keep
from pipeline.events.document import of_document
from pipeline.events.migrations.types import Key, Seq
from pipeline.events.schema import events, metadata

recordings = Table(
    "recordings",
    metadata,
    Column("id", Key, primary_key=True),
    Column("camera", Key, nullable=False),
    Column("started_at", Float, nullable=False),
    Column("ended_at", Float, nullable=False),
    Column("path", Text, nullable=False),
    Column("bytes", Seq, nullable=False),
    Column("kinds", Integer, nullable=False),
    Index("recordings_by_camera", "camera", "started_at"),
    Index("recordings_by_end", "camera", "kinds", "ended_at"),
    Index("recordings_by_time", "started_at"),
)
"""One row for each file; `kinds` is a set of bits, in the order of KINDS."""

AROUND_S = 60.0
"""So long before and after an event its recording may begin and end."""
LONGEST_CLIP_S = 86_400.0
"""Of what goes on for longer nobody looks whether the last of its clip has gone."""
LONGEST_EVENT_S = 7 * 86_400.0
"""What is kept for the sake of an event is looked for no longer after it began."""
LONGEST_S = 300.0
"""No file is longer; whoever looks for what was recorded at a time need not look further back."""
_BITS: Mapping[Kind, int] = {kind: 1 << place for place, kind in enumerate(KINDS)}
_ALL = (1 << len(KINDS)) - 1


class Recordings:
    """Methods block until it is done and raise StoreError; from any thread but an event loop's."""

    def __init__(
        self,
        reading: Callable[[], AbstractContextManager[Connection]],
        edit: Callable[[Callable[[Connection], Any]], Future[Any]],
    ) -> None:
        self._reading = reading
        self._edit = edit

    def add(self, segments: Sequence[Segment]) -> None:
        rows = [_row(segment) for segment in segments]
        self._edit(lambda connection: connection.execute(plain_insert(recordings), rows)).result()

    def mark(self, ids: Sequence[str], kinds: Iterable[Kind]) -> None:
        """They are kept for these reasons, too."""
        self._mark(recordings.c.id.in_(ids), kinds)

    def alert_between(self, camera: str, begin: float, end: float) -> None:
        """What was kept as a detection is kept as an alert, too."""
        is_detection = recordings.c.kinds.op("&")(_BITS["detection"]) != 0
        self._mark(and_(_between(camera, begin, end), is_detection), ["alert"])

    def remove(self, ids: Sequence[str]) -> None:
        self._edit(lambda connection: connection.execute(delete(recordings).where(recordings.c.id.in_(ids)))).result()

    def between(self, camera: str | None, begin: float, end: float) -> list[Segment]:
        """What has any of this time, the oldest first."""
        return self._segments(_between(camera, begin, end))

    def expired(self, camera: str, before: Mapping[Kind, float], keep: Collection[Keep], limit: int) -> list[Segment]:
        """What ended before the time of each of its kinds, but for what shows events that are to be kept."""
        over = [and_(recordings.c.kinds == bits, recordings.c.ended_at < at) for bits, at in _cutoffs(before)]
        return self._segments(and_(recordings.c.camera == camera, or_(*over), ~_shows_kept(keep)), limit)

    def oldest(self, keep: Mapping[str, Collection[Keep]], limit: int) -> list[Segment]:
        """Of all cameras; `keep` says for each what it keeps in any case."""
        kept = [and_(recordings.c.camera == camera, _shows_kept(kinds)) for camera, kinds in keep.items()]
        return self._segments(~or_(False, *kept), limit)

    def without_clip(self, camera: str, begin: float, end: float) -> list[Event]:
        """Events of that time that are said to have a clip, of which nothing is there any more."""
        over = func.coalesce(events.c.ended_at, events.c.started_at)
        is_there = exists().where(
            recordings.c.camera == camera,
            recordings.c.started_at <= over,
            recordings.c.started_at > events.c.started_at - LONGEST_S,
            recordings.c.ended_at >= events.c.started_at,
        )
        wanted = select(events.c.document).where(
            events.c.camera == camera,
            events.c.clip == "ready",
            events.c.started_at > begin - LONGEST_CLIP_S,
            events.c.started_at < end + AROUND_S,
            over > begin - AROUND_S,
            ~is_there,
        )
        with self._reading() as connection:
            return [of_document(document) for document in connection.scalars(wanted)]

    def cameras(self) -> list[str]:
        with self._reading() as connection:
            return [*connection.scalars(select(recordings.c.camera).distinct())]

    def paths(self) -> dict[str, str]:
        """The file of each, by id."""
        with self._reading() as connection:
            return {row.id: row.path for row in connection.execute(select(recordings.c.id, recordings.c.path))}

    def bytes(self) -> int:
        with self._reading() as connection:
            return int(connection.execute(select(func.coalesce(func.sum(recordings.c.bytes), 0))).scalar_one())

    def _mark(self, which: Any, kinds: Iterable[Kind]) -> None:
        bits = _bits(kinds)
        change = update(recordings).where(which).values(kinds=recordings.c.kinds.op("|")(bits))
        self._edit(lambda connection: connection.execute(change)).result()

    def _segments(self, which: Any, limit: int | None = None) -> list[Segment]:
        wanted = select(recordings).where(which).order_by(recordings.c.started_at).limit(limit)
        with self._reading() as connection:
            return [_segment(row) for row in connection.execute(wanted).all()]


def _between(camera: str | None, begin: float, end: float) -> Any:
    started_at = recordings.c.started_at
    time = and_(started_at < end, started_at > begin - LONGEST_S, recordings.c.ended_at > begin)
    return time if camera is None else and_(recordings.c.camera == camera, time)


def _shows_kept(keep: Collection[Keep]) -> ColumnElement[bool]:
    """Whether it is of the time of an event that somebody has pinned (or seen to, where that keeps it)."""
    marks = [events.c[mark] == 1 for mark in keep]
    return exists().where(
        or_(False, *marks),
        events.c.camera == recordings.c.camera,
        events.c.started_at < recordings.c.ended_at + AROUND_S,
        events.c.started_at > recordings.c.started_at - LONGEST_EVENT_S,
        func.coalesce(events.c.ended_at, events.c.started_at) > recordings.c.started_at - AROUND_S,
    )


def _cutoffs(before: Mapping[Kind, float]) -> Iterable[tuple[int, float]]:
    """The time for every set of kinds: the earliest of those that are in it."""
    for bits in range(1, _ALL + 1):
        yield bits, min(at for kind, at in before.items() if bits & _BITS[kind])
    yield 0, max(before.values())


def _bits(kinds: Iterable[Kind]) -> int:
    return sum(_BITS[kind] for kind in frozenset(kinds))


def _row(segment: Segment) -> dict[str, Any]:
    return {
        "id": segment.id,
        "camera": segment.camera,
        "started_at": segment.started_at,
        "ended_at": segment.ended_at,
        "path": segment.path,
        "bytes": segment.bytes,
        "kinds": _bits(segment.kinds),
    }


def _segment(row: Row[Any]) -> Segment:
    kinds = frozenset(kind for kind, bit in _BITS.items() if row.kinds & bit)
    return Segment(row.id, row.camera, row.started_at, row.ended_at, row.path, row.bytes, kinds)
