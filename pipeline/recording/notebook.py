"""What one recorder has noted of its files, and has yet to note."""

from collections import deque
from collections.abc import Sequence
from typing import Protocol

from msgspec.structs import replace

from pipeline.core.footage import Kind, Segment
from pipeline.recording.wanted import Wanted

LATE_S = 60.0
"""How long a file that is finished may still turn out to be wanted for one reason more."""


class Index(Protocol):
    """Where it is noted what there is; methods block and raise OSError."""

    def add(self, segments: Sequence[Segment]) -> None: ...

    def mark(self, ids: Sequence[str], kinds: frozenset[Kind]) -> None:
        """They are kept for these reasons, too."""
        ...


class Notebook:
    """For one thread; methods raise OSError, and what could not be noted is noted the next time."""

    def __init__(self, index: Index, wanted: Wanted) -> None:
        self._index = index
        self._wanted = wanted
        self._waiting: list[Segment] = []
        self._late: deque[Segment] = deque(maxlen=16)

    def note(self, segment: Segment | None) -> None:
        """With those that the index did not take before."""
        if segment:
            self._waiting.append(self._with_reasons(segment))
        if self._waiting:
            self._index.add(self._waiting)
            self._late.extend(self._waiting)
            self._waiting = []

    def mark_late(self, now: float) -> None:
        """An event is told a moment after it began, which may have been in the file before; `now` is UTC seconds."""
        while self._late and self._late[0].ended_at < now - LATE_S:
            self._late.popleft()
        for place, segment in enumerate(self._late):
            known = self._with_reasons(segment)
            if known != segment:
                self._index.mark([segment.id], known.kinds)
                self._late[place] = known

    def _with_reasons(self, segment: Segment) -> Segment:
        return replace(segment, kinds=segment.kinds | self._wanted.kinds(segment.started_at, segment.ended_at))
