"""A camera's view and one sink, against a sink that does what the test says, and keeps the contract."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Event

import pytest

from pipeline.core.clock import ManualClock, SystemClock
from pipeline.core.errors import DeliveryError
from pipeline.core.metrics import Metrics
from pipeline.core.packet import Packet, StreamInfo
from pipeline.media import Hub, Outgoing, Push
from pipeline.media import push as module
from tests.media.streams import INFO, numbers, packet


@dataclass
class Receiver:
    """Takes what it is sent; `slow` until that is set, `refuses` when it is opened."""

    refuses: list[Exception] = field(default_factory=list)
    written: list[Packet] = field(default_factory=list)
    announced: list[StreamInfo] = field(default_factory=list)
    takes: Event = field(default_factory=Event)
    entered: Event = field(default_factory=Event)
    breaks: Exception | None = None
    closed: int = 0

    def open(self, info: StreamInfo) -> None:
        if self.refuses:
            raise self.refuses.pop(0)
        self.announced.append(info)

    def write(self, packet: Packet) -> None:
        self.entered.set()
        assert self.takes.wait(30)
        if self.breaks:
            raise self.breaks
        self.written.append(packet)

    def interrupt(self) -> None:
        self.breaks = DeliveryError("interrupted")
        self.takes.set()

    def close(self) -> None:
        self.closed += 1


class View:
    """A hub that says when somebody looks, and the camera behind it."""

    def __init__(self) -> None:
        self.wanted: list[bool] = []
        self.hub = Hub(on_first=lambda: self.wanted.append(True), on_last=lambda: self.wanted.append(False))
        self.online = True

    def outgoing(self) -> Outgoing | None:
        return Outgoing(INFO, self.hub) if self.online else None


@pytest.fixture
def view() -> View:
    return View()


@pytest.fixture
def receiver() -> Receiver:
    receiver = Receiver()
    receiver.takes.set()
    return receiver


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def push(view: View, receiver: Receiver, metrics: Metrics) -> Iterator[Push]:
    push = Push("yard", "out", "burned", lambda: receiver, view.outgoing, SystemClock(), metrics)
    yield push
    push.stop()


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def begin(push: Push, view: View) -> None:
    """The push runs, and the view has begun."""
    push.start()
    until(lambda: view.wanted == [True])
    view.hub.stream_opened(INFO)


def test_the_view_is_made_while_the_sink_is_open_and_no_longer(push: Push, view: View, receiver: Receiver) -> None:
    begin(push, view)
    assert receiver.announced == [INFO], "opened before anything is made for it"
    for number in range(3):
        view.hub.packet(packet(number, keyframe=number == 1))
    until(lambda: numbers(receiver.written) == [1, 2])
    assert push.status().state == "online"
    push.stop()
    assert (view.wanted, receiver.closed) == ([True, False], 1)


def test_nothing_is_opened_for_a_camera_without_a_picture(push: Push, view: View, receiver: Receiver) -> None:
    view.online = False
    assert push.run_once() == module.LOOK_S
    assert (push.status().state, push.status().reason) == ("waiting", "the camera has no picture")
    assert (receiver.announced, view.wanted) == ([], [])


def test_a_slow_sink_loses_whole_groups_and_holds_up_nobody(
    push: Push, view: View, receiver: Receiver, metrics: Metrics
) -> None:
    receiver.takes.clear()
    begin(push, view)
    view.hub.packet(packet(0, keyframe=True))
    assert receiver.entered.wait(20)
    for number in range(1, 400):
        view.hub.packet(packet(number, keyframe=number % 50 == 0))
    receiver.takes.set()
    until(lambda: receiver.written and numbers(receiver.written)[-1] == 399)
    sent = numbers(receiver.written)
    assert sent[1] % 50 == 0 and sent[1:] == list(range(sent[1], 400)), "what is left begins at a key frame"
    lost = 400 - len(sent)
    until(lambda: push.status().dropped == lost)
    assert metrics.dropped.labels("yard", "push")._value.get() == lost


def test_a_stop_interrupts_a_sink_that_hangs(push: Push, view: View, receiver: Receiver) -> None:
    receiver.takes.clear()
    begin(push, view)
    view.hub.packet(packet(0, keyframe=True))
    assert receiver.entered.wait(20)
    began = time.monotonic()
    push.stop()
    assert time.monotonic() - began < 4
    assert (view.wanted, push.status().reason) == ([True, False], "stopped")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(lambda hub: hub.stream_lost(), "the camera's picture broke off", id="lost"),
        pytest.param(lambda hub: hub.stream_opened(INFO), "the camera's stream changed", id="another stream"),
    ],
)
def test_a_stream_that_ends_is_announced_anew(
    change: Callable[[Hub], None], reason: str, push: Push, view: View, receiver: Receiver
) -> None:
    begin(push, view)
    view.hub.packet(packet(0, keyframe=True))
    until(lambda: receiver.written)
    change(view.hub)
    until(lambda: push.status().reason == reason)
    until(lambda: len(receiver.announced) == 2)
    assert view.wanted == [True, False, True]


def test_it_is_tried_again_and_the_reason_is_told_once(
    view: View, receiver: Receiver, metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    clock = ManualClock()
    push = Push("yard", "out", "burned", lambda: receiver, view.outgoing, clock, metrics)
    receiver.refuses = [
        *[DeliveryError("unreachable: is it on?")] * 3,
        DeliveryError("unauthorised", permanent=True),
        ValueError("rtsp://user:hunter2@media"),
    ]
    waits = []
    for _ in range(5):
        waits.append(push.run_once())
        clock.advance(waits[-1])
    assert waits[0] == 0
    assert all(0.5 <= wait <= 1 for wait in waits[1:3])
    assert waits[3] > 40, "many servers shut out who guesses"
    assert (push.status().state, push.status().reason) == ("offline", "the sink failed (ValueError)")
    assert caplog.text.count("unreachable: is it on?") == 1
    assert "hunter2" not in caplog.text
    assert view.wanted == []
