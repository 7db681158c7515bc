"""From the outbox to the sinks: at least once, in order, each sink for itself."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from pipeline.alerts import lane as lane_module
from pipeline.alerts import outbox_rows
from pipeline.alerts.lane import back_off_s
from pipeline.alerts.outbox_rows import Draft
from pipeline.core.errors import DeliveryError
from pipeline.core.event import Alert
from pipeline.store.store import EventStore
from tests.alerts.outbox import Delivering, alert
from tests.alerts.sinks import HangingSink, ListSink, down

Deliver = Callable[..., Delivering]


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    """One database will do here: `test_outbox` asks both."""
    return f"sqlite:///{tmp_path}/data/framewatch.db"


@pytest_asyncio.fixture
async def deliver(store: EventStore) -> AsyncIterator[Deliver]:
    made: list[Delivering] = []

    def deliver(start: bool = True, options: dict[str, Any] | None = None, **sinks: Any) -> Delivering:
        world = Delivering(store, sinks, **(options or {}))
        made.append(world)
        if start:
            world.dispatcher.start()
        return world

    yield deliver
    for world in made:
        await world.dispatcher.close()


def ids(sink: ListSink) -> list[str]:
    return [each.event.id for each in sink.alerts]


async def test_an_alert_reaches_the_sinks_it_is_for(deliver: Deliver) -> None:
    phone, home = ListSink(), ListSink()
    world = deliver(phone=phone, home=home)
    assert world.dispatcher.open_ones(["phone", "nobody"]) == ["phone"]
    world.put(alert("a"), ["phone", "home"])
    world.put(alert("b"), ["home"])
    await world.until(lambda: len(home.alerts) == 2 and phone.alerts)
    await world.dispatcher.close()
    assert (ids(phone), ids(home)) == (["a"], ["a", "b"])
    assert world.states("home") == [("a", "delivered"), ("b", "delivered")]
    assert world.outcomes("home") == {"delivered": 2}
    assert phone.closed and home.closed
    assert world.dispatcher.open_ones(["phone"]) == [], "closed"
    await world.dispatcher.close()


async def test_the_same_alert_is_told_once_however_often_it_is_put(deliver: Deliver) -> None:
    phone, home = ListSink(), ListSink()
    world = deliver(phone=phone, home=home)
    world.put(alert("a"), ["phone"])
    await world.until(lambda: phone.alerts)
    world.put(alert("a"), ["phone", "home", "home"])
    await world.until(lambda: home.alerts)
    await world.dispatcher.close()
    assert (ids(phone), ids(home)) == (["a"], ["a"])


async def test_what_a_killed_run_left_goes_out_after_the_next_start(deliver: Deliver) -> None:
    phone = ListSink()
    world = deliver(start=False, phone=phone)
    for name in "abc":
        world.keep(alert(name), ["phone"])
    world.dispatcher.start()
    await world.until(lambda: len(phone.alerts) == 3)
    assert ids(phone) == ["a", "b", "c"]


async def test_while_a_receiver_is_down_one_tries_and_then_all_arrive(
    deliver: Deliver, caplog: pytest.LogCaptureFixture
) -> None:
    sink = ListSink(down(12))
    world = deliver(phone=sink)
    for name in "abcdefgh":
        world.put(alert(name), ["phone"])
    began = world.clock.time()
    await world.until(lambda: len(sink.alerts) == 8, each_s=1.0)
    assert sorted(ids(sink)) == [*"abcdefgh"]
    assert sink.calls == 20, "twelve failed"
    assert 12 * 5 <= world.clock.time() - began <= 12 * 35, "growing patience, half a minute at most"
    await world.until(lambda: {state for _, state in world.states("phone")} == {"delivered"})
    assert world.outcomes("phone") == {"retried": 12, "delivered": 8}
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 1, "one line a burst"


async def test_what_is_of_one_object_keeps_its_order(deliver: Deliver) -> None:
    """Others pass an alert that fails; what came after it of the same object does not."""

    class Picky(ListSink):
        async def send(self, alert: Alert) -> None:
            if alert.event.id == "walker 1" and self.calls < 3:
                self.calls += 1
                raise DeliveryError("not this one")
            self.alerts.append(alert)

    sink = Picky()
    world = deliver(phone=sink)
    for name, who in (("walker 1", "w"), ("walker 2", "w"), ("car", "c"), ("walker 3", "w")):
        world.put(alert(name, object_id=who), ["phone"])
    await world.until(lambda: len(sink.alerts) == 4, each_s=0.5)
    assert ids(sink) == ["car", "walker 1", "walker 2", "walker 3"]


def test_the_wait_grows_with_jitter_and_has_an_end() -> None:
    error = DeliveryError("down")
    for attempts, least_s in ((1, 1), (2, 2), (3, 4), (6, 30), (5_000, 30)):
        waits = {back_off_s(attempts, error, 86_400) for _ in range(20)}
        assert len(waits) > 1, "jitter"
        assert all(least_s <= wait_s <= least_s + 1 for wait_s in waits)
    asked = DeliveryError("answered 429", retry_after_s=120)
    assert back_off_s(1, asked, 86_400) == 120, "as long as the receiver asked for"
    assert back_off_s(1, asked, 60) == 60, "but not for ever"


@pytest.mark.parametrize(
    ("options", "failure", "error"),
    [
        pytest.param({"attempts": 3}, DeliveryError("down"), "down", id="after so many attempts"),
        pytest.param({"give_up_after": 60}, DeliveryError("down"), "down", id="after so long"),
        pytest.param({}, DeliveryError("answered 401", permanent=True), "answered 401", id="where it cannot help"),
    ],
)
async def test_what_cannot_be_delivered_is_a_dead_letter_and_can_be_sent_again(
    deliver: Deliver, options: dict[str, Any], failure: DeliveryError, error: str, caplog: pytest.LogCaptureFixture
) -> None:
    class Down(ListSink):
        is_down = True

        async def send(self, alert: Alert) -> None:
            if self.is_down and alert.event.id == "a":
                raise failure
            self.alerts.append(alert)

    sink = Down()
    world = deliver(options=options, phone=sink)
    world.put(alert("a"), ["phone"])
    await world.until(lambda: world.states("phone") == [("a", "dead")], each_s=1.0)
    await world.until(lambda: world.came_to_nothing == ["key-a"])  # whoever cools down gets that back
    assert f"gave up on an alert of rule 'night': {error}" in caplog.text
    world.put(alert("b"), ["phone"])
    await world.until(lambda: ids(sink) == ["b"], each_s=1.0)
    assert world.outcomes("phone")["failed"] == 1
    sink.is_down = False
    now = world.clock.time()
    again = world.store.edit(lambda connection: outbox_rows.send_again(connection, now, None, "phone"))
    assert again.result(timeout=10) == ["phone"]
    await world.until(lambda: ids(sink) == ["b", "a"])
    assert sink.alerts[-1].id == "key-a", "the same key as before"


async def test_an_alert_that_reached_another_sink_has_not_come_to_nothing(deliver: Deliver) -> None:
    home = ListSink([DeliveryError("answered 401", permanent=True)])
    world = deliver(phone=ListSink(), home=home)
    world.put(alert("a"), ["phone", "home"])
    await world.until(lambda: ("a", "dead") in world.states("home"))
    await world.until(lambda: ("a", "delivered") in world.states("phone"))
    assert world.came_to_nothing == []


async def test_what_is_too_old_to_matter_is_dropped_and_counted(deliver: Deliver) -> None:
    sink = ListSink()
    world = deliver(start=False, phone=sink)
    world.keep(alert("old"), ["phone"], expires_at=world.clock.time() + 60)
    world.clock.advance(61)
    world.keep(alert("new"), ["phone"], expires_at=world.clock.time() + 60)
    world.dispatcher.start()
    await world.until(lambda: sink.alerts)
    assert ids(sink) == ["new"]
    await world.until(lambda: world.states("phone") == [("old", "dropped"), ("new", "delivered")])
    assert world.outcomes("phone") == {"dropped": 1, "delivered": 1}


async def test_a_plugin_that_raises_anything_is_tried_again(deliver: Deliver) -> None:
    sink = ListSink([KeyError("oops"), RuntimeError(), asyncio.CancelledError()])
    world = deliver(mine=sink)
    world.put(alert("a"), ["mine"])
    await world.until(lambda: sink.alerts, each_s=1.0)
    await world.until(lambda: world.outcomes("mine") == {"retried": 3, "delivered": 1})


async def test_a_sink_that_hangs_delays_only_itself_and_loses_nothing(deliver: Deliver) -> None:
    stuck, phone = HangingSink(), ListSink()
    world = deliver(stuck=stuck, phone=phone)
    for number in range(40):
        world.put(alert(str(number)), ["stuck", "phone"])
    await world.until(lambda: len(phone.alerts) == 40)
    assert stuck.alerts == []
    stuck.let_go()
    await world.until(lambda: len(stuck.alerts) == 40)
    assert ids(stuck) == [str(number) for number in range(40)]


async def test_a_send_that_takes_too_long_counts_as_failed(deliver: Deliver) -> None:
    stuck = HangingSink()
    world = deliver(options={"timeout": 0.01}, stuck=stuck)
    world.put(alert("a"), ["stuck"])
    await world.until(lambda: stuck.calls == 2, each_s=1.0)
    stuck.let_go()
    await world.until(lambda: stuck.alerts, each_s=1.0)
    await world.until(lambda: world.outcomes("stuck").keys() == {"retried", "delivered"})


async def test_what_is_in_flight_at_the_end_is_kept_for_the_next_start(
    deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane_module, "CLOSE_WITHIN_S", 0.05)
    stuck = HangingSink()
    world = deliver(stuck=stuck)
    world.put(alert("a"), ["stuck"])
    world.put(alert("b"), ["stuck"])
    await world.until(lambda: stuck.calls == 1)
    await world.dispatcher.close()
    assert stuck.closed and stuck.alerts == []
    assert world.states("stuck") == [("a", "waiting"), ("b", "waiting")]
    assert world.outcomes("stuck") == {}


async def test_a_sink_that_will_not_be_cancelled_does_not_hold_up_the_end(
    deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stubborn(HangingSink):
        async def send(self, alert: Alert) -> None:
            while not self.answers.is_set():
                self.calls += 1
                with suppress(asyncio.CancelledError):
                    await self.answers.wait()

    monkeypatch.setattr(lane_module, "CLOSE_WITHIN_S", 0.05)
    stubborn = Stubborn()
    world = deliver(stubborn=stubborn)
    world.put(alert("a"), ["stubborn"])
    await world.until(lambda: stubborn.calls)
    await world.dispatcher.close()
    assert stubborn.closed
    stubborn.let_go()


async def test_a_sink_that_cannot_be_closed_does_not_hold_up_the_others(
    deliver: Deliver, caplog: pytest.LogCaptureFixture
) -> None:
    class Clinging(ListSink):
        async def close(self) -> None:
            raise OSError("still busy")

    phone = ListSink()
    world = deliver(clinging=Clinging(), phone=phone)
    await world.dispatcher.close()
    assert phone.closed
    assert "did not close well: still busy" in caplog.text


async def test_a_store_that_is_locked_makes_nobody_hear_the_same_twice(tmp_path: Path) -> None:
    class Locking(ListSink):
        """Locks the store when it is told of something: that cannot be noted."""

        async def send(self, alert: Alert) -> None:
            if not self.alerts:
                other.execute("BEGIN IMMEDIATE")
            self.alerts.append(alert)

    store = EventStore(f"sqlite:///{tmp_path}/events.db", busy_timeout_s=0.05)
    store.start()
    other = sqlite3.connect(tmp_path / "events.db", isolation_level=None)
    sink = Locking()
    world = Delivering(store, {"phone": sink})
    world.keep(alert("a"), ["phone"])
    world.keep(alert("b"), ["phone"])
    world.dispatcher.start()
    await world.until(lambda: len(sink.alerts) == 2)
    await asyncio.sleep(0.1)
    other.execute("ROLLBACK")
    other.close()
    await world.until(lambda: {state for _, state in world.states("phone")} == {"delivered"}, each_s=1.0)
    assert ids(sink) == ["a", "b"]
    await world.dispatcher.close()
    store.close()


async def test_what_the_store_refused_is_told_all_the_same(deliver: Deliver) -> None:
    sink = ListSink(down(1))
    world = deliver(phone=sink)
    now = world.clock.time()
    world.dispatcher.put_loose(Draft(alert=alert("a"), sinks=["phone"], created_at=now, send_at=now, queue="a"))
    await world.until(lambda: ids(sink) == ["a"], each_s=1.0)
    assert world.states("phone") == []


async def test_an_alert_waits_for_its_picture_and_goes_when_it_is_there(deliver: Deliver) -> None:
    sink = ListSink()
    world = deliver(phone=sink)
    send_at = world.clock.time() + 0.5
    for name in "ab":
        world.dispatcher.hold(name, ["phone"], send_at)
        world.put(alert(name), ["phone"], send_at=send_at)
    await asyncio.sleep(0.05)
    assert sink.alerts == []
    world.dispatcher.hurry(["b", "somebody else"])
    await world.until(lambda: ids(sink) == ["b"])
    world.clock.advance(0.6)
    await world.until(lambda: ids(sink) == ["b", "a"])


async def test_all_that_wait_for_one_picture_go_when_it_is_there(deliver: Deliver) -> None:
    """Two rules tell of one object, each to another sink."""
    phone, home = ListSink(), ListSink()
    world = deliver(phone=phone, home=home)
    send_at = world.clock.time() + 0.5
    for name, sink in {"a": "phone", "b": "home"}.items():
        world.dispatcher.hold("walker", [sink], send_at)
        world.put(alert(name, object_id="walker"), [sink], send_at=send_at)
    world.dispatcher.hurry(["walker"])
    await world.until(lambda: phone.alerts and home.alerts)
