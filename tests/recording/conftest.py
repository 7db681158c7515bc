from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from pipeline.recording.shelf import OpenFile, open_unbuffered
from pipeline.store.store import EventStore
from tests.recording.cameras import Clip, Studio
from tests.system.clips import moving_mark

MakeStudio = Callable[..., Studio]


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, int], Clip]:
    """Four seconds of a codec with so many B-frames, a key frame each second."""
    folder = tmp_path_factory.mktemp("clips")
    made: dict[tuple[str, int], Clip] = {}

    def clip(codec: str, b_frames: int) -> Clip:
        if (codec, b_frames) not in made:
            path = folder / f"{codec}-{b_frames}.mp4"
            moving_mark(path, seconds=4, size=(320, 180), codec=codec, b_frames=b_frames)  # type: ignore[arg-type]
            made[codec, b_frames] = Clip.of(path)
        return made[codec, b_frames]

    return clip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    store = EventStore(f"sqlite:///{tmp_path}/events.db")
    store.start()
    yield store
    store.close()


@pytest.fixture
def make_studio(clips: Callable[[str, int], Clip], store: EventStore, tmp_path: Path) -> Iterator[MakeStudio]:
    """What a recorder has not finished at a test's end is left as it is when its process is killed."""
    opened: list[BinaryIO] = []

    def make(codec: str = "h264", b_frames: int = 0, open_file: OpenFile = open_unbuffered, **given: object) -> Studio:
        def opening(path: Path) -> BinaryIO:
            opened.append(open_file(path))
            return opened[-1]

        clip = clips(codec, b_frames)
        return Studio(clip, tmp_path / "media", store, open_file=opening, **given)  # type: ignore[arg-type]

    yield make
    for file in opened:
        file.close()
