from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.core.errors import SourceError, SourceReason
from sources.http import Http
from tests.sources.decoding import decoded
from tests.sources.http_camera import http_camera


@pytest.fixture(scope="module")
def camera(clips: dict[str, Path]) -> Iterator[str]:
    with http_camera(clips) as url:
        yield url


def http(url: str) -> Http:
    return Http(Http.Options.model_validate({"path": url}))


def test_mjpeg_is_encoded_once_with_the_times_of_reading(camera: str) -> None:
    source = http(f"{camera}/mjpeg")
    info = source.open()
    packets = []
    with pytest.raises(SourceError, match="ended"):
        for packet in source.packets():
            packets.append(packet)
    assert (info.codec, info.encoded_from, info.width, info.height) == ("h264", "mjpeg", 160, 120)
    assert len(packets) == 20
    assert len(decoded(info, packets)) == 20
    assert all(after.pts_90k > before.pts_90k for before, after in pairwise(packets))
    # The server takes 100 ms for each; those that FFmpeg looked at while it opened come together.
    assert packets[-1].pts_90k - packets[0].pts_90k > 90_000


def test_a_live_stream_passes_through_and_its_end_is_a_loss(camera: str) -> None:
    source = http(f"{camera}/transport%20stream")
    info = source.open()
    packets = []
    with pytest.raises(SourceError, match="ended"):
        for packet in source.packets():
            packets.append(packet)
    assert info.encoded_from is None
    assert len(decoded(info, packets)) == 50


def test_a_file_on_a_server_plays_at_its_pace_and_ends(camera: str) -> None:
    source = http(f"{camera}/h264")
    info = source.open()
    packets = list(source.packets())
    assert len(decoded(info, packets)) == 50
    assert packets[-1].captured_at - packets[0].captured_at > 1.9


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("status/401", "unauthorised"),
        ("status/403", "unauthorised"),
        ("status/404", "not found"),
        ("status/503", "unreachable"),
        ("page", "no video stream"),
        ("silence", "timed out"),
    ],
)
def test_why_an_address_does_not_open(camera: str, path: str, reason: SourceReason) -> None:
    with pytest.raises(SourceError) as failure:
        http(f"{camera.replace('//', '//user:secret@')}/{path}").open()
    assert failure.value.reason == reason
    assert failure.value.url == f"{camera}/{path}"
    assert "secret" not in str(failure.value) + repr(failure.value.__cause__)


def test_nobody_at_home() -> None:
    with pytest.raises(SourceError, match="unreachable"):
        http("http://127.0.0.1:1/mjpeg").open()


def test_the_password_is_not_shown() -> None:
    assert "secret" not in repr(Http.Options.model_validate({"path": "http://user:secret@10.0.0.5/"}))
