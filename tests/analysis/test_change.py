"""A plane whose cameras change while it runs."""

from pipeline.core.messages import (
    ChangeCamera,
    Changed,
    FrameResult,
    Health,
    Ready,
    Still,
    ViewPacket,
    WantStill,
    WantView,
)
from pipeline.media import Hub
from tests.analysis.pictures import INFO, packets
from tests.analysis.plane_fixture import plan, running
from tests.analysis.test_supervisor import Heard, supervisor


def changed_to(*stages: str, camera: str = "yard") -> ChangeCamera:
    data = plan(*stages).model_dump(mode="json", by_alias=True)["cameras"]["yard"]
    data["camera"]["name"] = camera
    return ChangeCamera(camera, data)


def test_a_camera_gets_other_stages() -> None:
    with running(plan("look", "follow")) as plane:
        plane.play(10)
        assert plane.until(FrameResult, lambda result: result.seq == 10).marks == []
        plane.link.send(changed_to("look", "follow", "tell"))
        assert plane.until(Changed) == Changed("yard")
        plane.play(3)
        assert plane.until(FrameResult).marks[0].text == "hello"


def test_cameras_come_and_go() -> None:
    with running(plan("look", "follow")) as plane:
        plane.until(Ready)
        plane.link.send(changed_to("look", "follow", camera="gate"))
        plane.until(Changed)
        plane.play(2, camera="gate")
        assert plane.until(FrameResult).camera == "gate"
        plane.link.send(ChangeCamera("yard", None))
        assert plane.until(Changed) == Changed("yard")
        assert plane.until(Health, lambda health: "yard" not in health.cameras).cameras.keys() == {"gate"}


def test_a_camera_that_goes_is_asked_for_no_picture_any_more() -> None:
    """The next of its name may look somewhere else."""
    with running(plan("look", "follow")) as plane:
        plane.play(5)
        plane.until(FrameResult, lambda result: result.seq == 5)
        plane.link.send(WantStill("yard", 1))
        assert plane.until(Still).jpeg
        plane.link.send(ChangeCamera("yard", None))
        plane.link.send(changed_to("look", "follow"))
        plane.link.send(WantStill("yard", 2))
        assert plane.until(Still).jpeg is None


def test_stages_that_cannot_be_built_cost_that_camera_alone() -> None:
    with running(plan("look", "follow")) as plane:
        plane.until(Ready)
        plane.link.send(changed_to("impossible", camera="gate"))
        assert plane.until(Changed) == Changed("gate", "camera gate, stage impossible: no such weights: nothing.pt")
        plane.play(2)
        assert plane.until(FrameResult).camera == "yard"


def test_it_is_fed_from_the_last_key_frame_on_and_its_views_go_on() -> None:
    heard, hub, sent = Heard(), Hub(), packets(40, gop=50)
    keeper = supervisor(heard, "look", "follow")
    keeper.start({"yard": hub})
    try:
        keeper.want_view(WantView("yard", "clean", True))
        heard.until_state("running")
        hub.stream_opened(INFO)
        for packet in sent[:30]:
            hub.packet(packet)
        heard.until(ViewPacket)
        keeper.change(plan("look", "follow", "tell", realtime=True), "yard", hub)
        heard.until(Changed)
        for packet in sent[30:]:
            hub.packet(packet)
        heard.until_both(sent[-1].pts_90k)
    finally:
        keeper.stop()


def test_a_plane_that_is_started_again_has_the_latest_plan() -> None:
    heard, hub = Heard(), Hub()
    keeper = supervisor(heard, "look", "follow")
    keeper.start({"yard": hub})
    try:
        heard.until_state("running")
        keeper.change(plan("look", "follow", "tell", realtime=True), "yard", hub)
        heard.until(Changed)
        assert keeper.process is not None
        keeper.process.kill()
        heard.until_state("running")
        hub.stream_opened(INFO)
        for packet in packets(5):
            hub.packet(packet)
        assert heard.until(FrameResult).marks[0].text == "hello"
    finally:
        keeper.stop()


def test_a_camera_that_is_gone_is_fed_no_more() -> None:
    heard, hub = Heard(), Hub()
    keeper = supervisor(heard, "look", "follow")
    keeper.start({"yard": hub})
    try:
        heard.until_state("running")
        assert len(hub) == 1
        keeper.change(plan("look", realtime=True).model_copy(update={"cameras": {}}), "yard", None)
        assert heard.until(Changed) == Changed("yard")
        assert len(hub) == 0
        hub.stream_opened(INFO)
        for packet in packets(5):
            hub.packet(packet)
        assert heard.until(Health).cameras == {}
        assert not any(isinstance(message, FrameResult) for message in heard.messages.queue)
    finally:
        keeper.stop()
