"""Which times of a camera are to be kept, and why."""

from bisect import insort
from collections.abc import Iterable
from math import inf
from threading import Lock

from pipeline.core.footage import Kind

REMEMBERED_S = 300.0
_MOST_SPANS = 1000


class Wanted:
    """Spans of time (UTC seconds) by kind; those that overlap become one. Safe from any thread.

    What lies further back than REMEMBERED_S from the newest has been decided long ago and is forgotten. `always`
    is wanted at all times.
    """

    def __init__(self, always: Iterable[Kind] = ()) -> None:
        self.changes = 0
        """Grows whenever more is wanted than before."""
        self._news_from = inf
        self._always = frozenset(always)
        self._lock = Lock()
        self._spans: dict[Kind, list[tuple[float, float]]] = {}

    def keep(self, kind: Kind, begin: float, end: float) -> None:
        with self._lock:
            spans = self._spans.setdefault(kind, [])
            if any(known_begin <= begin and end <= known_end for known_begin, known_end in spans):
                return
            covering = [known_end for known_begin, known_end in spans if known_begin <= begin <= known_end]
            self._news_from = min(self._news_from, max(covering, default=begin))
            joined = [span for span in spans if span[0] <= end and begin <= span[1]]
            for span in joined:
                spans.remove(span)
            begin = min([begin, *(span[0] for span in joined)])
            end = max([end, *(span[1] for span in joined)])
            insort(spans, (begin, end))
            newest = spans[-1][1]
            spans[:] = [span for span in spans if span[1] > newest - REMEMBERED_S][-_MOST_SPANS:]
            self.changes += 1

    def has_news(self, before: float) -> bool:
        """Whether more is wanted of the time before that (UTC seconds) than whoever `has_seen` knows."""
        with self._lock:
            return self._news_from < before

    def has_seen(self, changes: int) -> None:
        """All that was wanted at so many `changes` is done, or waits for its time."""
        with self._lock:
            if changes == self.changes:
                self._news_from = inf

    def kinds(self, begin: float, end: float) -> frozenset[Kind]:
        """Why anything between the two times is wanted; empty where it is not."""
        with self._lock:
            asked = {kind for kind, spans in self._spans.items() if any(b < end and begin < e for b, e in spans)}
        return self._always | asked
