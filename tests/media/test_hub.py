from collections.abc import Callable
from threading import Event, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.contracts import PacketConsumer, PacketStream
from pipeline.core.packet import Packet, SoundPacket
from pipeline.media.hub import Hub
from tests.media.streams import INFO, Recording, packet


def opened(on_first: Callable[[], None] | None = None, on_last: Callable[[], None] | None = None) -> Hub:
    hub = Hub(on_first=on_first, on_last=on_last)
    hub.stream_opened(INFO)
    return hub


def send(hub: Hub, *wanted: int, gop: int = 10) -> None:
    for number in wanted:
        hub.packet(packet(number, keyframe=number % gop == 0))


def test_it_keeps_both_contracts() -> None:
    stream: PacketStream = Hub()
    consumer: PacketConsumer = Hub()
    assert stream.info is None
    assert stream.subscribe(consumer) is not None


def test_everybody_hears_everything_in_order() -> None:
    hub, first, second = Hub(), Recording(), Recording()
    hub.subscribe(first)
    hub.subscribe(second)
    hub.stream_opened(INFO)
    send(hub, 0, 1)
    hub.stream_lost()
    assert first.heard == second.heard == ["opened 1280", 0, 1, "lost"]


def test_sound_is_for_those_who_listen() -> None:
    class Listening(Recording):
        def sound(self, packet: SoundPacket) -> None:
            self.heard.append(f"heard {packet.pts_90k}")

    hub, deaf, listening = Hub(), Recording(), Listening()
    hub.subscribe(deaf)
    hub.sound(SoundPacket(b"before", 0))
    hub.subscribe(listening)
    hub.sound(SoundPacket(b"before", 0))
    hub.stream_opened(INFO)
    send(hub, 0)
    hub.sound(SoundPacket(b"unit", 900))
    hub.stream_lost()
    hub.sound(SoundPacket(b"after", 1800))
    assert deaf.heard == ["opened 1280", 0, "lost"]
    assert listening.heard == ["opened 1280", 0, "heard 900", "lost"]


def test_it_is_patient_while_everybody_is() -> None:
    hub = Hub()
    hub.subscribe(Recording(patient=True))
    alone = hub.is_patient
    leave = hub.subscribe(Recording())
    together = hub.is_patient
    leave()
    assert (alone, together, hub.is_patient) == (True, False, True)


def test_a_late_subscriber_is_told_that_the_stream_is_open() -> None:
    hub, late = opened(), Recording()
    send(hub, 0, 1)
    hub.subscribe(late)
    send(hub, 2)
    assert late.heard == ["opened 1280", 2]


def test_a_replay_begins_at_the_last_key_frame() -> None:
    hub, late = opened(), Recording()
    send(hub, *range(13))
    hub.subscribe(late, replay=True)
    send(hub, 13)
    assert late.heard == ["opened 1280", 10, 11, 12, 13]


def test_nothing_is_replayed_of_a_stream_that_is_lost() -> None:
    hub, late = opened(), Recording()
    send(hub, 0, 1)
    hub.stream_lost()
    hub.subscribe(late, replay=True)
    assert (late.heard, hub.info) == ([], None)


def test_the_ring_keeps_a_lost_stream_until_a_new_one_opens() -> None:
    hub, late = opened(), Recording()
    send(hub, 0, 1)
    hub.stream_lost()
    assert len(hub.ring.since(0.0)) == 2
    hub.stream_opened(INFO)
    send(hub, 2)
    hub.subscribe(late, replay=True)
    assert late.heard == ["opened 1280"]


def test_packets_of_a_stream_that_is_not_open_are_dropped_and_its_loss_is_no_news() -> None:
    hub, consumer = Hub(), Recording()
    hub.subscribe(consumer)
    send(hub, 0)
    hub.stream_lost()
    assert (consumer.heard, len(hub.ring)) == ([], 0)


def test_who_has_left_hears_nothing_more() -> None:
    hub, gone, stays = opened(), Recording(), Recording()
    leave = hub.subscribe(gone)
    hub.subscribe(stays)
    send(hub, 0)
    leave()
    leave()
    send(hub, 1)
    assert gone.heard == ["opened 1280", 0]
    assert stays.heard == ["opened 1280", 0, 1]


