"""Alerts on their way to the sinks."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, stop_after_delay
from tenacity.wait import wait_base, wait_exponential_jitter

from pipeline.core.alerts import SinkOutcome
from pipeline.core.contracts import AlertSink
from pipeline.core.errors import DeliveryError
from pipeline.core.event import Alert
from pipeline.core.metrics import Metrics

log = logging.getLogger(__name__)

Sleep = Callable[[float], Awaitable[None]]
Heard = Callable[[Alert, str, str | None], None]
"""Is told of every alert, the sink, and why it did not arrive there; None where it did."""

GIVE_UP_AFTER_S = 60.0
ATTEMPTS = 8
"""With waits of 1, 2, 4, 8, 15, 15 and 15 s: about a minute, however fast a receiver refuses."""
CLOSE_WITHIN_S = 2.0
LET_GO_WITHIN_S = 0.5


class _Wait(wait_base):
    """Doubling with jitter, or as long as the receiver asked for."""

    def __init__(self) -> None:
        self._backoff = wait_exponential_jitter(initial=1.0, max=15.0, jitter=1.0)

    def __call__(self, retry_state: RetryCallState) -> float:
        error = retry_state.outcome.exception() if retry_state.outcome else None
        asked_s = error.retry_after_s if isinstance(error, DeliveryError) else None
        return max(self._backoff(retry_state), min(asked_s or 0.0, GIVE_UP_AFTER_S))


def _is_worth_retrying(error: BaseException) -> bool:
    return isinstance(error, Exception) and not (isinstance(error, DeliveryError) and error.permanent)


class _Lane:
    """One sink's queue and the task that empties it, in order; a sink that hangs holds up only its own lane."""

    def __init__(
        self,
        name: str,
        sink: AlertSink,
        metrics: Metrics,
        heard: Heard,
        *,
        capacity: int,
        timeout_s: float,
        sleep: Sleep,
    ) -> None:
        self.sink = sink
        self._heard = heard
        self._sending = asyncio.Lock()
        self._name = name
        self._metrics = metrics
        self._timeout_s = timeout_s
        self._sleep = sleep
        self._queue: asyncio.Queue[Alert] = asyncio.Queue(capacity)
        self._task: asyncio.Task[None] | None = None
        self._failing = self._gave_up = False

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=f"alerts to {self._name}")

    def put(self, alert: Alert) -> None:
        """A full lane loses its oldest alert."""
        if self._queue.full():
            lost = self._queue.get_nowait()
            self._queue.task_done()
            self._count("dropped")
            self._heard(lost, self._name, "too many alerts were waiting")
        self._queue.put_nowait(alert)

    async def close(self) -> None:
        """Gives what waits a moment, then lets go."""
        try:
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await self._queue.join()
        except TimeoutError:
            log.warning("sink %s: closed before %d alerts had arrived", self._name, self._let_go())
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task], timeout=LET_GO_WITHIN_S)
        try:
            async with asyncio.timeout(LET_GO_WITHIN_S):
                await self.sink.close()
        except Exception as error:
            log.warning("sink %s: did not close well: %s", self._name, _words(error))

    def _let_go(self) -> int:
        """How many alerts are lost: those that wait and the one in flight."""
        count = self._queue.qsize() + 1
        self._count("dropped", count)
        return count

    async def _run(self) -> None:
        while True:
            alert = await self._queue.get()
            try:
                await self._deliver(alert)
            finally:
                self._queue.task_done()

    async def _deliver(self, alert: Alert) -> None:
        attempts = AsyncRetrying(
            sleep=self._sleep,
            wait=_Wait(),
            stop=stop_after_attempt(ATTEMPTS) | stop_after_delay(GIVE_UP_AFTER_S),
            retry=retry_if_exception(_is_worth_retrying),
            before_sleep=self._tell_of_failure,
            reraise=True,
        )
        try:
            await attempts(self._send, alert)
        except Exception as error:
            self._count("failed")
            if not self._gave_up:
                log.error("sink %s: gave up on an alert of rule %r: %s", self._name, alert.rule, _words(error))
            self._failing = self._gave_up = True
            self._heard(alert, self._name, _words(error))
        else:
            self._count("delivered")
            self._heard(alert, self._name, None)
            if self._failing:
                log.info("sink %s: works again", self._name)
            self._failing = self._gave_up = False

    async def test(self, alert: Alert) -> SinkOutcome:
        """Once, past what waits; counted nowhere."""
        try:
            await self._send(alert)
        except Exception as error:
            return SinkOutcome(self._name, _words(error))
        return SinkOutcome(self._name, None)

    async def _send(self, alert: Alert) -> None:
        try:
            async with self._sending, asyncio.timeout(self._timeout_s):
                await self.sink.send(alert)
        except asyncio.CancelledError:
            if (task := asyncio.current_task()) and task.cancelling():
                raise
            raise DeliveryError("the sink cancelled itself") from None  # must not end this lane

    def _tell_of_failure(self, state: RetryCallState) -> None:
        self._count("retried")
        if not self._failing and state.outcome is not None:
            log.warning("sink %s: %s; trying again", self._name, _words(state.outcome.exception()))
        self._failing = True

    def _count(self, outcome: str, count: int = 1) -> None:
        self._metrics.alerts.labels(sink=self._name, outcome=outcome).inc(count)


async def _tested(name: str, lane: _Lane | None, alert: Alert) -> SinkOutcome:
    return SinkOutcome(name, "it is not open") if lane is None else await lane.test(alert)


def _words(error: BaseException | None) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return str(error) or type(error).__name__


class Dispatcher:
    """Hands alerts to sinks and sees to it that they arrive, each sink for itself; for one event loop's thread.

    Counted in `metrics.alerts`: delivered, retried, failed (given up), dropped (no room, or closed first).
    """

    def __init__(
        self,
        sinks: Mapping[str, AlertSink],
        metrics: Metrics,
        *,
        heard: Heard = lambda _alert, _sink, _error: None,
        capacity: int = 100,
        timeout_s: float = 10.0,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._lanes = {
            name: _Lane(name, sink, metrics, heard, capacity=capacity, timeout_s=timeout_s, sleep=sleep)
            for name, sink in sinks.items()
        }
        self._is_open = False

    def start(self) -> None:
        self._is_open = True
        for lane in self._lanes.values():
            lane.start()

    def hand(self, alert: Alert, sinks: Iterable[str]) -> bool:
        """True when at least one sink got it (sinks nobody knows are passed over)."""
        lanes = [self._lanes[name] for name in sinks if name in self._lanes] if self._is_open else []
        for lane in lanes:
            lane.put(alert)
        return bool(lanes)

    async def test(self, alert: Alert, sinks: Iterable[str]) -> list[SinkOutcome]:
        """Sends it to each at once, a single time."""
        named = [(name, self._lanes.get(name)) for name in sinks]
        return await asyncio.gather(*(_tested(name, lane, alert) for name, lane in named))

    async def close(self) -> None:
        """Within about three seconds, however the sinks behave; idempotent."""
        self._is_open = False
        lanes, self._lanes = self._lanes, {}
        await asyncio.gather(*(lane.close() for lane in lanes.values()))
