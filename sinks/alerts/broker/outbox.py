"""What is to be said to a broker, until it has been said."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping

from sinks.alerts.broker.message import Message, Publish

Payload = bytes | Callable[[], Awaitable[bytes | None]]
"""What is large is read only when its turn has come; None: there is nothing any more."""

CAPACITY = 256


class Outbox:
    """States, of which the latest counts, and news, which are told in order; for one event loop, never waits.

    A new connection hears every state again. Of news the oldest are lost where nobody takes them; `lost` counts them.
    """

    def __init__(self, lost: Callable[[int], None], *, capacity: int = CAPACITY) -> None:
        self._lost = lost
        self._states: dict[str, Payload] = {}
        self._unsaid: dict[str, None] = {}
        self._emptied: set[str] = set()
        self._news: deque[Message] = deque()
        self._capacity = capacity
        self._something = asyncio.Event()
        self._nothing = asyncio.Event()

    def __contains__(self, topic: str) -> bool:
        return topic in self._states

    def state(self, topic: str, payload: Payload) -> None:
        """Retained by the broker."""
        if self._states.get(topic) != payload:
            self._states[topic] = payload
            self._unsaid[topic] = None
            self._emptied.discard(topic)
            self._something.set()

    def known(self, topic: str, payload: Payload) -> None:
        """Somebody else has just said it."""
        self._states[topic] = payload
        self._emptied.discard(topic)

    def empty(self, topic: str) -> None:
        """Nothing is retained there any more."""
        self._states.pop(topic, None)
        self._emptied.add(topic)
        self._unsaid[topic] = None
        self._something.set()

    def become(self, states: Mapping[str, Payload]) -> None:
        """These and no others."""
        for topic in self._states.keys() - states.keys():
            self.empty(topic)
        for topic, payload in states.items():
            self.state(topic, payload)

    def news(self, topic: str, payload: bytes) -> None:
        if len(self._news) >= self._capacity:
            self._news.popleft()
            self._lost(1)
        self._news.append(Message(topic, payload))
        self._something.set()

    async def run(self, publish: Publish) -> None:
        """Says everything, and what comes then, until `publish` fails."""
        self._unsaid = dict.fromkeys([*self._states, *self._emptied])
        while True:
            self._something.clear()
            while self._unsaid or self._news:
                await self._say_a_state(publish)
                await self._say_one_of_the_news(publish)
            self._nothing.set()
            await self._something.wait()

    async def said(self) -> None:
        """Waits until nothing waits any more."""
        if self._unsaid or self._news:
            self._nothing.clear()
            await self._nothing.wait()

    async def _say_a_state(self, publish: Publish) -> None:
        if self._unsaid:
            topic = next(iter(self._unsaid))
            del self._unsaid[topic]
            payload = self._states.get(topic, b"")
            said = payload if isinstance(payload, bytes) else await payload()
            await publish(Message(topic, said or b"", retain=True))
            self._emptied.discard(topic)

    async def _say_one_of_the_news(self, publish: Publish) -> None:
        if self._news:
            message = self._news[0]
            await publish(message)
            if self._news and self._news[0] is message:  # nobody needed its room meanwhile
                self._news.popleft()
