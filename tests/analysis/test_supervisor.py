import queue
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.analysis.link import Link, memory_link
from pipeline.analysis.plane import AnalysisPlane
from pipeline.analysis.supervisor import SILENT_FOR_S, Supervisor
from pipeline.core.clock import Clock, ManualClock, SystemClock
from pipeline.core.messages import Down, Failed, FrameResult, Health, Ready, Up, ViewPacket, WantView
from pipeline.media import Hub
from tests.analysis.pictures import INFO, packets
from tests.analysis.plane_fixture import plan
from tests.analysis.stub_stages import load


class ThreadPlane:
    """A plane in a thread that can be killed: its link closes as a dead process's would."""

    pid = 0
    killed = False

    def __init__(self) -> None:
        self.link: Link[Down, Up]
        self.link, far = memory_link()
        self._thread = threading.Thread(target=AnalysisPlane(far, load).run)
        self._thread.start()

    def kill(self) -> None:
        self.killed = True
        self.link.close()

    def wait(self) -> str:
        self._thread.join(10)
        return "killed"


class Heard:
    """What the supervisor told."""

    def __init__(self) -> None:
        self.messages: queue.Queue[Up] = queue.Queue()
        self.states: queue.Queue[tuple[str, str]] = queue.Queue()

    def until_both(self, last_pts_90k: int) -> None:
        """Waits for the result of that frame and for a packet of the view, whichever comes first."""
        result = view = False
        while not (result and view):
            message = self.messages.get(timeout=20)
            view |= isinstance(message, ViewPacket)
            result |= isinstance(message, FrameResult) and message.pts_90k == last_pts_90k

    def until(self, kind: type[Any]) -> Any:
        while not isinstance(message := self.messages.get(timeout=20), kind):
            pass
        return message

    def until_state(self, wanted: str) -> str:
        while (told := self.states.get(timeout=20))[0] != wanted:
            pass
        return told[1]


@pytest.fixture
def heard() -> Heard:
    return Heard()


def supervisor(
    heard: Heard,
    *stages: str,
    spawn: Callable[[], ThreadPlane] = ThreadPlane,
    on_message: Callable[[Up], None] | None = None,
    clock: Clock | None = None,
) -> Supervisor:
    return Supervisor(
        plan(*stages, realtime=True),
        spawn,
        clock or SystemClock(),
        on_message=on_message or heard.messages.put,
        on_state=lambda state, reason: heard.states.put((state, reason)),
    )


def test_a_dead_plane_is_started_again_and_catches_up(heard: Heard) -> None:
    hub = Hub()
    sent = packets(40, gop=50)
    keeper = supervisor(heard, "look", "follow")
    keeper.start({"yard": hub})
    try:
        keeper.want_view(WantView("yard", "clean", True))
        heard.until_state("running")
        hub.stream_opened(INFO)
        for packet in sent[:30]:
            hub.packet(packet)
        heard.until(ViewPacket)
        first = keeper.process
        assert first is not None
        first.kill()
        assert heard.until_state("restarting") == "the analysis process ended (killed)"
        heard.until_state("running")
        for packet in sent[30:]:
            hub.packet(packet)
        heard.until_both(sent[-1].pts_90k)
        assert keeper.process is not first
    finally:
        keeper.stop()


def test_what_cannot_work_is_told(heard: Heard) -> None:
    keeper = supervisor(heard, "impossible")
    keeper.start({})
    why = "camera yard, stage impossible: no such weights: nothing.pt"
    try:
        assert heard.until(Failed).error == why
        assert heard.until_state("failed") == why
        assert keeper.process is not None
        keeper.process.kill()
        assert heard.until_state("restarting") == f"the analysis process ended ({why})"
    finally:
        keeper.stop()


def test_one_that_cannot_be_started_or_dies_at_once_is_tried_again(heard: Heard) -> None:
    lives: list[str] = []

    def spawn() -> ThreadPlane:
        lives.append("")
        if len(lives) == 1:
            raise OSError("no more processes")
        plane = ThreadPlane()
        if len(lives) == 2:
            plane.kill()
        return plane

    keeper = supervisor(heard, "look", spawn=spawn)
    keeper.start({})
    try:
        assert heard.until_state("restarting") == "the analysis process ended (it cannot be started: no more processes)"
        assert heard.until_state("restarting") == "the analysis process ended (killed)"
        heard.until_state("running")
    finally:
        keeper.stop()


def test_what_came_while_it_loaded_is_not_analysed(heard: Heard) -> None:
    hub, sent = Hub(), packets(60, gop=20)
    keeper = supervisor(heard, "slow", "look", "follow")
    keeper.start({"yard": hub})
    try:
        heard.until(Health)
        hub.stream_opened(INFO)
        for packet in sent:
            hub.packet(packet)
        assert heard.until(FrameResult).pts_90k >= sent[40].pts_90k
    finally:
        keeper.stop()


def test_it_outlives_whoever_hears_it(heard: Heard, caplog: pytest.LogCaptureFixture) -> None:
    def hear(message: Up) -> None:
        heard.messages.put(message)
        if isinstance(message, Ready):
            raise KeyError("no such camera")

    keeper = supervisor(heard, "look", on_message=hear)
    keeper.start({})
    try:
        heard.until(Ready)
        heard.until(Health)
        assert "could not be handled" in caplog.text
    finally:
        keeper.stop()


def test_stop_before_start_and_twice(heard: Heard) -> None:
    keeper = supervisor(heard, "look")
    keeper.stop()
    keeper.stop()


def test_a_plane_is_not_silent_while_nobody_listens(heard: Heard) -> None:
    clock, held = ManualClock(), threading.Event()

    def hold_up(message: Up) -> None:
        if isinstance(message, Ready):
            held.wait(20)
        heard.messages.put(message)

    keeper = supervisor(heard, "look", on_message=hold_up, clock=clock)
    keeper.start({})
    try:
        heard.until_state("running")
        plane = keeper.process
        assert isinstance(plane, ThreadPlane)
        clock.advance(10 * SILENT_FOR_S)
        time.sleep(2.5)  # the watchdog looks each second
        assert not plane.killed
        held.set()
        heard.until(Ready)
    finally:
        keeper.stop()
