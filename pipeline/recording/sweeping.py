"""Files and their index made to agree, after whatever happened to the run before."""

import logging
from collections.abc import Mapping, Sequence
from typing import Protocol

from pipeline.core.footage import Segment
from pipeline.recording.shelf import Shelf

log = logging.getLogger(__name__)


class Index(Protocol):
    def paths(self) -> Mapping[str, str]: ...

    def add(self, segments: Sequence[Segment]) -> None: ...

    def remove(self, ids: Sequence[str]) -> None: ...


def sweep(shelf: Shelf, index: Index) -> None:
    """What was not finished is cut to what is whole; files are noted, and rows without a file removed.

    Raises StoreError or OSError.
    """
    shelf.recover()
    noted, there = index.paths(), {str(path) for path in shelf.files()}
    missing = [segment_id for segment_id, path in noted.items() if path not in there]
    if missing:
        index.remove(missing)
    known = set(noted.values())
    found = [segment for segment in shelf.strangers(known) if segment.id not in noted or segment.id in missing]
    if found:
        index.add(found)
        log.warning("%d recordings that an earlier run had no time to note are there again", len(found))
    if missing:
        log.warning("%d recordings are not there any more", len(missing))
