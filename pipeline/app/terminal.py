"""The terminal: what was asked for goes to standard output, the log to standard error."""

import logging
import sys
from collections.abc import Callable
from threading import Thread
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console
from rich.logging import RichHandler

from pipeline.core.channels import Closed, Mailbox

_MOST_WAITING = 500
_LONGEST_END_S = 1.0
_CHATTY = ("aioice", "aiortc", "httpcore", "httpx", "urllib3")


def log_to(handler: logging.Handler, level: str) -> None:
    """All loggers of this process write there from now on, from `level` up; chatty libraries only their warnings."""
    handler.setLevel(level.upper())
    logging.basicConfig(level=level.upper(), format="%(message)s", handlers=[handler], force=True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def log_handler() -> logging.Handler:
    return RichHandler(console=Console(stderr=True), show_path=False, rich_tracebacks=False)


class Terminal:
    """Prints lines and log records on a thread of its own, while it is entered.

    A terminal may stand still for hours (Ctrl-S, a pipe that nobody reads) and must hold nobody up: what it cannot
    take is lost, the oldest first, and said when it moves again. `say` is for any thread and never waits.
    """

    def __init__(self, level: str, out: TextIO | None = None) -> None:
        self._level = level
        self._out = out or sys.stdout
        self._log = log_handler()
        self._waiting: Mailbox[Callable[[], object]] = Mailbox(_MOST_WAITING)
        self._lost = 0
        self._thread = Thread(target=self._run, name="terminal", daemon=True)

    def __enter__(self) -> Self:
        log_to(_Deferred(self._log, self._put), self._level)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._waiting.close()
        self._thread.join(_LONGEST_END_S)
        log_to(self._log, self._level)

    def say(self, line: str) -> None:
        self._put(lambda: print(line, file=self._out, flush=True))

    def _put(self, printing: Callable[[], object]) -> None:
        try:
            self._waiting.put(printing)
        except Closed:
            return  # what is said while everything ends has no reader

    def _run(self) -> None:
        try:
            while True:
                self._waiting.get()()
                self._own_up()
        except (Closed, OSError):
            return  # ended, by us or by whoever read us

    def _own_up(self) -> None:
        lost = self._waiting.dropped - self._lost
        if lost:
            self._lost += lost
            print(f"({lost} lines were lost while nobody read)", file=self._out, flush=True)


class _Deferred(logging.Handler):
    """Formats nothing on the thread that logs."""

    def __init__(self, log: logging.Handler, put: Callable[[Callable[[], object]], None]) -> None:
        super().__init__()
        self._log = log
        self._put = put

    def emit(self, record: logging.LogRecord) -> None:
        self._put(lambda: self._log.handle(record))
