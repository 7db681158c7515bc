from threading import Thread

import pytest

from pipeline.core.broadcast import Broadcast


def test_everybody_hears_it_in_order() -> None:
    broadcast, first, second = Broadcast[int](), list[int](), list[int]()
    broadcast.subscribe(first.append)
    broadcast.subscribe(second.append)
    broadcast.publish(1)
    broadcast.publish(2)
    assert first == second == [1, 2]


def test_who_has_left_hears_nothing_more_and_may_leave_twice() -> None:
    broadcast, gone, stays = Broadcast[int](), list[int](), list[int]()
    leave = broadcast.subscribe(gone.append)
    broadcast.subscribe(stays.append)
    leave()
    leave()
    broadcast.publish(1)
    assert (gone, stays, len(broadcast)) == ([], [1], 1)


def test_a_listener_twice_there_leaves_once() -> None:
    broadcast, heard = Broadcast[int](), list[int]()
    listener = heard.append
    leave = broadcast.subscribe(listener)
    broadcast.subscribe(listener)
    broadcast.publish(1)
    leave()
    leave()
    broadcast.publish(2)
    assert heard == [1, 1, 2]


def test_a_listener_that_raises_is_logged_and_stays(caplog: pytest.LogCaptureFixture) -> None:
    def broken(item: int) -> None:
        calls.append(item)
        raise ValueError("not today")

    broadcast, calls, heard = Broadcast[int](), list[int](), list[int]()
    broadcast.subscribe(broken)
    broadcast.subscribe(heard.append)
    broadcast.publish(1)
    broadcast.publish(2)
    assert calls == heard == [1, 2]
    assert [record.getMessage() for record in caplog.records] == ["a listener failed"] * 2


def test_a_listener_may_leave_while_it_is_called() -> None:
    def once(item: int) -> None:
        heard.append(item)
        leave()

    broadcast, heard = Broadcast[int](), list[int]()
    leave = broadcast.subscribe(once)
    broadcast.publish(1)
    broadcast.publish(2)
    assert heard == [1]


def test_coming_and_going_from_many_threads_loses_nobody() -> None:
    def come_and_go() -> None:
        for _ in range(200):
            broadcast.subscribe(lambda item: None)()

    broadcast, heard = Broadcast[int](), list[int]()
    broadcast.subscribe(heard.append)
    threads = [Thread(target=come_and_go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for item in range(200):
        broadcast.publish(item)
    for thread in threads:
        thread.join()
    assert heard == list(range(200))
    assert len(broadcast) == 1