def test_a_consumer_may_leave_while_it_is_called() -> None:
    class Once(Recording):
        def packet(self, packet: Packet) -> None:
            super().packet(packet)
            leave()

    hub, once = opened(), Once()
    leave = hub.subscribe(once)
    send(hub, 0, 1)
    assert once.heard == ["opened 1280", 0]


class Broken(Recording):
    def packet(self, packet: Packet) -> None:
        raise ValueError("cannot take it")


@pytest.mark.parametrize("replay", [False, True], ids=["live", "during its replay"])
def test_a_consumer_that_raises_leaves_and_harms_nobody(replay: bool, caplog: pytest.LogCaptureFixture) -> None:
    hub, before, after = opened(), Recording(), Recording()
    send(hub, 0)
    hub.subscribe(before)
    hub.subscribe(Broken(), replay=replay)
    hub.subscribe(after)
    send(hub, 1, 2)
    assert before.heard == after.heard == ["opened 1280", 1, 2]
    assert len(hub) == 2
    assert [record.getMessage() for record in caplog.records] == ["Broken failed and gets no more packets"]


def test_first_and_last_are_told_in_turns() -> None:
    calls: list[str] = []
    hub = opened(on_first=lambda: calls.append("first"), on_last=lambda: calls.append("last"))
    leave_one, leave_two = hub.subscribe(Recording()), hub.subscribe(Recording())
    leave_one()
    assert calls == ["first"]
    leave_two()
    hub.subscribe(Broken())
    assert calls == ["first", "last", "first"]
    hub.stream_opened(INFO)
    send(hub, 0)
    assert calls == ["first", "last", "first", "last"]


def test_a_view_that_nobody_watches_is_forgotten() -> None:
    hub = Hub(on_last=lambda: None)
    leave = hub.subscribe(Recording())
    hub.stream_opened(INFO)
    send(hub, 0, 1)
    leave()
    send(hub, 2)
    late = Recording()
    hub.subscribe(late, replay=True)
    assert (late.heard, hub.info, len(hub.ring)) == ([], None, 0)


def test_a_camera_goes_on_unwatched() -> None:
    hub, late = opened(), Recording()
    hub.subscribe(Recording())()
    send(hub, 0, 1)
    hub.subscribe(late, replay=True)
    assert late.heard == ["opened 1280", 0, 1]


def test_the_callbacks_may_use_the_hub() -> None:
    def begin() -> None:
        hub.stream_opened(INFO)

    def end() -> None:
        hub.stream_lost()

    hub, consumer = Hub(on_first=begin, on_last=end), Recording()
    leave = hub.subscribe(consumer)
    leave()
    assert (consumer.heard, hub.info) == (["opened 1280"], None)


def test_a_consumer_that_waits_holds_up_nobody_who_comes_or_goes() -> None:
    entered, released = Event(), Event()

    class Waiting(Recording):
        def packet(self, packet: Packet) -> None:
            entered.set()
            assert released.wait(10)

    hub, other = opened(), Recording()
    hub.subscribe(Waiting())
    publisher = Thread(target=send, args=(hub, 0))
    publisher.start()
    assert entered.wait(10)
    leave = hub.subscribe(other, replay=True)
    leave()
    released.set()
    publisher.join(10)
    assert other.heard == ["opened 1280", 0]


@settings(max_examples=15, deadline=None)
@given(gop=st.integers(1, 30), subscribers=st.integers(1, 4))
def test_a_replay_meets_the_live_packets_without_gap_or_duplicate(gop: int, subscribers: int) -> None:
    hub, late = opened(), [Recording() for _ in range(subscribers)]
    publisher = Thread(target=send, args=(hub, *range(400)), kwargs={"gop": gop})
    publisher.start()
    for consumer in late:
        hub.subscribe(consumer, replay=True)
    publisher.join(30)
    for consumer in late:
        told, *heard = consumer.heard
        assert told == "opened 1280"
        assert heard == list(range(400 - len(heard), 400))
        assert not heard or (400 - len(heard)) % gop == 0
