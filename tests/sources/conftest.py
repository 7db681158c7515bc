"""Small clips for the tests of this room, made once."""

from pathlib import Path

import pytest

from tests.system.clips import moving_mark

SIZE = (320, 180)


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two seconds each at 25 fps, a key frame every 25: by name."""
    folder = tmp_path_factory.mktemp("clips")

    def clip(name: str, **wanted: object) -> Path:
        return moving_mark(folder / name, seconds=2, size=SIZE, **wanted)  # type: ignore[arg-type]

    return {
        "h264": clip("h264.mp4"),
        "hevc": clip("hevc.mp4", codec="hevc"),
        "b-frames": clip("b-frames.mp4", b_frames=2, audio=True),
        "transport stream": clip("stream.ts"),
        "mpeg4": clip("old.mkv", codec="mpeg4"),
    }
