"""When a clip begins and ends, for whoever plays several side by side."""

from pathlib import Path

import av
import pytest

from pipeline.core.footage import Clip, Segment
from pipeline.recording.clips import Clips
from tests.system.clips import moving_mark

AT = 1_800_000_000.0


class Index:
    """Two files that follow one another, 4 s each with a key frame each second."""

    def __init__(self, root: Path) -> None:
        self.segments = []
        for at in (AT, AT + 4):
            path = moving_mark(root / f"{at}.mp4", seconds=4, size=(320, 180))
            self.segments.append(Segment(str(at), "yard", at, at + 4, path.name, 1, frozenset(["continuous"])))

    def between(self, camera: str | None, begin: float, end: float) -> list[Segment]:
        return [each for each in self.segments if each.started_at < end and each.ended_at > begin]


@pytest.fixture
def clips(tmp_path: Path) -> Clips:
    return Clips(tmp_path, Index(tmp_path))


async def made(clips: Clips, begin: float, end: float) -> Clip:
    clip = await clips.clip("yard", begin, end)
    assert clip
    return clip


@pytest.mark.parametrize(
    ("begin", "end", "times"),
    [
        pytest.param(1.5, 3.0, (1.0, 3.0), id="from the key frame before"),
        pytest.param(2.0, 3.5, (2.0, 3.52), id="up to the end of the last picture"),
        pytest.param(3.2, 5.0, (3.0, 5.0), id="over the border of two files"),
        pytest.param(-9.0, 99.0, (0.0, 8.0), id="no more than there is"),
    ],
)
async def test_a_clip_knows_its_times(clips: Clips, begin: float, end: float, times: tuple[float, float]) -> None:
    clip = await made(clips, AT + begin, AT + end)
    assert (clip.started_at - AT, clip.ended_at - AT) == pytest.approx(times, abs=0.001)
    with av.open(str(clip.path)) as video:
        assert (video.duration or 0) / av.time_base == pytest.approx(times[1] - times[0], abs=0.001)


async def test_one_that_was_made_before_still_knows_them(clips: Clips) -> None:
    first = await made(clips, AT + 1.5, AT + 3)
    assert await made(clips, AT + 1.5, AT + 3) == first
    clips.prepare()
    assert not first.path.exists()
    assert await made(clips, AT + 1.5, AT + 3) == first
    assert first.path.exists()
