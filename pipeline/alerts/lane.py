"""One sink's way out of the outbox."""

import asyncio
import logging
from collections import deque
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

from tenacity import AsyncRetrying, RetryCallState
from tenacity.wait import wait_exponential, wait_random

from pipeline.alerts.delivery_options import DeliveryOptions
from pipeline.alerts.outbox_rows import Parcel
from pipeline.core.alerts import DeliveryState, SinkOutcome
from pipeline.core.clock import Clock
from pipeline.core.contracts import AlertSink
from pipeline.core.errors import DeliveryError
from pipeline.core.event import Alert
from pipeline.core.metrics import Metrics
from pipeline.store.schema import StoreError

log = logging.getLogger(__name__)

CLOSE_WITHIN_S = 2.0
LET_GO_WITHIN_S = 0.5
ASK_AGAIN_S = 1.0
"""After the store could not be read."""
LOOK_AGAIN_S = 60.0
"""However far away the next alert is: a clock may be set."""
MOST_LOOSE = 100
_BACK_OFF = wait_exponential(multiplier=1, max=30) + wait_random(0, 1)
"""Doubling from a second to half a minute, with jitter: a receiver that is back has all within that time."""


class Letters(Protocol):
    """The outbox as one lane sees it."""

    async def due(self, sink: str, hurried: Collection[str]) -> Sequence[Parcel]:
        """The first of each queue that may go now; raises StoreError."""
        ...

    async def next_due(self, sink: str) -> float | None:
        """When the earliest of what waits may go (UTC seconds); raises StoreError."""
        ...

    async def settled(self, sink: str, parcel: Parcel, state: DeliveryState, error: str | None) -> None:
        """How it ended; never raises."""
        ...

    async def put_off(self, sink: str, parcel: Parcel, until: float, error: str) -> None:
        """Never raises."""
        ...

    async def bring_forward(self, sink: str) -> None:
        """What was put off may go now; never raises."""
        ...

    async def with_picture(self, alert: Alert) -> Alert: ...


@dataclass(frozen=True, slots=True)
class _Loose:
    """An alert that the store could not take; it lives no longer than this process."""

    parcel: Parcel
    next_at: float


def back_off_s(attempts: int, error: BaseException, longest_s: float) -> float:
    """How long to wait after so many attempts, or as long as the receiver asked for."""
    state = RetryCallState(AsyncRetrying(), None, (), {})
    state.attempt_number = attempts
    asked_s = error.retry_after_s if isinstance(error, DeliveryError) else None
    return max(_BACK_OFF(state), min(asked_s or 0.0, longest_s))


