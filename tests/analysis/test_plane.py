import io

import av
import cv2
import pytest
from msgspec.structs import replace

from pipeline.analysis.plan import AnalysisPlan
from pipeline.core.event import Event
from pipeline.core.frame import Frame
from pipeline.core.messages import (
    EventOut,
    Failed,
    Finished,
    FrameResult,
    Health,
    PacketIn,
    Ready,
    Snapshot,
    Still,
    StreamOpened,
    View,
    ViewInfo,
    ViewJpeg,
    ViewPacket,
    WantStill,
    WantView,
)
from pipeline.core.packet import StreamInfo
from tests.analysis.pictures import INFO, START, packets
from tests.analysis.plane_fixture import plan, running
from tests.analysis.stub_stages import Follow, Hangs

ALL = ("look", "follow", "tell")


def test_every_frame_in_order_when_nothing_may_be_lost() -> None:
    with running(plan(*ALL)) as plane:
        plane.play(60)
        plane.until(Finished)
    results = plane.all(FrameResult)
    assert [result.seq for result in results] == list(range(1, 61))
    assert results[0].captured_at == START
    assert results[0].objects[0].label == "person"
    assert results[0].marks[0].text == "hello"
    assert [message.event.id for message in plane.all(EventOut)] == [f"e{seq}" for seq in range(1, 61)]
    assert plane.all(Ready)[0].models == {}


def test_analyses_at_the_asked_rate() -> None:
    with running(plan(*ALL, fps=5)) as plane:
        plane.play(50)
        plane.until(Finished)
    assert len(plane.all(FrameResult)) == 10


def test_a_slow_stage_sees_the_newest_and_the_loss_is_counted() -> None:
    with running(plan(*ALL, realtime=True, options={"look": {"takes_s": 0.2}})) as plane:
        plane.play(40)
        plane.until(Finished)
        health = plane.until(Health, lambda message: bool(message.cameras)).cameras["yard"]
    results = plane.all(FrameResult)
    assert 0 < len(results) < 40
    assert results == sorted(results, key=lambda result: result.seq)
    assert health.decoded + health.dropped["packets"] == 40
    assert health.analysed + health.dropped["frames"] == health.decoded


def test_a_frame_that_failed_never_reaches_the_tracker() -> None:
    with running(plan(*ALL, options={"look": {"fails": [2, 3, 5]}})) as plane:
        plane.play(10)
        plane.until(Finished)
        health = plane.until(Health, lambda message: bool(message.cameras)).cameras["yard"]
    assert [result.seq for result in plane.all(FrameResult)] == [1, 4, 6, 7, 8, 9, 10]
    assert Follow.seen == 7
    assert health.dropped["failed"] == 3
    assert health.last_error == "ModelError: the model failed"


def test_a_stage_that_keeps_failing_is_told_as_off() -> None:
    with running(plan(*ALL, options={"look": {"fails": list(range(1, 31))}})) as plane:
        plane.play(30)
        plane.until(Finished)
        health = plane.until(Health, lambda message: bool(message.cameras)).cameras["yard"]
    assert health.disabled == {"look": "ModelError: the model failed"}
    assert not plane.all(FrameResult)


def test_what_cannot_work_says_so() -> None:
    with running(plan("impossible")) as plane:
        assert plane.until(Failed).error == "camera yard, stage impossible: no such weights: nothing.pt"


def test_one_camera_that_cannot_work_ends_them_all(caplog: pytest.LogCaptureFixture) -> None:
    both = plan("look").cameras | {"door": plan("impossible").cameras["yard"]}
    with running(plan("look").model_copy(update={"cameras": both})) as plane:
        assert "no such weights" in plane.until(Failed).error
    assert not [record for record in caplog.records if record.exc_info]


def test_what_a_strangers_stage_raises_while_it_is_built_is_told_with_its_place() -> None:
    with running(plan("look", "careless")) as plane:
        assert plane.until(Failed).error == "camera yard, stage careless: ValueError: no such room"


def test_a_frame_without_its_tracker_is_not_a_frame_without_objects() -> None:
    with running(plan("look", "track", options={"track": {"at": [3, 4]}})) as plane:
        plane.play(6)
        plane.until(Finished)
    assert [(result.seq, len(result.objects)) for result in plane.all(FrameResult)] == [(1, 1), (2, 1), (5, 1), (6, 1)]


