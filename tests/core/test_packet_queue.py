import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.channels import Closed, PacketQueue
from pipeline.core.messages import PacketIn, StreamLost, StreamOpened
from pipeline.core.packet import Packet, StreamInfo


def packet(index: int, *, key: bool = False, camera: str = "yard") -> PacketIn:
    return PacketIn(camera, Packet(b"x", index, index, key, 0.0))


def drained(queue: PacketQueue) -> list[object]:
    queue.close()
    taken: list[object] = []
    while True:
        try:
            taken.append(queue.get(0))
        except Closed:
            return taken


def test_a_full_camera_loses_its_oldest_group() -> None:
    queue = PacketQueue(capacity=6)
    for index in range(7):
        queue.put(packet(index, key=index % 3 == 0))
    assert drained(queue) == [packet(index, key=index % 3 == 0) for index in (3, 4, 5, 6)]
    assert queue.dropped["yard"] == 3


def test_several_are_taken_at_once_camera_by_camera_in_turn() -> None:
    queue = PacketQueue()
    for index in range(3):
        queue.put(packet(index, key=True))
    queue.put(packet(0, key=True, camera="street"))
    assert queue.get_many(3) == [
        packet(0, key=True),
        packet(0, key=True, camera="street"),
        packet(1, key=True),
    ]
    assert queue.get_many(3) == [packet(2, key=True)]
    queue.close()
    with pytest.raises(Closed):
        queue.get_many(3)


def test_one_long_group_is_kept_whole() -> None:
    """A plane that was started again begins where the group does, however long that is."""
    queue = PacketQueue(capacity=3)
    sent = [packet(index, key=index == 0) for index in range(50)]
    for message in sent:
        queue.put(message)
    queue.put(packet(50, key=True))
    assert drained(queue) == [packet(50, key=True)]
    assert queue.dropped["yard"] == 50


def test_the_rest_of_a_group_is_the_oldest() -> None:
    queue = PacketQueue(capacity=4)
    sent = [packet(index, key=index in (0, 3)) for index in range(6)]
    for message in sent[:2]:
        queue.put(message)
    assert queue.get(0) == sent[0]
    for message in sent[2:]:
        queue.put(message)
    assert drained(queue) == sent[3:]
    assert queue.dropped["yard"] == 2


def test_without_another_key_frame_it_waits_for_one() -> None:
    queue = PacketQueue(capacity=3, most_bytes=3)
    for index in range(6):
        queue.put(packet(index, key=index == 0))
    queue.put(packet(6, key=True))
    queue.put(packet(7))
    assert drained(queue) == [packet(6, key=True), packet(7)]
    assert queue.dropped["yard"] == 6


def test_other_messages_are_never_lost_and_keep_their_place() -> None:
    queue = PacketQueue(capacity=2)
    opened = StreamOpened("yard", StreamInfo("h264", 2, 2))
    queue.put(opened)
    queue.put(packet(0, key=True))
    queue.put(StreamLost("yard"))
    queue.put(packet(1, key=True))
    assert drained(queue)[:2] == [opened, StreamLost("yard")]


def test_cameras_are_served_in_turn() -> None:
    queue = PacketQueue()
    for index in range(3):
        queue.put(packet(index, key=True, camera="yard"))
    queue.put(packet(9, key=True, camera="door"))
    order = [message.camera for message in drained(queue) if isinstance(message, PacketIn)]
    assert order[:2] == ["yard", "door"]


def test_with_wait_the_sender_waits() -> None:
    queue = PacketQueue(capacity=1, wait=True)
    queue.put(packet(0, key=True))
    done = threading.Event()

    def put() -> None:
        queue.put(packet(1))
        done.set()

    threading.Thread(target=put, daemon=True).start()
    assert not done.wait(0.1)
    assert queue.get(1) == packet(0, key=True)
    assert done.wait(5)
    assert not queue.dropped


@pytest.mark.parametrize(
    ("last", "wakes"),
    [
        pytest.param(packet(3), False, id="one more packet"),
        pytest.param(packet(3, key=True), True, id="a key frame"),
        pytest.param(StreamLost("yard"), True, id="another message"),
    ],
)
def test_a_patient_consumer_is_woken_for_what_matters(last: PacketIn | StreamLost, wakes: bool) -> None:
    queue, woken = PacketQueue(), threading.Event()
    queue.patience = {"yard": 5}
    asked = threading.Event()

    def take() -> None:
        with queue._changed:  # until it waits for what comes, nothing can come
            asked.set()
            queue.get()
        woken.set()

    waiting = threading.Thread(target=take, daemon=True)
    waiting.start()
    assert asked.wait(5)
    for index in range(3):
        queue.put(packet(index))
    queue.put(last)
    assert woken.wait(5 if wakes else 0.1) == wakes
    queue.put(packet(4))
    assert woken.wait(5), "enough have gathered"
    waiting.join(5)


def test_a_camera_without_patience_brings_the_others_along() -> None:
    queue = PacketQueue()
    queue.patience = {"yard": 5}
    queue.put(packet(0))
    queue.put(packet(1, camera="door"))
    assert queue.get_many(9) == [packet(0), packet(1, camera="door")]


def test_nobody_is_patient_for_ever() -> None:
    queue = PacketQueue()
    queue.patience = {"yard": 5}
    with pytest.raises(TimeoutError):
        queue.get_many(9, 0.01)
    queue.put(packet(0))
    assert queue.get_many(9, 0.01) == [packet(0)]


def test_who_was_patient_long_enough_has_all_that_waits() -> None:
    queue = PacketQueue()
    queue.patience = {"yard": 3}
    for index in range(3):
        queue.put(packet(index))
    assert [queue.get(0) for _ in range(3)] == [packet(0), packet(1), packet(2)]
    queue.put(packet(3))
    assert not queue._is_worth_it()


def test_what_mattered_is_over_once_it_is_taken() -> None:
    queue = PacketQueue()
    queue.patience = {"yard": 2}
    queue.put(packet(0, key=True))
    assert queue.get() == packet(0, key=True)
    queue.put(packet(1))
    assert not queue._is_worth_it()
    queue.put(packet(2))
    assert queue.get_many(9) == [packet(1), packet(2)]


def test_closed() -> None:
    queue = PacketQueue()
    queue.close()
    with pytest.raises(Closed):
        queue.put(packet(0, key=True))


@given(st.lists(st.booleans(), max_size=100), st.integers(1, 10), st.integers(1, 30))
def test_what_comes_out_can_be_decoded_and_is_counted(keys: list[bool], capacity: int, most: int) -> None:
    """Bounded, in order, nothing uncounted, and every hole is followed by a key frame."""
    queue = PacketQueue(capacity, most_bytes=most)
    for index, key in enumerate([True, *keys]):
        queue.put(packet(index, key=key))
    out = [message.packet for message in drained(queue) if isinstance(message, PacketIn)]
    assert len(out) <= max(capacity, most)
    assert len(out) <= capacity or not any(one.keyframe for one in out[1:])
    assert len(out) + queue.dropped["yard"] == len(keys) + 1
    for before, after in zip([None, *out], out, strict=False):
        assert after.keyframe or (before is not None and after.pts_90k == before.pts_90k + 1)
