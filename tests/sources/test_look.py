"""A first look, at files that play a camera's streams."""

from pathlib import Path

import av
import pytest

from pipeline.core.contracts import Source
from pipeline.core.errors import SourceError
from sources.file import File
from sources.look import look
from tests.system.clips import moving_mark

MAIN, SUB = "rtsp://admin:open-sesame@10.0.0.5/stream1", "rtsp://admin:open-sesame@10.0.0.5/stream2"


class Camera:
    """Serves a clip for each address; remembers what was asked for."""

    def __init__(self, **clips: Path) -> None:
        self.asked: list[str] = []
        self._clips = clips

    def source(self, address: str) -> Source:
        self.asked.append(address)
        path = self._clips.get(address.rpartition("/")[2], Path("/nowhere.mp4"))
        return File(File.Options.model_validate({"path": str(path), "pace": "max"}))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return moving_mark(tmp_path_factory.mktemp("small") / "small.mp4", seconds=2, size=(160, 90))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return moving_mark(tmp_path_factory.mktemp("large") / "large.mp4", seconds=2, size=(1280, 720))


def test_what_it_sends_and_a_picture(large: Path) -> None:
    seen = look(MAIN, Camera(stream1=large).source)

    assert (seen.codec, seen.width, seen.height, seen.fps) == ("h264", 1280, 720, 25)
    assert dict(seen.facts)["size"] == "1280x720"
    assert seen.second is None
    assert seen.picture is not None and seen.picture[:2] == b"\xff\xd8"
    with av.open(__import__("io").BytesIO(seen.picture), format="jpeg_pipe") as shown:
        picture = next(shown.decode(video=0))
    assert (picture.width, picture.height) == (960, 540)


def test_a_smaller_stream_that_answers_is_offered(large: Path, small: Path) -> None:
    camera = Camera(stream1=large, stream2=small)
    seen = look(MAIN, camera.source)

    assert camera.asked == [MAIN, SUB]
    assert seen.second is not None
    assert (seen.second.address, seen.second.width, seen.second.height) == ("rtsp://10.0.0.5/stream2", 160, 90)


def test_a_camera_that_answers_anything_with_the_same(large: Path) -> None:
    assert look(MAIN, Camera(stream1=large, stream2=large).source).second is None


@pytest.mark.parametrize("clip", ["hevc", "mpeg4"])
def test_other_codecs(clips: dict[str, Path], clip: str) -> None:
    seen = look(MAIN, Camera(stream1=clips[clip]).source)
    assert (seen.codec, seen.picture is not None) == (clip, True)


def test_what_cannot_be_seen_is_said() -> None:
    with pytest.raises(SourceError, match="not found"):
        look(MAIN, Camera().source)
