import shutil
from pathlib import Path

import pytest

from pipeline.core.footage import Kind, Segment
from pipeline.core.record import Alerts, Detections, Kept, Record
from pipeline.events.store import EventStore
from pipeline.recording.retention import Retention
from pipeline.recording.shelf import Shelf

DAY = 86_400.0
NOW = 1_800_000_000.0
RECORD = Record(
    enabled=True,
    continuous=Kept(days=1),
    motion=Kept(days=3),
    detections=Detections(retain=Kept(days=7)),
    alerts=Alerts(retain=Kept(days=14)),
)


class Archive:
    """Recordings of so many days ago, a thousand bytes each."""

    def __init__(self, root: Path, store: EventStore) -> None:
        self.shelf = Shelf(root)
        self.index = store.recordings
        root.mkdir()

    def add(self, days_ago: float, *kinds: Kind, camera: str = "yard") -> str:
        at = NOW - days_ago * DAY
        segment_id = f"{int(at * 1000):011x}-{camera}-{'-'.join(kinds)}"
        unfinished = self.shelf.unfinished(segment_id, camera)
        unfinished.write_bytes(bytes(1000))
        path = self.shelf.finish(unfinished)
        self.index.add([Segment(segment_id, camera, at - 10, at, path, 1000, frozenset(kinds))])
        return segment_id

    def left(self) -> set[str]:
        noted = {found.id for found in self.index.between(None, 0, 1e11)}
        assert {path.stem for path in self.shelf.files()} == noted, "files and rows agree"
        return noted


@pytest.fixture
def archive(tmp_path: Path, store: EventStore) -> Archive:
    return Archive(tmp_path / "media", store)


def test_each_is_kept_for_as_long_as_its_best_reason_says(archive: Archive) -> None:
    kept = [
        archive.add(0.9, "continuous"),
        archive.add(2.9, "continuous", "motion"),
        archive.add(6.9, "detection"),
        archive.add(6.8, "continuous", "detection"),
        archive.add(13.9, "alert", "motion"),
    ]
    archive.add(1.1, "continuous")
    archive.add(3.1, "motion")
    archive.add(7.1, "detection", "motion")
    archive.add(14.1, "alert")
    archive.add(15.0)
    gone = Retention(archive.index, archive.shelf).sweep(NOW, lambda _: RECORD)
    assert (gone, archive.left()) == (5, set(kept))


def test_each_camera_has_its_own_days(archive: Archive) -> None:
    archive.add(2, "alert", camera="yard")
    kept = archive.add(2, "alert", camera="attic")
    short = Record(enabled=True, alerts=Alerts(retain=Kept(days=1)))
    Retention(archive.index, archive.shelf).sweep(NOW, {"yard": short, "attic": RECORD}.__getitem__)
    assert archive.left() == {kept}


def test_the_oldest_go_where_there_are_too_many(archive: Archive) -> None:
    added = [archive.add(hours / 24, "alert") for hours in range(10)]
    gone = Retention(archive.index, archive.shelf, most_bytes=4_500).sweep(NOW, lambda _: RECORD)
    assert (gone, archive.left()) == (6, set(added[:4]))


def test_the_oldest_go_where_the_disk_gets_full(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the disk says of itself is made up; it has as much more room as was removed."""
    added = [archive.add(hours / 24, "alert") for hours in range(10)]

    def usage(_: object) -> shutil._ntuple_diskusage:
        used = 1000 * sum(1 for _ in archive.shelf.files())
        return shutil._ntuple_diskusage(20_000, used, 20_000 - used - 8_000)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    Retention(archive.index, archive.shelf, free_bytes=6_000).sweep(NOW, lambda _: RECORD)
    assert archive.left() == set(added[:6])


def test_empty_folders_go_as_well(archive: Archive) -> None:
    archive.add(20, "alert")
    Retention(archive.index, archive.shelf).sweep(NOW, lambda _: RECORD)
    assert [*(archive.shelf.root / "recordings").iterdir()] == []
