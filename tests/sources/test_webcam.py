from pathlib import Path

import pytest

from pipeline.core.errors import SourceError
from sources.webcam import Webcam


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
