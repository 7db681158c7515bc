from collections import deque
from collections.abc import Callable
from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.channels import Closed, Mailbox

PATIENCE_S = 30.0


def taken(box: Mailbox[int]) -> list[int]:
    items = list[int]()
    while True:
        try:
            items.append(box.get(timeout_s=PATIENCE_S))
        except Closed:
            return items


def in_a_thread(work: Callable[[], object]) -> Thread:
    thread = Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_first_in_first_out() -> None:
    box = Mailbox[int](capacity=3)
    assert [box.put(item) for item in (1, 2, 3)] == [True, True, True]
    assert [box.get(), box.get(), box.get()] == [1, 2, 3]


def test_a_full_box_loses_its_oldest_and_counts_it() -> None:
    box = Mailbox[int](capacity=2)
    assert [box.put(item) for item in range(5)] == [True, True, False, False, False]
    assert (box.dropped, len(box)) == (3, 2)
    box.close()
    assert taken(box) == [3, 4]


def test_an_empty_box_times_out() -> None:
    with pytest.raises(TimeoutError):
        Mailbox[int]().get(timeout_s=0.0)


def test_closed_it_takes_nothing_more_but_gives_what_is_inside() -> None:
    box = Mailbox[int](capacity=2)
    box.put(1)
    box.close()
    box.close()
    with pytest.raises(Closed):
        box.put(2)
    assert box.get() == 1
    with pytest.raises(Closed):
        box.get(timeout_s=0.0)


def test_closing_wakes_a_receiver_that_waits() -> None:
    box, ended = Mailbox[int](), Event()

    def receive() -> None:
        with pytest.raises(Closed):
            box.get()
        ended.set()

    thread = in_a_thread(receive)
    box.close()
    assert ended.wait(PATIENCE_S)
    thread.join(PATIENCE_S)


def test_closing_wakes_a_sender_that_waits() -> None:
    box, ended = Mailbox[int](wait=True), Event()
    box.put(1)

    def send() -> None:
        with pytest.raises(Closed):
            box.put(2)
        ended.set()

    thread = in_a_thread(send)
    box.close()
    assert ended.wait(PATIENCE_S)
    thread.join(PATIENCE_S)
    assert taken(box) == [1]


def test_a_waiting_box_loses_nothing_between_threads() -> None:
    def send() -> None:
        for item in range(500):
            assert box.put(item)
        box.close()

    box = Mailbox[int](capacity=2, wait=True)
    thread = in_a_thread(send)
    assert taken(box) == list(range(500))
    assert box.dropped == 0
    thread.join(PATIENCE_S)


def test_a_dropping_box_keeps_the_order_and_counts_every_loss() -> None:
    def send() -> None:
        for item in range(2000):
            box.put(item)
        box.close()

    box = Mailbox[int](capacity=3)
    thread = in_a_thread(send)
    received = taken(box)
    thread.join(PATIENCE_S)
    assert received == sorted(set(received))
    assert received[-1] == 1999
    assert len(received) + box.dropped == 2000


def test_a_box_for_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one item, not 0"):
        Mailbox[int](capacity=0)


@given(capacity=st.integers(1, 5), puts=st.lists(st.booleans(), max_size=60))
def test_it_is_a_queue_that_forgets_its_oldest(capacity: int, puts: list[bool]) -> None:
    """`puts`: True sends the next number, False takes one out."""
    box, model, dropped = Mailbox[int](capacity), deque[int](), 0
    for number, is_put in enumerate(puts):
        if is_put:
            full = len(model) == capacity
            dropped += full
            if full:
                model.popleft()
            model.append(number)
            assert box.put(number) is not full
        elif model:
            assert box.get(timeout_s=0.0) == model.popleft()
        assert (len(box), box.dropped) == (len(model), dropped)
