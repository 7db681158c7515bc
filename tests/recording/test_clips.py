"""Clips on demand: made once, let go of, and what is said where that fails."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from pipeline.core.errors import UnavailableError
from pipeline.core.record import Kept, Record
from pipeline.recording.clips import UNUSED_S, Clips
from pipeline.recording.cut import cut
from tests.recording.cameras import EPOCH, Studio
from tests.recording.conftest import MakeStudio
from tests.system.clip_probe import probed


@pytest.fixture
def studio(make_studio: MakeStudio) -> Studio:
    """Twelve seconds of video in two files."""
    made = make_studio(record=Record(enabled=True, continuous=Kept(days=1)))
    made.play(12)
    made.end()
    return made


def files(studio: Studio) -> list[Path]:
    return sorted((studio.folder / "clips").iterdir())


async def test_it_says_what_time_it_is_of(studio: Studio) -> None:
    clip = await Clips(studio.folder, studio.index).clip("yard", EPOCH + 8.7, EPOCH + 11.0)
    assert clip is not None
    assert clip.started_at - EPOCH == pytest.approx(8.0)
    assert clip.ended_at - EPOCH == pytest.approx(11.0, abs=0.05)
    assert probed(clip.path).length_s == pytest.approx(3.0, abs=0.05)


async def test_who_asks_for_the_same_gets_the_same(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def counted(*arguments: object) -> object:
        made.append(arguments)
        return cut(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("pipeline.recording.clips.cut", counted)
    clips = Clips(studio.folder, studio.index)
    asked = [clips.clip("yard", EPOCH + 1, EPOCH + 5) for _ in range(5)]
    found = await asyncio.gather(*asked)
    assert len({clip.path for clip in found if clip}) == 1
    assert await clips.clip("yard", EPOCH + 1, EPOCH + 5) == found[0]
    assert (len(made), len(files(studio))) == (1, 1)


async def test_more_of_the_same_time_is_another_clip(studio: Studio) -> None:
    clips = Clips(studio.folder, studio.index)
    before = await clips.clip("yard", EPOCH + 8, EPOCH + 20)
    studio.hub.stream_opened(studio.clip.info)
    studio.play(4)
    studio.end()
    after = await clips.clip("yard", EPOCH + 8, EPOCH + 20)
    assert before and after and after.ended_at > before.ended_at + 3


async def test_nothing_was_recorded_then(studio: Studio) -> None:
    clips = Clips(studio.folder, studio.index)
    assert await clips.clip("yard", EPOCH + 100, EPOCH + 110) is None
    assert await clips.clip("attic", EPOCH + 1, EPOCH + 5) is None


async def test_a_file_that_has_gone_is_left_out(studio: Studio) -> None:
    first, second = studio.index.between("yard", EPOCH, EPOCH + 12)
    (studio.folder / first.path).unlink()
    clips = Clips(studio.folder, studio.index)
    clip = await clips.clip("yard", EPOCH + 8, EPOCH + 11)
    assert clip and clip.started_at == pytest.approx(EPOCH + 10)
    (studio.folder / second.path).unlink()
    assert await clips.clip("yard", EPOCH + 8, EPOCH + 11.5) is None


async def test_what_cannot_be_made_is_said_and_leaves_nothing(studio: Studio) -> None:
    (found, _) = studio.index.between("yard", EPOCH, EPOCH + 12)
    (studio.folder / found.path).write_bytes(b"no video at all")
    with pytest.raises(UnavailableError, match="the clip cannot be made: Invalid data"):
        await Clips(studio.folder, studio.index).clip("yard", EPOCH + 1, EPOCH + 5)
    assert files(studio) == []


async def test_what_nobody_asks_for_goes(studio: Studio) -> None:
    clips = Clips(studio.folder, studio.index, most_bytes=1)
    one = await clips.clip("yard", EPOCH + 1, EPOCH + 3)
    assert one
    clips.sweep()
    assert files(studio) == [], "it is too much"
    clips = Clips(studio.folder, studio.index)
    old, new = [await clips.clip("yard", EPOCH + at, EPOCH + 5) for at in (1, 2)]
    assert old and new
    long_ago = time.time() - UNUSED_S - 1
    os.utime(old.path, (long_ago, long_ago))
    clips.sweep()
    assert files(studio) == [new.path]
    assert await clips.clip("yard", EPOCH + 1, EPOCH + 5) == old, "it is made again"


async def test_they_go_first_where_there_is_no_room(studio: Studio) -> None:
    clips = Clips(studio.folder, studio.index)
    assert (await clips.oldest_at(), await clips.size_bytes()) == (None, 0)
    clip = await clips.clip("yard", EPOCH + 1, EPOCH + 3)
    assert clip
    size = clip.path.stat().st_size
    assert (await clips.oldest_at(), await clips.size_bytes()) == (float("-inf"), size)
    assert await clips.free(1) == size
    assert (await clips.oldest_at(), await clips.free(1), files(studio)) == (None, 0, [])


async def test_a_new_run_begins_without_any(studio: Studio) -> None:
    await Clips(studio.folder, studio.index).clip("yard", EPOCH + 1, EPOCH + 3)
    (studio.folder / "clips" / ".half.mp4.part").write_bytes(b"half")
    Clips(studio.folder, studio.index).prepare()
    assert files(studio) == []
