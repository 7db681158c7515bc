"""A clip with a box drawn into its pictures."""

from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.core.errors import UnavailableError
from pipeline.recording.burn import Task, burned
from tests.system.clip_probe import probed
from tests.system.clips import moving_mark
from tests.system.flashes import LENGTH_S, flashes, in_step

SIZE = (320, 180)
FPS = 25


def task(source: Path, **given: object) -> Task:
    """A box that goes from left to right within the clip's two seconds, from a second on."""
    plain: dict[str, object] = {
        "source": str(source),
        "target": str(source.with_name("burned.mp4")),
        "started_at": 1000.0,
        "ended_at": 1002.0,
        "label": "person",
        "score": 0.9,
        "attributes": {},
        "path": [(1001.0, 0.1, 0.3, 0.3, 0.7), (1002.0, 0.6, 0.3, 0.8, 0.7)],
        "until": None,
    }
    return Task(**(plain | given))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return moving_mark(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=2, size=SIZE, fps=FPS)


def rows(path: Path) -> list[NDArray[np.int16]]:
    """The middle row of each picture."""
    with av.open(str(path)) as file:
        return [frame.to_ndarray(format="rgb24")[SIZE[1] // 2].astype(np.int16) for frame in file.decode(video=0)]


def left_edges(clip: Path, drawn: Path) -> list[float | None]:
    """Where each picture is another one than before, first from the left; None where it is the same."""
    edges: list[float | None] = []
    for before, after in zip(rows(clip), rows(drawn), strict=True):
        other = np.flatnonzero(np.abs(after - before).sum(axis=1) > 150)
        edges.append(float(other[0] / SIZE[0]) if len(other) else None)
    return edges


async def test_the_box_is_where_the_object_was(clip: Path) -> None:
    await burned(task(clip))
    edges = left_edges(clip, clip.with_name("burned.mp4"))
    assert len(edges) == 2 * FPS
    assert edges[: FPS - 1] == [None] * (FPS - 1)
    for number in (FPS + 1, FPS + 12, 2 * FPS - 2):
        assert edges[number] == pytest.approx(0.1 + 0.5 * (number - FPS) / FPS, abs=0.03)


async def test_there_is_none_once_the_object_has_gone(clip: Path) -> None:
    await burned(task(clip, until=1001.5))
    edges = left_edges(clip, clip.with_name("burned.mp4"))
    assert edges[FPS + 6] is not None
    assert edges[-8:] == [None] * 8


async def test_a_clip_that_cannot_be_read_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "clip.mp4"
    broken.write_bytes(b"no video")
    with pytest.raises(UnavailableError, match=r"the boxes cannot be drawn: .*Invalid data"):
        await burned(task(broken))
    assert [*tmp_path.iterdir()] == [broken]


async def test_its_sound_goes_along(tmp_path: Path) -> None:
    clip = flashes(tmp_path / "clip.mp4")
    await burned(task(clip, ended_at=1000.0 + LENGTH_S))
    drawn = probed(clip.with_name("burned.mp4"))
    assert drawn.sound
    assert drawn.sound.length_s == pytest.approx(drawn.length_s, abs=0.1)
    assert in_step(clip.with_name("burned.mp4")) == 4
