"""Apprise's services, one at a time; what it says of them stays here, as it may hold addresses."""

import logging
import re
import threading
from concurrent.futures import Future
from contextvars import ContextVar
from types import ModuleType

from pipeline.core.errors import DeliveryError
from pipeline.core.event import Alert
from sinks.alerts.document import with_link
from sinks.alerts.picture_file import picture_file

_WORTH_RETRYING = {408, 425, 429}
_UNREACHABLE = 0
_CODE = re.compile(r"error=(\d{3})\b")


def is_known(url: str) -> bool:
    """Whether there is a service for such an address, and it has all that this service wants."""
    return _apprise().Apprise.instantiate(url) is not None


class Service:
    """One address; `name` is its schema alone, as in `ntfy`."""

    def __init__(self, url: str, timeout_s: float) -> None:
        apprise = _apprise()
        self.name = url.partition("://")[0].lower()
        self._text = apprise.NotifyFormat.TEXT
        self._service = apprise.Apprise(asset=apprise.AppriseAsset(app_id="Framewatch", app_desc="Framewatch"))
        self._service.add(url)
        for each in self._service:
            each.socket_connect_timeout = each.socket_read_timeout = timeout_s
        self._is_busy = threading.Lock()

    def deliver(self, alert: Alert, *, with_snapshot: bool) -> "Future[None]":
        """In a thread of its own, which nobody waits for at the end; fails with DeliveryError."""
        done: Future[None] = Future()
        done.set_running_or_notify_cancel()
        if not self._is_busy.acquire(blocking=False):
            done.set_exception(DeliveryError(f"{self.name}: is still busy with an alert before this one"))
            return done

        def work() -> None:
            failure: Exception | None = None
            try:
                self._notify(alert, with_snapshot)
            except Exception as error:
                failure = error
            self._is_busy.release()  # before anybody hears of it and comes with the next one
            done.set_exception(failure) if failure else done.set_result(None)

        threading.Thread(target=work, name=f"alert to {self.name}", daemon=True).start()
        return done

    def _notify(self, alert: Alert, with_snapshot: bool) -> None:
        answers: list[int] = []
        _ANSWERS.set(answers)
        with picture_file(alert.snapshot if with_snapshot else None) as picture:
            words = {"title": alert.title, "body": with_link(alert), "body_format": self._text}
            arrived = self._service.notify(**words, attach=[picture] if picture else None)
        if not arrived:
            raise self._failure(answers[-1] if answers else None)

    def _failure(self, code: int | None) -> DeliveryError:
        if code is None:
            return DeliveryError(f"{self.name}: did not take it")
        if code == _UNREACHABLE:
            return DeliveryError(f"{self.name}: cannot be reached")
        is_final = 400 <= code < 500 and code not in _WORTH_RETRYING
        return DeliveryError(f"{self.name}: did not take it (it answered {code})", permanent=is_final)


_ANSWERS: ContextVar[list[int]] = ContextVar("answers")
"""What the services answered that were asked from here; Apprise takes it along into threads of its own."""


class _Listener(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        answers = _ANSWERS.get(None)
        if answers is None:
            return
        if found := _CODE.search(record.getMessage()):
            answers.append(int(found[1]))
        elif "connection error" in record.getMessage().lower():
            answers.append(_UNREACHABLE)


_LISTENER = _Listener()


def _apprise() -> ModuleType:
    """Loaded with the first address: it brings a hundred services along."""
    import apprise

    words = logging.getLogger("apprise")
    words.propagate = False
    words.addHandler(_LISTENER)
    return apprise
