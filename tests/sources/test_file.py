import time
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path
from threading import Thread

import av
import pytest

from pipeline.core.errors import SourceError, SourceReason
from pipeline.core.packet import Packet
from sources.file import File
from tests.sources.conftest import SIZE
from tests.sources.decoding import decoded, mark_centre
from tests.system.clips import mark_at


def file(path: Path, **wanted: object) -> File:
    return File(File.Options.model_validate({"path": str(path), "pace": "max", **wanted}))


def read(path: Path, count: int | None = None, **wanted: object) -> list[Packet]:
    source = file(path, **wanted)
    source.open()
    packets = list(islice(source.packets(), count))
    source.close()
    return packets


@pytest.fixture(params=["h264", "hevc", "b-frames", "transport stream", "mpeg4"])
def clip(request: pytest.FixtureRequest, clips: dict[str, Path]) -> Path:
    return clips[request.param]


def test_every_picture_arrives_as_it_was(clip: Path) -> None:
    source = file(clip)
    pictures = decoded(source.open(), source.packets())
    assert len(pictures) == 50
    assert mark_centre(pictures[30]) == pytest.approx(mark_at(30, SIZE), abs=2)


def test_decoding_begins_at_zero_and_goes_on_evenly(clip: Path) -> None:
    packets = read(clip)
    assert packets[0].dts_90k == 0
    assert all(after.dts_90k - before.dts_90k == pytest.approx(3600, abs=91) for before, after in pairwise(packets))


def test_pictures_are_shown_evenly(clip: Path) -> None:
    shown = sorted(packet.pts_90k for packet in read(clip))
    assert all(after - before == pytest.approx(3600, abs=91) for before, after in pairwise(shown))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("h264", ("h264", False, None, None)),
        ("hevc", ("hevc", False, None, None)),
        ("b-frames", ("h264", True, "aac", None)),
        ("transport stream", ("h264", False, None, None)),
        ("mpeg4", ("h264", False, None, "mpeg4")),
    ],
)
def test_what_it_says_of_a_stream(clips: dict[str, Path], name: str, expected: tuple[object, ...]) -> None:
    source = file(clips[name])
    info = source.open()
    source.close()
    assert (info.codec, info.has_b_frames, info.audio, info.encoded_from) == expected
    assert ((info.width, info.height), info.fps) == (SIZE, 25.0)


@pytest.mark.parametrize(("name", "sps"), [("h264", b"\x00\x00\x01\x67"), ("hevc", b"\x00\x00\x01\x42")])
def test_key_frames_bring_their_parameter_sets(clips: dict[str, Path], name: str, sps: bytes) -> None:
    source = file(clips[name])
    info = source.open()
    keys = [packet for packet in source.packets() if packet.keyframe]
    assert len(keys) == 2
    assert all(sps in packet.data for packet in keys)
    assert info.extradata.startswith(b"\x00\x00\x00\x01") and sps in info.extradata


def test_decoding_can_begin_at_any_key_frame(clips: dict[str, Path]) -> None:
    source = file(clips["hevc"])
    info = source.open()
    packets = list(source.packets())
    assert len(decoded(info, packets[25:])) == 25


@pytest.mark.parametrize("name", ["h264", "b-frames", "mpeg4"])
def test_a_loop_goes_on_without_a_gap(clips: dict[str, Path], name: str) -> None:
    packets = read(clips[name], 120, loop=True)
    shown = sorted(packet.pts_90k for packet in packets)
    assert packets[50].keyframe
    assert all(after.dts_90k > before.dts_90k for before, after in pairwise(packets))
    assert all(after - before == pytest.approx(3600, abs=91) for before, after in pairwise(shown[:115]))


def test_pace_decides_whether_it_is_real_time(clips: dict[str, Path]) -> None:
    assert file(clips["h264"], pace="realtime").realtime
    assert not file(clips["h264"], pace="max").realtime


def test_in_real_time_a_picture_is_not_early(clips: dict[str, Path]) -> None:
    packets = read(clips["h264"], 11, pace="realtime")
    assert packets[-1].captured_at - packets[0].captured_at > 0.39


def test_close_from_another_thread_ends_a_wait(clips: dict[str, Path]) -> None:
    source = file(clips["h264"], pace="realtime", loop=True)
    source.open()
    packets = source.packets()
    next(packets)
    reading = Thread(target=_exhaust, args=[packets])
    reading.start()
    time.sleep(0.1)
    source.close()
    reading.join(10)
    assert not reading.is_alive()


def test_close_ends_an_endless_loop(clips: dict[str, Path]) -> None:
    source = file(clips["h264"], loop=True)
    source.open()
    packets = source.packets()
    next(packets)
    source.close()
    assert list(packets) == []


def test_close_is_safe_before_open_and_twice(clips: dict[str, Path]) -> None:
    source = file(clips["h264"])
    source.close()
    source.close()
    with pytest.raises(SourceError, match="ended"):
        source.open()
    assert list(source.packets()) == []


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("missing.mp4", None, "not found"),
        ("text.mp4", b"not a video at all\n" * 100, "no video stream"),
        ("empty.mp4", b"", "no video stream"),
    ],
)
def test_why_a_file_does_not_open(tmp_path: Path, name: str, content: bytes | None, reason: SourceReason) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError) as failure:
        file(path).open()
    assert (failure.value.reason, failure.value.url) == (reason, str(path))


def test_a_file_with_sound_only_has_no_video_stream(tmp_path: Path, clips: dict[str, Path]) -> None:
    path = _only_sound(clips["b-frames"], tmp_path / "sound.mp4")
    with pytest.raises(SourceError, match="no video stream"):
        file(path).open()


def test_a_name_that_looks_like_an_address_is_a_file(
    tmp_path: Path, clips: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("rtsp:front door.mp4")
    path.write_bytes(clips["h264"].read_bytes())
    assert len(read(path)) == 50


def _exhaust(packets: Iterator[Packet]) -> None:
    for _ in packets:
        pass


def _only_sound(clip: Path, path: Path) -> Path:
    with av.open(str(clip)) as whole, av.open(str(path), "w") as sound:
        stream = sound.add_stream_from_template(whole.streams.audio[0])
        for packet in whole.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                sound.mux(packet)
    return path
