"""The pictures that the broker has, and whose they are."""

from collections.abc import Collection, Mapping
from functools import partial

from pipeline.core.event import Event
from pipeline.core.feed import SystemFeed
from sinks.alerts.broker.outbox import Outbox, Payload


class Pictures:
    """Each is read only when its turn to be said has come."""

    def __init__(self, feed: SystemFeed, outbox: Outbox) -> None:
        self._feed = feed
        self._outbox = outbox
        self._shown: dict[str, tuple[Event, Payload]] = {}

    @property
    def states(self) -> Mapping[str, Payload]:
        """By topic."""
        return {topic: picture for topic, (_, picture) in self._shown.items()}

    def show(self, topic: str, event: Event) -> None:
        """In the place of the one before."""
        self._outbox.state(topic, self._remember(topic, event))

    def showed(self, topic: str, event: Event) -> None:
        """It has been said there already; it goes when the event does."""
        self._outbox.known(topic, self._remember(topic, event))

    def keep_those_of(self, cameras: Collection[str]) -> None:
        self._shown = {topic: each for topic, each in self._shown.items() if each[0].camera in cameras}

    async def forget_what_was_deleted(self) -> None:
        """A picture that is gone from here must not stay at the broker."""
        for topic, shown in [*self._shown.items()]:
            is_gone = await self._feed.picture(shown[0]) is None
            if is_gone and self._shown.get(topic) is shown:  # not another's meanwhile
                del self._shown[topic]

    def _remember(self, topic: str, event: Event) -> Payload:
        picture = partial(self._feed.picture, event)
        self._shown[topic] = (event, picture)
        return picture