def test_a_frame_that_nobody_looked_at_is_told_as_such_and_not_lost() -> None:
    """Not even by a stage that fails after it."""
    options = {"detect": {"every": 3}, "fails": {"at": [3, 4, 5]}}
    with running(plan("detect", "track", "fails", options=options)) as plane:
        plane.play(9)
        plane.until(Finished)
        health = plane.until(Health, lambda message: bool(message.cameras)).cameras["yard"]
    results = plane.all(FrameResult)
    assert [result.seq for result in results] == list(range(1, 10))
    assert [result.seq for result in results if result.looked] == [3, 6, 9]
    assert (health.analysed, health.looked, health.dropped["failed"]) == (9, 3, 0)


def test_a_stage_knows_the_objects_of_the_last_frame_that_was_looked_at() -> None:
    with running(plan("detect", "track", "recall", options={"detect": {"every": 3}})) as plane:
        plane.play(12)
        plane.until(Finished)
    recalled = [message.event.data["frames"] for message in plane.all(EventOut)]
    assert recalled[:3] == [[]] * 3
    for seq, frames in enumerate(recalled, 1):
        last = (seq - 1) // 3 * 3
        assert frames in ([[last]] if last else [[]]) + ([[max(3, last - 3)], []] if seq == last + 1 else [])


@pytest.mark.parametrize("stages", [("fails", "detect", "track"), ("detect", "track", "fails")])
def test_a_stage_that_fails_beside_detection_costs_no_frame(stages: tuple[str, ...]) -> None:
    with running(plan(*stages, options={"fails": {"at": list(range(1, 30))}})) as plane:
        plane.play(20)
        plane.until(Finished)
        health = plane.until(Health, lambda message: bool(message.cameras)).cameras["yard"]
    assert [len(result.objects) for result in plane.all(FrameResult)] == [1] * 20
    assert health.disabled == {"fails": "ValueError: on purpose"}


def test_numpys_numbers_leave_as_plain_ones() -> None:
    with running(plan("look", "numpy")) as plane:
        plane.play(1)
        plane.until(Finished)
    (result,), (told,) = plane.all(FrameResult), plane.all(EventOut)
    assert type(result.objects[0].score) is float
    assert result.objects[0].attributes == {"v": 0.5}
    assert type(result.marks[0].points[0][0]) is float
    assert told.event.data == {"speed": 0.5}
    assert type(told.event.data["speed"]) is float


@pytest.mark.parametrize("objects", [False, True])
def test_what_is_no_event_or_object_stays_inside_and_is_told(objects: bool) -> None:
    with running(plan("look", "wrong", options={"wrong": {"at": [2], "objects": objects}})) as plane:
        plane.play(4)
        plane.until(Finished)
        health = plane.until(Health, lambda message: bool(message.cameras)).cameras["yard"]
    assert [result.seq for result in plane.all(FrameResult)] == ([1, 3, 4] if objects else [1, 2, 3, 4])
    assert "no plain FrameResult" in health.last_error if objects else "no plain Event" in health.last_error
    assert not plane.all(EventOut)


def test_a_stage_that_hangs_holds_up_no_other_camera() -> None:
    """More cameras hang than a pool that they shared had threads."""
    Hangs.let_go.clear()
    one = plan("hangs").cameras["yard"]
    hanging = {
        f"h{index}": one.model_copy(update={"camera": one.camera.model_copy(update={"name": f"h{index}"})})
        for index in range(5)
    }
    with running(plan("look", "follow").model_copy(update={"cameras": hanging | plan("look").cameras})) as plane:
        for name in hanging:
            plane.play(1, camera=name)
        plane.play(5)
        try:
            assert plane.until(Finished).camera == "yard"
        finally:
            Hangs.let_go.set()
    assert len(plane.all(FrameResult)) == 5


def test_the_best_picture_of_an_object() -> None:
    with running(plan("look", "follow")) as plane:
        plane.play(30)
        plane.until(Finished)
    (snapshot,) = plane.all(Snapshot)
    assert (snapshot.object_id, snapshot.score) == ("one", 0.9)
    assert _size_of_jpeg(snapshot.jpeg) == (320, 180)


def test_a_still_is_answered() -> None:
    with running(plan("look", "follow")) as plane:
        plane.link.send(WantStill("yard", 7))
        assert plane.until(Still) == Still(7, None, "no picture has been decoded yet")
        plane.play(5)
        plane.until(Finished)
        plane.link.send(WantStill("yard", 8, annotated=True, height=90))
        still = plane.until(Still)
    assert still.request == 8
    assert _size_of_jpeg(still.jpeg or b"") == (160, 90)


