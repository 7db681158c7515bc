from collections.abc import Collection
from pathlib import Path

import pytest

from pipeline.core.clock import ManualClock
from pipeline.core.event import Event
from pipeline.core.footage import Kind, Segment
from pipeline.core.record import Alerts, Detections, Kept, KeptOfAlerts, KeptOfDetections, Record
from pipeline.core.retain import Keep
from pipeline.recording.retention import RecordingRetention
from pipeline.recording.shelf import Shelf
from pipeline.store.store import EventStore, StoreError

DAY = 86_400.0
NOW = 1_800_000_000.0
RECORD = Record(
    enabled=True,
    continuous=Kept(days=1),
    motion=Kept(days=3),
    detections=Detections(retain=KeptOfDetections(days=7)),
    alerts=Alerts(retain=KeptOfAlerts(days=14)),
)


class Archive:
    """Recordings of so many days ago, a thousand bytes each."""

    def __init__(self, root: Path, store: EventStore) -> None:
        self.shelf = Shelf(root)
        self.store = store
        self.index = store.recordings
        self.without_clip: list[str] = []
        self.records = {"yard": RECORD, "attic": RECORD}
        root.mkdir()

    def add(self, days_ago: float, *kinds: Kind, camera: str = "yard") -> str:
        at = NOW - days_ago * DAY
        segment_id = f"{int(at * 1000):011x}-{camera}-{'-'.join(kinds)}"
        unfinished = self.shelf.unfinished(segment_id, camera)
        unfinished.write_bytes(bytes(1000))
        path = self.shelf.finish(unfinished)
        self.index.add([Segment(segment_id, camera, at - 10, at, path, 1000, frozenset(kinds))])
        return segment_id

    def event(self, days_ago: float, *, pinned: bool = False, reviewed: bool = False, camera: str = "yard") -> None:
        at = NOW - days_ago * DAY
        event = Event(id=f"{camera} {days_ago:.0f}", type="zone_enter", camera=camera, started_at=at, clip="ready")
        event.ended_at, event.state = at, "end"
        self.store.save(event).result()
        if pinned:
            self.store.pin([event.id], True).result()
        if reviewed:
            self.store.review([event.id], True).result()

    def left(self) -> set[str]:
        noted = {found.id for found in self.index.between(None, 0, 1e11)}
        assert {path.stem for path in self.shelf.files()} == noted, "files and rows agree"
        return noted

    def _gone(self, camera: str, begin: float, end: float) -> None:
        self.without_clip += [event.id for event in self.index.without_clip(camera, begin, end)]

    def retention(self, *keep: Keep) -> RecordingRetention:
        def keep_of(_camera: str) -> Collection[Keep]:
            return keep

        record_of = self.records.__getitem__
        return RecordingRetention(self.index, self.shelf, ManualClock(NOW), record_of, keep_of, self._gone)


@pytest.fixture
def archive(tmp_path: Path, store: EventStore) -> Archive:
    return Archive(tmp_path / "media", store)


async def test_each_is_kept_for_as_long_as_its_best_reason_says(archive: Archive) -> None:
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
    gone = await archive.retention().sweep()
    assert (gone, archive.left()) == (5, set(kept))


async def test_each_camera_has_its_own_days(archive: Archive) -> None:
    archive.add(2, "alert", camera="yard")
    kept = archive.add(2, "alert", camera="attic")
    archive.records["yard"] = Record(enabled=True, alerts=Alerts(retain=KeptOfAlerts(days=1)))
    await archive.retention().sweep()
    assert archive.left() == {kept}


async def test_the_oldest_go_where_there_is_no_room(archive: Archive) -> None:
    added = [archive.add(hours / 24, "alert") for hours in range(10)]
    retention = archive.retention()
    assert await retention.size_bytes() == 10_000
    assert await retention.oldest_at() == pytest.approx(NOW - 9 / 24 * DAY - 10)
    assert await retention.free(2_500) == 3_000
    assert archive.left() == set(added[:7])
    while await retention.free(50_000):
        pass
    assert (archive.left(), await retention.oldest_at(), await retention.size_bytes()) == (set(), None, 0)


async def test_what_shows_a_pinned_event_stays(archive: Archive) -> None:
    kept = [archive.add(days, "detection") for days in (20.0, 20.0 + 30 / DAY)]
    archive.event(20.0 + 5 / DAY, pinned=True)
    archive.add(20.1, "detection")
    archive.add(20.0, "detection", camera="attic")
    archive.add(30.0, "detection")
    archive.event(30.0, reviewed=True)
    assert await archive.retention("pinned").sweep() == 3
    assert archive.left() == set(kept)
    assert await archive.retention("pinned").oldest_at() is None
    assert await archive.retention("pinned").free(1) == 0


async def test_what_shows_a_reviewed_event_stays_where_that_is_wished(archive: Archive) -> None:
    kept = archive.add(30.0, "detection")
    archive.event(30.0, reviewed=True)
    assert await archive.retention("pinned", "reviewed").sweep() == 0
    assert archive.left() == {kept}


async def test_events_whose_recording_has_gone_are_told(archive: Archive) -> None:
    archive.add(9.0, "detection")
    archive.event(9.0 + 5 / DAY)
    archive.add(10.0, "detection")
    archive.event(10.0 + 5 / DAY)
    archive.event(10.0 + 5 / DAY, camera="attic")
    archive.add(11.0, "detection")
    archive.event(11.0 + 5 / DAY, pinned=True)
    await archive.retention("pinned").sweep()
    assert sorted(archive.without_clip) == ["yard 10", "yard 9"]


async def test_empty_folders_go_as_well(archive: Archive) -> None:
    archive.add(20, "alert")
    await archive.retention().sweep()
    assert [*(archive.shelf.root / "recordings").iterdir()] == []


async def test_what_the_index_could_not_be_told_is_told_at_the_next_sweep(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk files can be removed while nothing can be written."""
    added = [archive.add(hours / 24, "alert") for hours in range(5)]
    archive.event(4 / 24 + 5 / DAY)
    retention = archive.retention()

    def full(_ids: object) -> None:
        raise StoreError("events.db: database or disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(archive.index, "remove", full)
        for _ in range(2):
            with pytest.raises(StoreError):
                await retention.free(2_000)
    assert {path.stem for path in archive.shelf.files()} == set(added[:1]), "what is gone counts once"
    assert await retention.sweep() == 0
    assert archive.left() == set(added[:1])
    assert archive.without_clip == ["yard 0"]
