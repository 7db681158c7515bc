import errno
import io
import os
import time
from pathlib import Path
from threading import Event, Thread
from typing import BinaryIO

import pytest

from pipeline.core.packet import Packet
from pipeline.core.record import Alerts, Detections, Kept, Record
from pipeline.recording import recorder
from pipeline.recording.cut import cut
from pipeline.recording.recorder import STUCK_S
from pipeline.recording.shelf import Shelf
from pipeline.recording.sweeping import sweep
from tests.recording.cameras import EPOCH, FPS, Studio
from tests.recording.conftest import MakeStudio
from tests.system.clip_probe import probed

CONTINUOUS = Record(enabled=True, continuous=Kept(days=1))
EVENTS = Record(enabled=True, detections=Detections(pre_capture=3), alerts=Alerts(pre_capture=3))
A_PICTURE_S = 1 / FPS + 0.001


def export(studio: Studio, begin: float, end: float) -> Path:
    path = studio.folder / "export.mp4"
    segments = studio.index.between("yard", EPOCH + begin, EPOCH + end)
    assert cut(segments, studio.folder, EPOCH + begin, EPOCH + end, path)
    return path


def test_a_group_that_is_too_large_costs_itself_alone(
    make_studio: MakeStudio, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    studio = make_studio(record=CONTINUOUS)
    studio.play(2)
    with monkeypatch.context() as patched:
        patched.setattr(recorder, "_MOST_GOP_BYTES", 100)
        studio.play(1)
    studio.play(3)
    studio.end()
    assert "a group of pictures is too large to be recorded" in caplog.text
    assert studio.recorder.status().dropped == FPS
    assert studio.spans() == [(0.0, 2.0), (3.0, pytest.approx(6.0, abs=0.13))]


@pytest.mark.parametrize(("codec", "tag"), [("h264", "avc1"), ("hevc", "hvc1")])
@pytest.mark.parametrize("b_frames", [0, 2])
def test_continuous_recording_has_no_gap(make_studio: MakeStudio, codec: str, tag: str, b_frames: int) -> None:
    studio = make_studio(codec, b_frames, record=CONTINUOUS)
    studio.play(25)
    studio.end()
    assert studio.spans() == [(0.0, 10.0), (10.0, 20.0), (20.0, pytest.approx(25.0, abs=0.13))]
    clip = probed(export(studio, 8.5, 21.2))
    assert (clip.codec, clip.tag, clip.size) == (codec, tag, (320, 180))
    assert clip.pictures[0] == 0.0
    assert clip.largest_gap_s < A_PICTURE_S
    assert clip.keys[:14] == [float(second) for second in range(14)][: len(clip.keys)]
    assert 13.2 <= clip.length_s < 14.1
    assert clip.is_seekable


def test_nothing_is_written_while_nothing_is_wanted(make_studio: MakeStudio) -> None:
    studio = make_studio(record=EVENTS)
    studio.play(20)
    assert studio.recorder.status().state == "ready"
    assert list(studio.shelf.files()) == []
    assert not studio.folder.exists()


def test_an_event_is_recorded_from_before_it_was_told(make_studio: MakeStudio) -> None:
    studio = make_studio(record=EVENTS)
    studio.play(20.5)
    studio.recorder.keep("detection", EPOCH + 16.4, EPOCH + 24.2)
    studio.play(0.2)
    assert studio.recorder.status().state == "recording"
    assert not studio.recorder.settled(EPOCH + 24.2)
    studio.play(5)
    assert studio.recorder.status().state == "ready"
    assert studio.recorder.settled(EPOCH + 24.2)
    assert studio.spans() == [(16.0, 25.0)]
    assert [sorted(found.kinds) for found in studio.index.between("yard", 0, 1e11)] == [["detection"]]


def test_events_that_overlap_share_what_is_recorded(make_studio: MakeStudio) -> None:
    studio = make_studio(record=EVENTS)
    studio.play(10)
    studio.recorder.keep("detection", EPOCH + 7.5, EPOCH + 12.5)
    studio.play(1)
    studio.recorder.keep("alert", EPOCH + 8.5, EPOCH + 14.5)
    studio.recorder.keep("detection", EPOCH + 12.0, EPOCH + 15.5)
    studio.play(8)
    assert studio.spans() == [(7.0, 16.0)]
    size = sum((studio.folder / path).stat().st_size for path in studio.shelf.files())
    assert size == studio.recorder.status().written_bytes + _headers(studio), "no picture is kept twice"
    first, second = probed(export(studio, 7.5, 12.5)), probed(export(studio, 8.5, 14.5))
    assert first.length_s == pytest.approx(5.52, abs=0.05)
    assert second.length_s == pytest.approx(6.52, abs=0.05)


def _headers(studio: Studio) -> int:
    return sum((studio.folder / path).read_bytes().index(b"moof") - 4 for path in studio.shelf.files())


def test_an_event_that_is_told_late_gets_what_came_before_another(make_studio: MakeStudio) -> None:
    studio = make_studio(record=EVENTS)
    studio.play(14)
    studio.recorder.keep("detection", EPOCH + 12.2, EPOCH + 15.5)
    studio.play(1)
    studio.recorder.keep("detection", EPOCH + 8.1, EPOCH + 9.2)
    studio.play(4)
    assert studio.spans() == [(8.0, 10.0), (12.0, 14.0), (14.0, 16.0)]


def test_why_it_was_kept_may_become_known_later(make_studio: MakeStudio) -> None:
    studio = make_studio(record=CONTINUOUS)
    studio.play(11.1)
    studio.recorder.keep("alert", EPOCH + 9.5, EPOCH + 12.0)
    studio.play(11)
    kinds = [sorted(found.kinds) for found in studio.index.between("yard", 0, 1e11)]
    assert kinds == [["alert", "continuous"], ["alert", "continuous"]]


def test_what_is_over_is_settled_though_more_is_wanted_all_the_time(make_studio: MakeStudio) -> None:
    studio = make_studio()

    def something_happens(at: float) -> None:
        studio.recorder.keep("detection", EPOCH + at - 1, EPOCH + at + 2)

    studio.play(14, meanwhile=something_happens)
    something_happens(14)
    assert studio.recorder.settled(EPOCH + 9)
    studio.recorder.keep("alert", EPOCH + 8, EPOCH + 14)
    assert not studio.recorder.settled(EPOCH + 9), "why it was kept is not noted yet"


def test_a_camera_that_comes_back_begins_a_new_file(make_studio: MakeStudio) -> None:
    studio = make_studio(record=CONTINUOUS)
    studio.play(3.4)
    studio.end()
    assert studio.recorder.status().state == "waiting"
    studio.played += 5 * FPS
    studio.hub.stream_opened(studio.clip.info)
    studio.play(3)
    studio.end()
    assert studio.spans() == [(0.0, 3.4), (9.0, 11.4)], "what comes before a key frame cannot be shown"


def test_other_parameter_sets_begin_a_new_file(make_studio: MakeStudio, clips: object) -> None:
    studio = make_studio(record=CONTINUOUS)
    studio.play(3)
    studio.clip = clips("h264", 2)  # type: ignore[operator]
    studio.play(3)
    studio.end()
    assert next(end - begin for begin, end in studio.spans()) == pytest.approx(3.0, abs=0.1)
    assert len(studio.spans()) == 2
    for path in studio.shelf.files():
        assert probed(studio.folder / path).largest_gap_s < A_PICTURE_S


class FullDisk(io.FileIO):
    """Takes `room` more bytes, of all such files together."""

    room = 0

    def write(self, data: object) -> int:
        taken = bytes(data)[: FullDisk.room]  # type: ignore[call-overload]
        if not taken:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        FullDisk.room -= len(taken)
        return super().write(taken)


def full_disk(path: Path) -> BinaryIO:
    return FullDisk(path, "xb")


def test_a_full_disk_pauses_it_and_what_is_whole_is_kept(make_studio: MakeStudio) -> None:
    """The fault is at the lowest layer: the file that the operating system hands out."""
    FullDisk.room = 100_000
    studio = make_studio(record=CONTINUOUS, open_file=full_disk)
    studio.play(9)
    status = studio.recorder.status()
    assert (status.state, status.reason) == ("paused", "No space left on device")
    assert studio.recorder.settled(EPOCH + 9), "nobody waits for what will not come"
    ((begin, end),) = studio.spans()
    assert begin == 0.0 and 1.0 <= end <= 8.0
    (path,) = studio.shelf.files()
    assert probed(studio.folder / path).length_s == pytest.approx(end)
    assert not [*studio.folder.rglob("*.part")]

    studio.play(20)
    assert studio.recorder.status().state == "paused", "as long as there is no room"
    FullDisk.room = 100_000_000
    studio.play(12)
    assert studio.recorder.status().state == "recording"
    studio.end()
    spans = studio.spans()
    assert spans[-1][1] == pytest.approx(41.0, abs=0.1)
    assert spans[1][0] > end, "what came meanwhile is held for as long as there is room, and then lost"
    assert studio.recorder.status().dropped > 0


def test_it_pauses_while_somebody_says_that_there_is_no_room(make_studio: MakeStudio) -> None:
    trouble = ["0.5 GB of 100 GB are free"]
    studio = make_studio(record=CONTINUOUS, no_room=lambda: trouble[0])
    studio.play(5)
    status = studio.recorder.status()
    assert (status.state, status.reason) == ("paused", "0.5 GB of 100 GB are free")
    trouble[0] = ""
    studio.play(12)
    studio.end()
    assert (0.0, 10.0) in studio.spans(), "nothing was lost yet"


def test_a_slow_disk_never_holds_up_the_stream(make_studio: MakeStudio) -> None:
    """Nobody takes what waits: the stream goes on, and what is lost is counted and ends at a key frame."""
    studio = make_studio(record=CONTINUOUS)
    packets = [studio.clip.packet(number) for number in range(3200)]

    def publish() -> None:
        for packet in packets:
            studio.hub.packet(packet)

    publishing = Thread(target=publish)
    publishing.start()
    publishing.join(20)
    assert not publishing.is_alive()
    while studio.recorder.run_once(0.0):
        pass
    assert studio.recorder.status().dropped == 201
    studio.hub.packet(_key_frame_after(studio, 3200))
    studio.end()
    spans = studio.spans()
    assert spans[-2][1] == pytest.approx(2999 / FPS)
    assert spans[-1][0] == pytest.approx(3200 / FPS)
    assert studio.metrics.registry.get_sample_value("framewatch_dropped", {"camera": "yard", "place": "record"}) == 201


def _key_frame_after(studio: Studio, number: int) -> Packet:
    return next(packet for each in range(number, number + 99) if (packet := studio.clip.packet(each)).keyframe)


class HangingDisk(io.FileIO):
    """Takes nothing while it hangs, and does not say so either."""

    answers = Event()

    def write(self, data: object) -> int:
        assert HangingDisk.answers.wait(30)
        return super().write(data)  # type: ignore[arg-type]


def test_a_disk_that_hangs_is_told_and_waited_for(make_studio: MakeStudio) -> None:
    HangingDisk.answers.clear()
    studio = make_studio(record=CONTINUOUS, open_file=lambda path: HangingDisk(path, "xb"))
    for number in range(200):
        studio.hub.packet(studio.clip.packet(number))
    hanging = Thread(target=lambda: [studio.recorder.run_once(0.0) for _ in range(201)])
    hanging.start()
    studio.clock.advance(STUCK_S + 1)
    until = time.monotonic() + 20
    while studio.recorder.status().state != "paused" and time.monotonic() < until:
        studio.clock.advance(STUCK_S + 1)
        time.sleep(0.01)
    status = studio.recorder.status()
    assert (status.state, status.reason) == ("paused", "the disk does not answer")
    assert studio.recorder.settled(EPOCH), "nobody waits for it"
    for number in range(200, 3400):
        studio.hub.packet(studio.clip.packet(number))
    assert studio.recorder.status().dropped > 100, "counted while it hangs"
    HangingDisk.answers.set()
    hanging.join(30)
    assert studio.recorder.status().state == "recording"


def test_what_a_killed_run_left_is_cut_to_what_is_whole(make_studio: MakeStudio) -> None:
    studio = make_studio(record=CONTINUOUS)
    studio.play(14.5)
    (unfinished,) = studio.folder.rglob("*.part")
    with unfinished.open("ab") as file:
        file.write(b"\x00\x10\x00\x00moof" + bytes(100))
    empty = unfinished.with_name(".1a218ab53e3-00000000.mp4.part")
    empty.write_bytes(b"\x00\x00\x00\x08ftyp")
    studio.index.remove([found.id for found in studio.index.between("yard", 0, 1e11)])

    sweep(Shelf(studio.folder), studio.index)

    assert studio.spans() == [(0.0, 10.0), (10.0, 14.0)]
    assert not [*studio.folder.rglob("*.part")]
    for path in studio.shelf.files():
        assert probed(studio.folder / path).largest_gap_s < A_PICTURE_S


def test_rows_without_files_are_swept(make_studio: MakeStudio) -> None:
    studio = make_studio(record=CONTINUOUS)
    studio.play(25)
    gone, *_ = sorted(studio.shelf.files())
    (studio.folder / gone).unlink()
    sweep(Shelf(studio.folder), studio.index)
    assert studio.spans() == [(10.0, 20.0), (20.0, 24.0)]