@pytest.mark.parametrize("view", ["burned", "clean"])
def test_a_video_view_is_made_only_while_wanted(view: str) -> None:
    with running(plan("look", "follow")) as plane:
        plane.link.send(WantView("yard", view, True))  # type: ignore[arg-type]
        plane.play(50)
        plane.until(Finished)
        first = plane.first(ViewPacket).packet
        info = plane.first(ViewInfo).info
        assert (info.codec, info.width, info.height) == ("h264", 320, 180)
        assert first.keyframe
        assert b"\x00\x00\x00\x01\x67" in first.data or b"\x00\x00\x01\x67" in first.data
        plane.link.send(WantView("yard", view, False))  # type: ignore[arg-type]
        plane.link.send(WantStill("yard", 1))
        plane.until(Still)
        plane.seen.clear()
        plane.play(10)
        plane.until(Finished)
        assert len(plane.all(ViewPacket)) <= 1


@pytest.mark.parametrize("view", ["burned", "jpeg_annotated"])
def test_pictures_that_cannot_be_painted_harm_nothing_else(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise cv2.error("no font")

    with running(plan("look", "follow", "tell")) as plane:
        plane.link.send(WantView("yard", view, True))
        with monkeypatch.context() as patch:
            patch.setattr("pipeline.analysis.views.paint", fail)
            plane.play(5)
            plane.until(Finished)
            health = plane.until(Health, lambda message: bool(message.cameras)).cameras["yard"]
        assert len(plane.all(FrameResult)) == len(plane.all(EventOut)) == 5
        assert "no font" in health.last_error
        plane.play(10)
        plane.until(Finished)
        plane.first(ViewPacket if view == "burned" else ViewJpeg)


def test_a_stream_that_no_decoder_takes_does_not_end_the_camera() -> None:
    with running(plan("look", "follow")) as plane:
        plane.link.send(StreamOpened("yard", StreamInfo("vp0", 320, 180)))  # type: ignore[arg-type]
        plane.play(5)
        plane.until(Finished)
        health = plane.until(Health, lambda message: bool(message.cameras)).cameras["yard"]
    assert len(plane.all(FrameResult)) == 5
    assert "a packet could not be handled" in health.last_error


def test_no_pictures_of_objects_where_nobody_keeps_them() -> None:
    camera = plan("look", "follow").cameras["yard"].model_copy(update={"snapshots": False})
    with running(AnalysisPlan(models={}, cameras={"yard": camera})) as plane:
        plane.play(10)
        plane.until(Finished)
    assert len(plane.all(FrameResult)) == 10
    assert not plane.all(Snapshot)


def test_a_camera_that_changes_its_size_in_mid_stream() -> None:
    """The view tells its new size; the stages go on."""
    with running(plan("look", "follow")) as plane:
        plane.link.send(WantView("yard", "clean", True))
        plane.link.send(StreamOpened("yard", INFO))
        for at, packet in enumerate([*packets(10), *packets(10, size=(640, 360))]):
            plane.link.send(PacketIn("yard", replace(packet, pts_90k=at * 3600, dts_90k=at * 3600)))
        plane.until(FrameResult, lambda result: result.seq == 20)
        while len(plane.all(ViewInfo)) < 2:
            plane.until(ViewInfo)
    assert len(plane.all(FrameResult)) == 20
    assert [message.info.width for message in plane.all(ViewInfo)] == [320, 640]


def test_jpegs_of_the_analysed_frames() -> None:
    with running(plan("look", "follow")) as plane:
        plane.link.send(WantView("yard", "jpeg_annotated", True))
        plane.play(5)
        plane.until(Finished)
    assert len(plane.all(ViewJpeg)) == 5


def test_a_caller_in_the_same_process_sees_the_frames() -> None:
    observed: list[tuple[int, int, list[str]]] = []

    def observe(frame: Frame, result: FrameResult, events: list[Event]) -> None:
        observed.append((frame.seq, len(result.objects), [event.id for event in events]))

    with running(plan(*ALL), observer=observe) as plane:
        plane.play(3)
        plane.until(Finished)
    assert observed == [(1, 1, ["e1"]), (2, 1, ["e2"]), (3, 1, ["e3"])]


def _size_of_jpeg(data: bytes) -> tuple[int, int]:
    with av.open(io.BytesIO(data), "r", format="jpeg_pipe") as container:
        picture = next(container.decode(video=0))
        return picture.width, picture.height


@pytest.mark.parametrize(("realtime", "said"), [(True, "named in real time"), (False, "named waits")])
def test_a_stage_knows_its_name_and_whether_it_may_leave_anything_out(realtime: bool, said: str) -> None:
    with running(plan("look", "follow", "named", realtime=realtime)) as plane:
        plane.play(3)
        result = plane.until(FrameResult)
    assert [mark.text for mark in result.marks] == [said]
