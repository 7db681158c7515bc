"""Sound of whatever kind comes as AAC, on the clock of its pictures, to those who listen."""

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest

from pipeline.core.clock import SystemClock
from pipeline.core.packet import Packet, SoundPacket, StreamInfo
from sources.file import File
from sources.reader import Reader
from sources.sound import sound_of
from tests.system.flashes import EVERY_S, FIRST_S, FPS, LENGTH_S, flashes, tones

ONSETS = [FIRST_S + EVERY_S * number for number in range(4)]
NEAR_S = 0.005


@dataclass
class Listened:
    info: StreamInfo
    packets: list[Packet] = field(default_factory=list)
    sound: list[SoundPacket] = field(default_factory=list)

    @property
    def tones(self) -> list[float]:
        assert self.info.sound
        return tones(self.sound, self.info.sound)


def listened(path: Path) -> Listened:
    reader = Reader(str(path), SystemClock())
    heard: list[SoundPacket] = []
    reader.listen(heard.append)
    return Listened(reader.open(), [*reader.packets()], heard)


@pytest.mark.parametrize(
    ("name", "codec", "rate", "channels", "comes_as"),
    [
        pytest.param("clip.mp4", "aac", 16_000, 1, (16_000, 1), id="AAC"),
        pytest.param("clip.ts", "aac", 48_000, 2, (48_000, 2), id="AAC with headers of its own"),
        pytest.param("clip.mov", "pcm_alaw", 8000, 1, (16_000, 1), id="G.711 A-law"),
        pytest.param("clip.flv", "pcm_mulaw", 8000, 1, (16_000, 1), id="G.711 mu-law"),
        pytest.param("clip.mkv", "libopus", 48_000, 1, (48_000, 1), id="Opus"),
        pytest.param("clip.mkv", "libmp3lame", 44_100, 2, (44_100, 2), id="MP3"),
        pytest.param("clip.mov", "pcm_s16be", 32_000, 1, (32_000, 1), id="PCM"),
    ],
)
def test_a_tone_begins_when_its_picture_does(
    tmp_path: Path, name: str, codec: str, rate: int, channels: int, comes_as: tuple[int, int]
) -> None:
    found = listened(flashes(tmp_path / name, codec, rate=rate, channels=channels))
    assert found.info.sound
    assert (found.info.sound.rate, found.info.sound.channels) == comes_as
    assert len(found.packets) == LENGTH_S * FPS
    begin = found.packets[0].pts_90k / 90_000
    assert found.tones == pytest.approx([begin + at for at in ONSETS], abs=NEAR_S)


def test_aac_stays_as_it_was(tmp_path: Path) -> None:
    path = flashes(tmp_path / "clip.mp4")
    with av.open(str(path)) as file:
        sent = [bytes(packet) for packet in file.demux(audio=0) if packet.size]
    assert [unit.data for unit in listened(path).sound] == sent


def test_nothing_is_heard_where_nobody_listens(tmp_path: Path) -> None:
    path = flashes(tmp_path / "clip.mp4")
    reader = Reader(str(path), SystemClock())
    info = reader.open()
    assert (info.audio, info.sound) == ("aac", None)
    assert len([*reader.packets()]) == LENGTH_S * FPS


def test_there_may_be_none(tmp_path: Path) -> None:
    found = listened(flashes(tmp_path / "clip.mp4", None))
    assert (found.info.audio, found.info.sound, found.sound) == (None, None, [])


def test_a_codec_that_nobody_knows_costs_no_picture(tmp_path: Path) -> None:
    path = flashes(tmp_path / "clip.mp4")
    path.write_bytes(path.read_bytes().replace(b"mp4a", b"what").replace(b"esds", b"none"))
    found = listened(path)
    assert (found.info.sound, found.sound, len(found.packets)) == (None, [], LENGTH_S * FPS)


def test_what_cannot_be_decoded_is_left_out(tmp_path: Path) -> None:
    path = flashes(tmp_path / "clip.mkv", "libmp3lame", rate=44_100)
    with av.open(str(path)) as file:
        sound = sound_of(file)
        assert sound
        units: list[SoundPacket] = []
        for number, packet in enumerate(file.demux(audio=0)):
            units += sound.convert(_broken(packet) if 100 < number < 120 else packet, 0)
    assert tones(units, sound.info)[-1] == pytest.approx(ONSETS[-1], abs=NEAR_S)


def _broken(packet: "av.Packet[Any]") -> "av.Packet[Any]":
    broken: av.Packet[Any] = av.Packet(b"\xff" * packet.size)
    broken.pts, broken.time_base, broken.stream = packet.pts, packet.time_base, packet.stream
    return broken


def test_what_follows_a_gap_is_where_it_was(tmp_path: Path) -> None:
    path = flashes(tmp_path / "clip.mov", "pcm_alaw", rate=8000)
    with av.open(str(path)) as file:
        sound = sound_of(file)
        assert sound
        packets = [packet for packet in file.demux(audio=0) if not 3.01 < (packet.pts or 0) / 8000 < 3.9]
        units = [unit for packet in packets for unit in sound.convert(packet, 0)]
    assert max(later.pts_90k - earlier.pts_90k for earlier, later in pairwise(units)) > 0.7 * 90_000
    assert tones(units, sound.info) == pytest.approx(ONSETS, abs=2 * NEAR_S)


def test_what_comes_before_the_first_picture_waits_for_it(tmp_path: Path) -> None:
    path = flashes(tmp_path / "clip.mp4")
    with av.open(str(path)) as file:
        sound = sound_of(file)
        assert sound
        first, second, *_ = [packet for packet in file.demux(audio=0) if packet.size]
        assert sound.convert(first, None) == []
        assert [unit.pts_90k for unit in sound.convert(second, 900)] == [900, 900 + 5760]


@pytest.mark.parametrize(("name", "codec", "rate"), [("a.mp4", "aac", 16_000), ("a.mov", "pcm_alaw", 8000)])
def test_each_round_of_a_file_is_in_step(tmp_path: Path, name: str, codec: str, rate: int) -> None:
    path = flashes(tmp_path / name, codec, rate=rate)
    source = File(File.Options.model_validate({"path": str(path), "pace": "max", "loop": True}))
    heard: list[SoundPacket] = []
    source.listen(heard.append)
    info = source.open()
    packets = source.packets()
    for _ in range(2 * LENGTH_S * FPS + FPS):
        next(packets)
    source.close()
    assert info.sound
    found = [at for at in tones(heard, info.sound) if at < 2 * LENGTH_S]
    assert found == pytest.approx([*ONSETS, *(LENGTH_S + at for at in ONSETS)], abs=NEAR_S)
