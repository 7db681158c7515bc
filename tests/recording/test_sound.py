"""Sound in recordings: in step with the pictures, without a gap, and none where there is none."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec
import pytest

from pipeline.core.packet import Packet, SoundPacket
from pipeline.core.record import Detections, Kept, Record
from pipeline.recording.cut import cut
from pipeline.recording.inlet import Inlet, Lost
from pipeline.recording.shelf import Shelf
from pipeline.recording.sweeping import sweep
from tests.recording.cameras import EPOCH, FPS, Clip, Studio
from tests.recording.conftest import MakeStudio
from tests.system.clip_probe import Probed, probed
from tests.system.flashes import flashes, in_step, seen_and_heard

CONTINUOUS = Record(enabled=True, audio=True, continuous=Kept(days=1))
A_UNIT_S = 1024 / 16_000
SLACK_S = 1 / FPS + A_UNIT_S


@pytest.fixture(scope="module")
def sounding(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    return Clip.of(flashes(tmp_path_factory.mktemp("sound") / "aac.mp4"), listens=True)


@pytest.fixture
def studio(make_studio: MakeStudio, sounding: Clip) -> Studio:
    made = make_studio(record=CONTINUOUS)
    made.end()
    begin_with(made, sounding)
    return made


def begin_with(studio: Studio, clip: Clip) -> None:
    studio.clip = clip
    studio.hub.stream_opened(clip.info)


def clip(studio: Studio, begin: float, end: float) -> tuple[Path, Probed]:
    path = studio.folder / "export.mp4"
    segments = studio.index.between("yard", EPOCH + begin, EPOCH + end)
    assert cut(segments, studio.folder, EPOCH + begin, EPOCH + end, path)
    return path, probed(path)


def files(studio: Studio) -> list[Path]:
    return [studio.folder / path for path in sorted(studio.shelf.files())]


def test_every_flash_has_its_tone(studio: Studio) -> None:
    studio.play(25)
    studio.end()
    assert studio.recorder.status().written_bytes > 0
    assert [end - begin for begin, end in studio.spans()] == [10.0, 10.0, 5.0]
    for path in files(studio):
        found = probed(path)
        assert found.sound
        assert (found.sound.codec, found.sound.rate, found.sound.channels) == ("aac", 16_000, 1)
        assert found.sound.length_s == pytest.approx(found.length_s, abs=SLACK_S)
        assert in_step(path) >= 2
    path, found = clip(studio, 3.3, 22.1)
    assert found.sound and found.sound.starts_s < A_UNIT_S
    assert found.sound.length_s == pytest.approx(found.length_s, abs=SLACK_S)
    assert found.length_s == pytest.approx(19.1, abs=0.05)
    assert in_step(path) == 9


@pytest.mark.parametrize(("codec", "tag"), [("h264", "avc1"), ("hevc", "hvc1")])
def test_also_with_b_frames(make_studio: MakeStudio, tmp_path: Path, codec: Literal["h264", "hevc"], tag: str) -> None:
    studio = make_studio(record=CONTINUOUS)
    studio.end()
    begin_with(studio, Clip.of(flashes(tmp_path / "clip.mp4", codec=codec, b_frames=2), listens=True))
    studio.play(14)
    studio.end()
    path, found = clip(studio, 3.3, 12.9)
    assert (found.tag, found.pictures[0]) == (tag, 0.0)
    assert found.sound and found.sound.length_s == pytest.approx(found.length_s, abs=SLACK_S + 3 / FPS)
    assert in_step(path) == 5


def test_what_was_before_an_event_is_heard_too(make_studio: MakeStudio, sounding: Clip) -> None:
    studio = make_studio(record=Record(enabled=True, audio=True, detections=Detections(pre_capture=5)))
    studio.end()
    begin_with(studio, sounding)
    studio.play(9.2)
    studio.recorder.keep("detection", EPOCH + 4.2, EPOCH + 11.0)
    studio.play(5)
    assert studio.spans() == [(4.0, 11.0)]
    path, found = clip(studio, 4.2, 11.0)
    assert found.sound and found.sound.length_s == pytest.approx(found.length_s, abs=SLACK_S)
    assert in_step(path) == 4


def nothing(sound: list[SoundPacket]) -> list[SoundPacket]:
    return []


def every_third(sound: list[SoundPacket]) -> list[SoundPacket]:
    return [unit for unit in sound if unit.pts_90k // 5760 % 3 == 0 or unit.pts_90k // 5760 % 50 < 45]


def trembling(sound: list[SoundPacket]) -> list[SoundPacket]:
    """By up to 30 ms, as some cameras stamp it."""
    return [SoundPacket(unit.data, unit.pts_90k + (unit.pts_90k // 5760 * 7 % 11 - 5) * 540) for unit in sound]


@pytest.mark.parametrize("meanwhile", [nothing, every_third, trembling], ids=["missing", "with gaps", "trembling"])
def test_what_follows_is_in_step_whatever_was(
    studio: Studio, meanwhile: Callable[[list[SoundPacket]], list[SoundPacket]]
) -> None:
    studio.play(2.8)
    studio.play(3.6, hear=meanwhile)
    studio.play(5.6)
    studio.end()
    path, found = clip(studio, 6.6, 12.0)
    assert in_step(path) == 3
    path, found = clip(studio, 0.0, 12.0)
    assert found.sound and found.sound.length_s == pytest.approx(found.length_s, abs=SLACK_S)


def test_sound_that_comes_late_is_waited_for_and_what_comes_too_late_is_not(studio: Studio) -> None:
    late: list[list[SoundPacket]] = [[]] * 20

    def later(sound: list[SoundPacket]) -> list[SoundPacket]:
        late.append(sound)
        return late.pop(0)

    studio.play(12, hear=later)
    studio.end()
    path, _ = clip(studio, 0.0, 11.0)
    assert in_step(path) == 6
    late[:0] = [[]] * 50
    studio.hub.stream_opened(studio.clip.info)
    studio.play(12, hear=later)
    studio.end()
    assert studio.spans()[-1][1] == pytest.approx(24.0, abs=0.1), "the pictures are there all the same"


def test_a_camera_that_comes_back_is_in_step_again(studio: Studio) -> None:
    studio.play(5.3)
    studio.end()
    studio.played += 3 * FPS + 7
    studio.hub.stream_opened(studio.clip.info)
    studio.play(8)
    studio.end()
    path, found = clip(studio, 0.0, 20.0)
    assert found.sound and found.sound.length_s == pytest.approx(found.length_s, abs=SLACK_S)
    assert in_step(path) >= 5


def test_where_one_file_has_sound_and_the_next_has_none(studio: Studio, sounding: Clip) -> None:
    studio.play(5)
    studio.end()
    begin_with(studio, Clip(msgspec.structs.replace(sounding.info, sound=None), sounding.packets))
    studio.play(4)
    studio.end()
    begin_with(studio, sounding)
    studio.play(5)
    studio.end()
    assert [probed(path).sound is None for path in files(studio)] == [False, True, False]
    path, found = clip(studio, 0.0, 14.0)
    assert found.sound and found.sound.length_s == pytest.approx(found.length_s, abs=SLACK_S)
    seen = seen_and_heard(path)
    assert [at for at in seen.tones if 5.1 < at < 9] == []
    assert in_step(clip(studio, 9.0, 14.0)[0]) >= 1
    path, found = clip(studio, 5.2, 8.0)
    assert found.sound is None


def test_sound_that_appears_begins_a_new_file(studio: Studio, sounding: Clip) -> None:
    begin_with(studio, Clip(msgspec.structs.replace(sounding.info, sound=None), sounding.packets))
    studio.play(3)
    begin_with(studio, sounding)
    studio.play(3)
    studio.end()
    assert [probed(path).sound is None for path in files(studio)] == [True, False]


def test_what_a_killed_run_left_can_be_heard(studio: Studio) -> None:
    studio.play(5.5)
    (unfinished,) = studio.folder.rglob("*.part")
    whole = unfinished.read_bytes()
    unfinished.write_bytes(whole[: whole.rindex(b"moof") + 4000])
    sweep(Shelf(studio.folder), studio.index)
    ((begin, end),) = studio.spans()
    assert (begin, end) == (0.0, 4.0)
    (path,) = files(studio)
    found = probed(path)
    assert found.sound and found.sound.length_s == pytest.approx(4.0, abs=SLACK_S)
    assert in_step(path) == 2


def test_nobody_listens_where_there_is_no_sound(make_studio: MakeStudio) -> None:
    studio = make_studio(record=CONTINUOUS)
    studio.play(3)
    assert not studio.recorder.status().sound
    studio.end()
    (path,) = files(studio)
    assert probed(path).sound is None
    assert b"soun" not in path.read_bytes()[:4096]


def test_sound_is_left_out_while_there_is_no_room() -> None:
    inlet, unit = Inlet(most_packets=2), SoundPacket(b"unit", 0)
    key, other = (Packet(b"picture", 0, 0, is_key, EPOCH) for is_key in (True, False))
    inlet.packet(key)
    inlet.sound(unit)
    inlet.sound(unit)
    inlet.packet(other)
    inlet.sound(unit)
    assert inlet.dropped == 1
    waiting = [inlet.get(0.0) for _ in range(4)]
    assert waiting[:2] == [key, unit] and isinstance(waiting[2], Lost) and waiting[3] is None
    inlet.sound(unit)
    assert inlet.get(0.0) is None, "up to a key frame"
    inlet.packet(key)
    inlet.sound(unit)
    assert [inlet.get(0.0) for _ in range(2)] == [key, unit]
