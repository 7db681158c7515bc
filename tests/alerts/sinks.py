"""Alert sinks that keep the contract, for tests."""

import asyncio
from collections.abc import Sequence

from pipeline.core.errors import DeliveryError
from pipeline.core.event import Alert


class ListSink:
    """Keeps what arrives; raises what `failures` say, one a call, before that."""

    def __init__(self, failures: Sequence[BaseException] = ()) -> None:
        self.alerts: list[Alert] = []
        self.calls = 0
        self.closed = False
        self._failures = [*failures]

    async def send(self, alert: Alert) -> None:
        self.calls += 1
        if self._failures:
            raise self._failures.pop(0)
        self.alerts.append(alert)

    async def close(self) -> None:
        self.closed = True


class HangingSink(ListSink):
    """Never answers until `let_go`."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = asyncio.Event()

    def let_go(self) -> None:
        self.answers.set()

    async def send(self, alert: Alert) -> None:
        self.calls += 1
        await self.answers.wait()
        self.alerts.append(alert)


def down(times: int) -> list[Exception]:
    return [DeliveryError("receiver: connection refused") for _ in range(times)]
