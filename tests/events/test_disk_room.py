"""Room on the disk: what goes first, when it stops, and what is said when nothing may go any more."""

import logging
from pathlib import Path

import pytest

from pipeline.events.disk_room import GB, DiskRoom
from pipeline.store.schema import StoreError

TOTAL = 100 * GB


class Part:
    """Media of one kind, by when they began; each has one gigabyte. Takes room of `disk`."""

    def __init__(self, disk: "Disk", *ages: float) -> None:
        self._disk = disk
        self.ages = sorted(ages)
        disk.free -= len(ages) * GB

    async def size_bytes(self) -> int:
        return len(self.ages) * GB

    async def oldest_at(self) -> float | None:
        return self.ages[0] if self.ages else None

    async def free(self, wanted_bytes: int) -> int:
        """One at a time."""
        assert wanted_bytes > 0
        if not self.ages:
            return 0
        self.ages.pop(0)
        self._disk.free += GB
        return GB


class Disk:
    def __init__(self) -> None:
        self.free = TOTAL

    def usage(self, _folder: Path) -> tuple[int, int, int]:
        return TOTAL, TOTAL - self.free, self.free


@pytest.fixture
def disk() -> Disk:
    return Disk()


def room(disk: Disk, *parts: Part, min_free: float = 0, most: float | None = None) -> DiskRoom:
    most_bytes = None if most is None else round(most * GB)
    return DiskRoom(Path(), parts, min_free_bytes=round(min_free * GB), max_bytes=most_bytes, usage=disk.usage)


async def test_the_oldest_go_whatever_kind_they_are_of(disk: Disk) -> None:
    events, recordings = Part(disk, 1.0, 4.0, 5.0), Part(disk, 2.0, 3.0, 6.0)
    kept = room(disk, events, recordings, min_free=97.5)
    await kept.run_once()
    assert (events.ages, recordings.ages, kept.trouble) == ([5.0], [6.0], "")


async def test_with_room_enough_nothing_goes(disk: Disk) -> None:
    events = Part(disk, 1.0, 2.0)
    await room(disk, events, min_free=98, most=2).run_once()
    assert events.ages == [1.0, 2.0]


async def test_all_media_together_take_no_more_than_they_may(disk: Disk) -> None:
    events, recordings = Part(disk, 1.0, 4.0), Part(disk, 2.0, 3.0)
    await room(disk, events, recordings, most=2).run_once()
    assert (events.ages, recordings.ages) == ([4.0], [3.0])


async def test_a_disk_that_others_have_filled_is_told_until_there_is_room(
    disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    events = Part(disk, 1.0, 2.0)
    kept = room(disk, events, min_free=5)
    disk.free = GB
    for _ in range(3):
        await kept.run_once()
    wanted = "3.0 GB of 100.0 GB are free, wanted 5.0 GB (store.min_free); no media are left to remove"
    assert (events.ages, kept.trouble) == ([], wanted)
    disk.free = 6 * GB
    await kept.run_once()
    assert kept.trouble == ""
    said = [(record.levelno, record.getMessage()) for record in caplog.records]
    assert said == [
        (logging.WARNING, "2.0 GB of the oldest media are removed before their time: there was no room"),
        (logging.ERROR, f"disk: {wanted}"),
        (logging.WARNING, "disk: there is room again"),
    ]


async def test_what_is_to_be_kept_may_be_too_much(disk: Disk) -> None:
    kept = room(disk, Pinned(disk, 1.0, 2.0), most=1)
    await kept.run_once()
    wanted = "media take 2.0 GB, wanted at most 1.0 GB (store.max_media); all that is left is to be kept"
    assert kept.trouble == wanted


class Pinned(Part):
    async def oldest_at(self) -> float | None:
        return None


class Stuck(Part):
    """Its store cannot note what is gone for as long as less than so much is free."""

    needs = GB // 2

    async def free(self, wanted_bytes: int) -> int:
        if self._disk.free < self.needs:
            raise StoreError("events.db: database or disk is full")
        return await super().free(wanted_bytes)


async def test_on_a_full_disk_what_can_be_removed_makes_room_for_the_rest(disk: Disk) -> None:
    events, recordings = Stuck(disk, 1.0, 2.0), Part(disk, 3.0, 4.0)
    kept = room(disk, events, recordings, min_free=2)
    disk.free = 0
    await kept.run_once()
    assert (events.ages, recordings.ages, kept.trouble) == ([2.0], [4.0], "")


async def test_where_nothing_can_be_removed_it_is_told_why_and_how_much_is_missing(disk: Disk) -> None:
    kept = room(disk, Stuck(disk, 1.0), Part(disk), min_free=0.4)
    disk.free = 0
    await kept.run_once()
    assert kept.trouble == "events.db: database or disk is full"
    nothing_left = room(disk, Part(disk), min_free=0.4)
    disk.free = GB // 50
    await nothing_left.run_once()
    wanted = "20 MB of 100.0 GB are free, wanted 400 MB (store.min_free); no media are left to remove"
    assert nothing_left.trouble == wanted


async def test_a_disk_that_cannot_be_asked_is_told(tmp_path: Path) -> None:
    kept = DiskRoom(tmp_path / "nowhere", [], min_free_bytes=1)
    await kept.run_once()
    assert "No such file or directory" in kept.trouble


async def test_it_can_be_ended_at_any_time(disk: Disk) -> None:
    kept = room(disk)
    await kept.close()
    kept.start()
    await kept.close()
