import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import pytest

from pipeline.core.contracts import AlertSink
from pipeline.core.errors import DeliveryError
from pipeline.core.event import Alert, Event
from pipeline.core.metrics import Metrics
from pipeline.events import dispatch
from pipeline.events.dispatch import ATTEMPTS, Dispatcher
from tests.events.sinks import HangingSink, ListSink, down


class Sleeper:
    """Sleeps no time at all, and remembers for how long it should have."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


def alert(name: str) -> Alert:
    return Alert(id=name, rule="night", event=Event(id=name, type="object", camera="lobby", started_at=1.0))


def outcomes(metrics: Metrics, sink: str) -> dict[str, float]:
    found = {}
    for outcome in ("delivered", "retried", "failed", "dropped"):
        value = metrics.registry.get_sample_value("framewatch_alerts_total", {"sink": sink, "outcome": outcome})
        if value:
            found[outcome] = value
    return found


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


def dispatcher(sinks: Mapping[str, AlertSink], **given: Any) -> tuple[Dispatcher, Metrics]:
    metrics = Metrics()
    made = Dispatcher(sinks, metrics, **given)
    made.start()
    return made, metrics


async def test_an_alert_reaches_the_sinks_it_is_for() -> None:
    phone, home = ListSink(), ListSink()
    made, metrics = dispatcher({"phone": phone, "home": home})
    assert made.hand(alert("a"), ["phone", "home"])
    assert made.hand(alert("b"), ["home"])
    assert not made.hand(alert("c"), ["nobody"])
    await made.close()
    assert [each.id for each in phone.alerts] == ["a"]
    assert [each.id for each in home.alerts] == ["a", "b"]
    assert outcomes(metrics, "home") == {"delivered": 2}
    assert phone.closed and home.closed
    assert not made.hand(alert("d"), ["phone"]), "closed"
    await made.close()


async def test_it_is_tried_again_with_growing_patience_and_order_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    sink, sleeper = ListSink(down(4)), Sleeper()
    made, metrics = dispatcher({"phone": sink}, sleep=sleeper)
    made.hand(alert("a"), ["phone"])
    made.hand(alert("b"), ["phone"])
    await until(lambda: len(sink.alerts) == 2)
    await made.close()
    assert [each.id for each in sink.alerts] == ["a", "b"]
    assert outcomes(metrics, "phone") == {"retried": 4, "delivered": 2}
    for least_s, slept_s in zip((1, 2, 4, 8), sleeper.slept, strict=True):
        assert least_s <= slept_s <= least_s + 1, "doubling, with up to a second of jitter"
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 1, "one line a burst"


async def test_it_gives_up_after_about_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    sink, sleeper = ListSink(down(ATTEMPTS)), Sleeper()
    made, metrics = dispatcher({"phone": sink}, sleep=sleeper)
    made.hand(alert("a"), ["phone"])
    made.hand(alert("b"), ["phone"])
    await until(lambda: len(sink.alerts) == 1)
    await made.close()
    assert [each.id for each in sink.alerts] == ["b"]
    assert outcomes(metrics, "phone") == {"retried": ATTEMPTS - 1, "failed": 1, "delivered": 1}
    assert 45 <= sum(sleeper.slept) <= 75
    assert "gave up on an alert of rule 'night': receiver: connection refused" in caplog.text


async def test_what_cannot_help_is_not_tried_again() -> None:
    sink, sleeper = ListSink([DeliveryError("answered 401", permanent=True)]), Sleeper()
    made, metrics = dispatcher({"phone": sink}, sleep=sleeper)
    made.hand(alert("a"), ["phone"])
    made.hand(alert("b"), ["phone"])
    await until(lambda: len(sink.alerts) == 1)
    await made.close()
    assert outcomes(metrics, "phone") == {"failed": 1, "delivered": 1}
    assert sleeper.slept == []


async def test_a_receiver_is_left_alone_for_as_long_as_it_asks() -> None:
    asked: list[Exception] = [DeliveryError("answered 429", retry_after_s=20.0)]
    sink, sleeper = ListSink(asked), Sleeper()
    made, _ = dispatcher({"phone": sink}, sleep=sleeper)
    made.hand(alert("a"), ["phone"])
    await until(lambda: len(sink.alerts) == 1)
    await made.close()
    assert sleeper.slept == [20.0]


async def test_a_plugin_that_raises_anything_is_tried_again() -> None:
    sink = ListSink([KeyError("oops"), RuntimeError(), asyncio.CancelledError()])
    made, metrics = dispatcher({"mine": sink}, sleep=Sleeper())
    made.hand(alert("a"), ["mine"])
    await until(lambda: len(sink.alerts) == 1)
    await made.close()
    assert outcomes(metrics, "mine") == {"retried": 3, "delivered": 1}


async def test_a_sink_that_hangs_delays_only_itself_and_loses_its_oldest() -> None:
    stuck, phone = HangingSink(), ListSink()
    made, metrics = dispatcher({"stuck": stuck, "phone": phone}, capacity=3)
    for number in range(10):
        made.hand(alert(str(number)), ["stuck", "phone"])
        await until(lambda wanted=number + 1: len(phone.alerts) == wanted)  # type: ignore[misc]
    assert outcomes(metrics, "stuck") == {"dropped": 6}
    stuck.let_go()
    await made.close()
    assert [each.id for each in stuck.alerts] == ["0", "7", "8", "9"]
    assert outcomes(metrics, "stuck") == {"dropped": 6, "delivered": 4}


async def test_a_send_that_takes_too_long_counts_as_failed() -> None:
    stuck, sleeper = HangingSink(), Sleeper()
    made, metrics = dispatcher({"stuck": stuck}, timeout_s=0.01, sleep=sleeper)
    made.hand(alert("a"), ["stuck"])
    await until(lambda: stuck.calls == 2)
    stuck.let_go()
    await made.close()
    assert outcomes(metrics, "stuck").keys() == {"retried", "delivered"}


async def test_close_waits_for_what_is_in_flight_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(dispatch, "CLOSE_WITHIN_S", 0.05)
    stuck = HangingSink()
    made, metrics = dispatcher({"stuck": stuck})
    made.hand(alert("a"), ["stuck"])
    made.hand(alert("b"), ["stuck"])
    await made.close()
    assert stuck.closed and stuck.alerts == []
    assert outcomes(metrics, "stuck") == {"dropped": 2}
    assert "closed before 2 alerts had arrived" in caplog.text


async def test_a_sink_that_will_not_be_cancelled_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stubborn(HangingSink):
        async def send(self, alert: Alert) -> None:
            while not self.answers.is_set():
                with suppress(asyncio.CancelledError):
                    await self.answers.wait()

    monkeypatch.setattr(dispatch, "CLOSE_WITHIN_S", 0.05)
    stubborn = Stubborn()
    made, _ = dispatcher({"stubborn": stubborn})
    made.hand(alert("a"), ["stubborn"])
    await asyncio.sleep(0)
    await made.close()
    assert stubborn.closed
    stubborn.let_go()


async def test_a_sink_that_cannot_be_closed_does_not_hold_up_the_others(caplog: pytest.LogCaptureFixture) -> None:
    class Clinging(ListSink):
        async def close(self) -> None:
            raise OSError("still busy")

    phone = ListSink()
    made, _ = dispatcher({"clinging": Clinging(), "phone": phone})
    await made.close()
    assert phone.closed
    assert "did not close well: still busy" in caplog.text
