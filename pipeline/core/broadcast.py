"""One publisher, any number of listeners, nothing in between."""

import logging
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")
log = logging.getLogger(__name__)


class Broadcast(Generic[T]):
    """Calls every listener on the publishing thread; listeners must not block.

    A listener that raises is logged and stays: it cannot harm the others.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._subscriptions: tuple[tuple[Callable[[T], None]], ...] = ()
        """Each listener in a tuple of its own, which tells apart two subscriptions of the same one."""

    def subscribe(self, listener: Callable[[T], None]) -> Callable[[], None]:
        """Returns the function that ends the subscription; idempotent, any thread."""
        subscription = (listener,)
        with self._lock:
            self._subscriptions = (*self._subscriptions, subscription)

        def unsubscribe() -> None:
            with self._lock:
                self._subscriptions = tuple(known for known in self._subscriptions if known is not subscription)

        return unsubscribe

    def publish(self, item: T) -> None:
        for (listener,) in self._subscriptions:
            try:
                listener(item)
            except Exception:
                log.exception("a listener failed")

    def __len__(self) -> int:
        return len(self._subscriptions)
