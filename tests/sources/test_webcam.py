from itertools import islice
from pathlib import Path

import pytest

from pipeline.core.clock import SystemClock
from pipeline.core.errors import SourceError
from sources.reader import Reader
from sources.webcam import Webcam
from tests.sources.decoding import decoded


def webcam(**wanted: object) -> Webcam:
    return Webcam(Webcam.Options.model_validate(wanted))


@pytest.mark.parametrize(("path", "device"), [("97", "/dev/video97"), ("/dev/video98", "/dev/video98")])
def test_a_device_that_is_not_there(path: str, device: str) -> None:
    with pytest.raises(SourceError) as failure:
        webcam(path=path).open()
    assert (failure.value.reason, failure.value.url) == ("not found", device)


def test_what_is_no_camera(tmp_path: Path) -> None:
    text = tmp_path / "video0"
    text.write_text("nothing to see")
    with pytest.raises(SourceError):
        webcam(path=str(text), input_format="mjpeg", fps=15).open()


def test_close_before_open() -> None:
    source = webcam(path="97")
    source.close()
    assert list(source.packets()) == []


def test_pictures_of_a_device_are_encoded() -> None:
    """FFmpeg's test picture stands in for a device: both come through libavdevice as pictures, not as packets."""
    reader = Reader("testsrc=size=320x240:rate=10", SystemClock(), format="lavfi", options={})
    info = reader.open()
    packets = list(islice(reader.packets(), 15))
    reader.close()
    assert (info.codec, info.width, info.height, info.has_b_frames) == ("h264", 320, 240, False)
    assert packets[0].keyframe
    assert [packet.pts_90k for packet in packets] == [index * 9000 for index in range(15)]
    assert len(decoded(info, packets)) == 15
