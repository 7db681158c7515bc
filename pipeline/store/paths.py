"""Where objects were, and when: few boxes for each object's event, between which it moved evenly."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import Connection, literal, select, update

from pipeline.core.event_path import PathPoint, between
from pipeline.core.messages import FrameResult
from pipeline.core.objects import TrackedObject
from pipeline.store.database import insert_into
from pipeline.store.schema import event_paths, events

STEP = 0.01
"""Of the picture: an edge that moves less has not moved, and what is nearer to an even motion is left out of it."""
MOST_POINTS = 200
REMEMBERED = 1024
"""Objects, of all cameras together: whoever comes back goes on with the path of before."""

_decoder = msgspec.json.Decoder(list[PathPoint])


class ObjectPaths:
    """For one thread; bounded."""

    def __init__(self) -> None:
        self._paths: OrderedDict[str, list[PathPoint]] = OrderedDict()
        self._changed: dict[str, None] = {}

    def update(self, result: FrameResult) -> None:
        for seen in result.objects:
            if seen.measured and seen.confirmed:
                self._see(seen, result.captured_at)

    def take(self, event_ids: Sequence[str]) -> dict[str, list[PathPoint]]:
        """The paths of these that have changed since they were taken last."""
        return {event_id: self._thinned(event_id) for event_id in event_ids if event_id in self._changed}

    def take_all(self) -> dict[str, list[PathPoint]]:
        return self.take([*self._changed])

    def _thinned(self, event_id: str) -> list[PathPoint]:
        del self._changed[event_id]
        path = self._paths[event_id] = thinned(self._paths[event_id], STEP)
        return [*path]

    def _see(self, seen: TrackedObject, at: float) -> None:
        path = self._paths.setdefault(seen.root, [])
        self._paths.move_to_end(seen.root)
        x1, y1, x2, y2 = (round(edge, 4) for edge in seen.box)
        point = (round(at, 2), x1, y1, x2, y2)
        if path and at <= path[-1][0]:
            return
        if len(path) > 1 and _moved(path[-2], path[-1]) < STEP and _moved(path[-2], point) < STEP:
            path[-1] = point  # it still stands there, which is no news
            return
        path.append(point)
        self._changed[seen.root] = None
        if len(path) > MOST_POINTS:
            self._paths[seen.root] = _halved(path)
        if len(self._paths) > REMEMBERED:
            gone, _ = self._paths.popitem(last=False)
            self._changed.pop(gone, None)


def _halved(path: list[PathPoint]) -> list[PathPoint]:
    """As near to where it was as half as many points can be."""
    step = STEP
    while len(path) > MOST_POINTS // 2:
        path, step = thinned(path, step), 2 * step
    return path


def thinned(path: Sequence[PathPoint], step: float) -> list[PathPoint]:
    """Ramer-Douglas-Peucker, in time: no edge of a box left out is further than `step` from an even motion."""
    kept = [False] * len(path)
    stretches = [(0, len(path) - 1)] if path else []
    while stretches:
        first, last = stretches.pop()
        kept[first] = kept[last] = True
        if last - first < 2:
            continue
        distance, middle = max((_distance(path[at], path[first], path[last]), at) for at in range(first + 1, last))
        if distance > step:
            stretches += [(first, middle), (middle, last)]
    return [point for point, is_kept in zip(path, kept, strict=True) if is_kept]


def _distance(point: PathPoint, start: PathPoint, end: PathPoint) -> float:
    """Of the edge that is furthest from where it would be if the box had moved evenly."""
    return _moved(point, (point[0], *between(start, end, point[0])))


def _moved(one: PathPoint, other: PathPoint) -> float:
    return max(abs(a - b) for a, b in zip(one[1:], other[1:], strict=True))


def write_paths(connection: Connection, paths: Mapping[str, Sequence[PathPoint]]) -> None:
    """Of those events that are there."""
    for event_id, path in paths.items():
        document = msgspec.json.encode(path).decode()
        replaced = update(event_paths).where(event_paths.c.event_id == event_id).values(path=document)
        if connection.execute(replaced).rowcount:
            continue
        known = select(events.c.id, literal(document)).where(events.c.id == event_id)
        insert = insert_into(event_paths, connection.dialect.name).from_select(["event_id", "path"], known)
        connection.execute(insert)


def read_path(connection: Connection, event_id: str) -> list[PathPoint]:
    """Empty where none is known."""
    document = connection.scalar(select(event_paths.c.path).where(event_paths.c.event_id == event_id))
    return [] if document is None else _decoder.decode(document)
