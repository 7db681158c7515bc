from pathlib import Path

import pytest

from pipeline.core.errors import SourceError
from sources.file import File
from sources.probe import probe
from tests.system.flashes import flashes


def clip(path: Path) -> File:
    return File(File.Options.model_validate({"path": str(path), "pace": "max"}))


@pytest.mark.parametrize(
    ("name", "codec", "b_frames", "audio", "live"),
    [
        ("h264", "H.264", "no", "none", "yes: H.264 without B-frames goes to browsers as it is"),
        (
            "hevc",
            "H.265",
            "no",
            "none",
            "no: few browsers play H.265 over WebRTC, so all others share one encode",
        ),
        (
            "b-frames",
            "H.264",
            "yes",
            "aac",
            "no: browsers cannot play B-frames over WebRTC, so one encode is shared by all viewers",
        ),
        (
            "mpeg4",
            "mpeg4, encoded once to H.264",
            "no",
            "none",
            "yes: H.264 without B-frames goes to browsers as it is",
        ),
    ],
)
def test_findings(clips: dict[str, Path], name: str, codec: str, b_frames: str, audio: str, live: str) -> None:
    rows = dict(probe(clip(clips[name])).rows())
    assert (rows["codec"], rows["B-frames"], rows["audio"], rows["live pass-through"]) == (codec, b_frames, audio, live)
    assert rows["size"] == "320x180"


def test_what_is_measured(clips: dict[str, Path]) -> None:
    report = probe(clip(clips["h264"]))
    assert (report.gop_frames, report.gop_s) == (25, 1.0)
    assert report.fps_measured == pytest.approx(25)
    assert report.watched_s == pytest.approx(49 / 25)
    assert report.bitrate_kbps is not None and 10 < report.bitrate_kbps < 5000
    assert report.first_picture_s is not None and report.first_picture_s > 0


def test_a_look_too_short_to_say(clips: dict[str, Path]) -> None:
    rows = dict(probe(clip(clips["h264"]), seconds=0.5).rows())
    assert rows["key frames"] == "fewer than two in 0.5 s"


def test_a_stream_that_does_not_open(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not found"):
        probe(clip(tmp_path / "nothing.mp4"))


def test_what_becomes_of_its_sound(tmp_path: Path) -> None:
    report = probe(clip(flashes(tmp_path / "clip.flv", "pcm_mulaw", rate=8000)), seconds=1.0)
    assert dict(report.rows())["audio"] == "pcm_mulaw, encoded once to AAC where it is recorded"
