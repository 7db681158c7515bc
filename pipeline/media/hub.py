"""One stream of packets, any number of consumers that come and go."""

import logging
from collections.abc import Callable, Sequence
from threading import Lock, RLock

from pipeline.core.contracts import PacketConsumer
from pipeline.core.packet import Packet, SoundPacket, StreamInfo
from pipeline.media.ring import Ring

log = logging.getLogger(__name__)


class Hub:
    """A PacketConsumer that hands on what it gets to all its subscribers: a PacketStream.

    Consumers are called on the publishing thread (those that ask for a replay first on the subscribing one),
    never two calls at a time to the same consumer, and without a lock of the hub held: one that waits, as it
    may where the source is not realtime, holds up the stream but nobody who subscribes or leaves. One that
    raises is logged and leaves.

    `on_first` and `on_last` are called when the first subscriber has come and when the last has gone, in turns,
    on whatever thread that happened. With `on_last` the hub belongs to a view that is made only while somebody
    looks: it forgets the stream when nobody is left, and packets still on their way are dropped until
    `stream_opened` comes again.
    """

    def __init__(
        self,
        ring: Ring | None = None,
        *,
        on_first: Callable[[], None] | None = None,
        on_last: Callable[[], None] | None = None,
    ) -> None:
        self.ring = Ring() if ring is None else ring
        self._on_first = on_first
        self._on_last = on_last
        self._info: StreamInfo | None = None
        self._subscriptions: tuple[_Subscription, ...] = ()
        self._watched = False
        self._state = Lock()
        """Guards the four above; held for moments only, so a replay and what follows meet without a seam."""
        self._publishing = RLock()
        self._telling = RLock()

    @property
    def info(self) -> StreamInfo | None:
        return self._info

    def __len__(self) -> int:
        return len(self._subscriptions)

    @property
    def is_patient(self) -> bool:
        """Whether no subscriber minds that packets come a little late."""
        return all(getattr(subscription.consumer, "patient", False) for subscription in self._subscriptions)

    def subscribe(self, consumer: PacketConsumer, *, replay: bool = False) -> Callable[[], None]:
        """See PacketStream. A packet that is on its way to the consumer may still arrive after it has left."""
        subscription = _Subscription(consumer)
        with subscription.lock:
            with self._state:
                info = self._info
                packets = self.ring.gop() if replay and info else []
                self._subscriptions = (*self._subscriptions, subscription)
            subscription.call(lambda consumer: _catch_up(consumer, info, packets))
        self._dismiss([subscription] if subscription.over else [])
        self._tell_whether_watched()

        def unsubscribe() -> None:
            self._dismiss([subscription])

        return unsubscribe

    def stream_opened(self, info: StreamInfo) -> None:
        """A new stream: the ring begins again, so that no replay joins two streams."""

        def remember() -> bool:
            self._info = info
            self.ring.clear()
            return True

        self._publish(remember, lambda consumer: consumer.stream_opened(info))

    def packet(self, packet: Packet) -> None:
        """Dropped while no stream is open."""

        def remember() -> bool:
            if self._info:
                self.ring.append(packet)
            return self._info is not None

        self._publish(remember, lambda consumer: consumer.packet(packet))

    def sound(self, packet: SoundPacket) -> None:
        """For those who listen; dropped while no stream is open, and not held for those who come later."""
        if any(subscription.hears for subscription in self._subscriptions):
            self._publish(lambda: self._info is not None, lambda consumer: _hear(consumer, packet))

    def stream_lost(self) -> None:
        """The ring keeps what came before the loss, until a new stream opens. Idempotent."""

        def forget() -> bool:
            was_open, self._info = self._info is not None, None
            return was_open

        self._publish(forget, lambda consumer: consumer.stream_lost())

    def _publish(self, change: Callable[[], bool], call: Callable[[PacketConsumer], None]) -> None:
        """Does `change` and, where that is true, makes the `call` to those who were subscribed at that moment."""
        with self._publishing:
            with self._state:
                subscriptions = self._subscriptions if change() else ()
            for subscription in subscriptions:
                with subscription.lock:
                    subscription.call(call)
        self._dismiss([subscription for subscription in subscriptions if subscription.over])

    def _dismiss(self, leaving: "Sequence[_Subscription]") -> None:
        if not leaving:
            return
        with self._state:
            for subscription in leaving:
                subscription.over = True
            self._subscriptions = tuple(known for known in self._subscriptions if known not in leaving)
        self._tell_whether_watched()

    def _tell_whether_watched(self) -> None:
        with self._telling:
            with self._state:
                watched = bool(self._subscriptions)
                if watched == self._watched:
                    return
                self._watched = watched
                if not watched and self._on_last:
                    self._info = None
                    self.ring.clear()
            callback = self._on_first if watched else self._on_last
            if callback:
                callback()


class _Subscription:
    """A consumer's place at the hub. `lock` is held around every call."""

    def __init__(self, consumer: PacketConsumer) -> None:
        self.consumer = consumer
        self.hears = hasattr(consumer, "sound")
        self.lock = Lock()
        self.over = False

    def call(self, call: Callable[[PacketConsumer], None]) -> None:
        if self.over:
            return
        try:
            call(self.consumer)
        except Exception:
            log.exception("%s failed and gets no more packets", type(self.consumer).__name__)
            self.over = True


def _catch_up(consumer: PacketConsumer, info: StreamInfo | None, packets: Sequence[Packet]) -> None:
    if info:
        consumer.stream_opened(info)
    for packet in packets:
        consumer.packet(packet)


def _hear(consumer: PacketConsumer, packet: SoundPacket) -> None:
    hear = getattr(consumer, "sound", None)
    if hear:
        hear(packet)