class Lane:
    """Empties one sink's part of the outbox; a sink that hangs holds up only its own lane.

    What is of one object arrives in order. While a receiver is down, one alert at a time tries whether it is back.
    """

    def __init__(
        self,
        name: str,
        sink: AlertSink,
        letters: Letters,
        clock: Clock,
        metrics: Metrics,
        options: DeliveryOptions,
    ) -> None:
        self.sink = sink
        self._name = name
        self._letters = letters
        self._clock = clock
        self._metrics = metrics
        self._options = options
        self._sending = asyncio.Lock()
        self._wake = asyncio.Event()
        self._hurried: dict[str, None] = {}
        self._loose: deque[_Loose] = deque()
        self._failures = 0
        self._rests_until = 0.0
        self._closing = self._gave_up = self._cannot_ask = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=f"alerts to {self._name}")

    def wake(self) -> None:
        """There is something new to send."""
        self._wake.set()

    def hurry(self, queue: str) -> None:
        """What waits there for nothing but its picture has it now."""
        self._hurried[queue] = None
        self._wake.set()

    def put_loose(self, parcel: Parcel, send_at: float) -> None:
        """One that the store could not take; where too many wait, the oldest is lost."""
        if len(self._loose) >= MOST_LOOSE:
            self._loose.popleft()
            self._count("dropped")
        self._loose.append(_Loose(parcel, send_at))
        self._wake.set()

    async def close(self) -> None:
        """Gives what is due a moment; what is left goes out after the next start."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            _, unfinished = await asyncio.wait([self._task], timeout=CLOSE_WITHIN_S)
            for task in unfinished:
                task.cancel()
                await asyncio.wait([task], timeout=LET_GO_WITHIN_S)
        if self._loose:
            self._count("dropped", len(self._loose))
        try:
            async with asyncio.timeout(LET_GO_WITHIN_S):
                await self.sink.close()
        except Exception as error:
            log.warning("sink %s: did not close well: %s", self._name, words(error))

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                wait_s = await self._round()
            except Exception:  # a fault of ours must not end the lane
                log.exception("sink %s: alerts wait", self._name)
                wait_s = ASK_AGAIN_S
            if wait_s > 0:
                if self._closing:
                    return
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), min(wait_s, LOOK_AGAIN_S))

    async def _round(self) -> float:
        """Sends what is due now; returns for how many seconds there is nothing to do."""
        rest_s = self._rests_until - self._clock.monotonic()
        if rest_s > 0:
            return rest_s
        parcels = [*self._due_loose(), *await self._due()]
        for parcel in parcels:
            if not await self._deliver(parcel):
                return self._rests_until - self._clock.monotonic()
        return 0.0 if parcels else await self._seconds_to_the_next()

    async def _due(self) -> Sequence[Parcel]:
        hurried, self._hurried = self._hurried, {}
        try:
            found = await self._letters.due(self._name, hurried)
        except StoreError as error:
            self._hurried = hurried | self._hurried
            self._say_that_the_store_cannot_be_read(error)
            return []
        self._cannot_ask = False
        return found

    def _due_loose(self) -> list[Parcel]:
        now = self._clock.time()
        due = [loose for loose in self._loose if loose.next_at <= now or (self._closing and not loose.parcel.attempts)]
        self._loose = deque(loose for loose in self._loose if loose not in due)
        return [loose.parcel for loose in due]

    async def _seconds_to_the_next(self) -> float:
        try:
            stored = await self._letters.next_due(self._name)
        except StoreError as error:
            self._say_that_the_store_cannot_be_read(error)
            return ASK_AGAIN_S
        times = [loose.next_at for loose in self._loose] + ([] if stored is None else [stored])
        return max(min(times) - self._clock.time(), 0.001) if times else LOOK_AGAIN_S

    def _say_that_the_store_cannot_be_read(self, error: StoreError) -> None:
        if not self._cannot_ask:
            log.error("sink %s: alerts wait: %s", self._name, error)
        self._cannot_ask = True

    async def _deliver(self, parcel: Parcel) -> bool:
        """Whether there is any use in going on with the next one."""
        if parcel.expires_at is not None and self._clock.time() > parcel.expires_at:
            self._count("dropped")
            await self._letters.settled(self._name, parcel, "dropped", "it had become too old to matter")
            return True
        parcel = replace(parcel, attempts=parcel.attempts + 1)
        try:
            await self._send(await self._letters.with_picture(parcel.alert))
        except Exception as error:
            return await self._failed(parcel, error)
        await self._succeeded(parcel)
        return True

    async def _succeeded(self, parcel: Parcel) -> None:
        self._count("delivered")
        was_down, self._failures, self._gave_up = self._failures > 1, 0, False
        await self._letters.settled(self._name, parcel, "delivered", None)
        if was_down:
            log.info("sink %s: works again", self._name)
            await self._letters.bring_forward(self._name)

    async def _failed(self, parcel: Parcel, error: Exception) -> bool:
        if self._is_hopeless(parcel, error):
            self._count("failed")
            if not self._gave_up:
                log.error("sink %s: gave up on an alert of rule %r: %s", self._name, parcel.alert.rule, words(error))
            self._gave_up = True
            await self._letters.settled(self._name, parcel, "dead", words(error))
            return True
        self._count("retried")
        self._failures += 1
        if self._failures == 1:
            log.warning("sink %s: %s; trying again", self._name, words(error))
        wait_s = back_off_s(parcel.attempts, error, self._options.give_up_after)
        self._rests_until = self._clock.monotonic() + back_off_s(self._failures, error, self._options.give_up_after)
        until = self._clock.time() + wait_s
        if parcel.number is None:
            self._loose.append(_Loose(parcel, until))
        else:
            await self._letters.put_off(self._name, parcel, until, words(error))
        return False

    def _is_hopeless(self, parcel: Parcel, error: Exception) -> bool:
        return (
            (isinstance(error, DeliveryError) and error.permanent)
            or (self._options.attempts is not None and parcel.attempts >= self._options.attempts)
            or self._clock.time() - parcel.created_at >= self._options.give_up_after
        )

    async def test(self, alert: Alert) -> SinkOutcome:
        """Once, past what waits; counted nowhere."""
        try:
            await self._send(alert)
        except Exception as error:
            return SinkOutcome(self._name, words(error))
        return SinkOutcome(self._name, None)

    async def _send(self, alert: Alert) -> None:
        try:
            async with self._sending, asyncio.timeout(self._options.timeout):
                await self.sink.send(alert)
        except asyncio.CancelledError:
            if (task := asyncio.current_task()) and task.cancelling():
                raise
            raise DeliveryError("the sink cancelled itself") from None  # must not end this lane

    def _count(self, outcome: str, count: int = 1) -> None:
        self._metrics.alerts.labels(sink=self._name, outcome=outcome).inc(count)


def words(error: BaseException | None) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return str(error) or type(error).__name__
