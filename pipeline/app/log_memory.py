"""The end of the log, kept in memory for whoever looks at the page."""

import logging
from collections import deque
from traceback import format_exception_only
from types import TracebackType
from typing import Self

from pipeline.core.about import LogLine
from pipeline.core.redact import redact_text

_LONGEST_MESSAGE = 2000


class LogMemory(logging.Handler):
    """The last records of this process from INFO up, while it is entered; what is not asked for is forgotten.

    Other handlers keep their own level. Reading is for any thread.
    """

    def __init__(self, most_lines: int = 1000) -> None:
        super().__init__(logging.INFO)
        self._lines: deque[LogLine] = deque(maxlen=most_lines)
        self._root = logging.getLogger()
        self._level_before = self._root.level

    def __enter__(self) -> Self:
        self._level_before = self._root.level
        self._root.setLevel(min(self._level_before, logging.INFO))
        self._root.addHandler(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._root.removeHandler(self)
        self._root.setLevel(self._level_before)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            message = redact_text(_text_of(record))[:_LONGEST_MESSAGE]
        except Exception:  # a message that does not fit its arguments; logging has its own way to say so
            self.handleError(record)
            return
        self._lines.append(LogLine(record.created, record.levelname, record.name, message))

    def last(self, lines: int, level: str = "INFO") -> list[LogLine]:
        """The latest of this level and above, oldest first."""
        levels = logging.getLevelNamesMapping()
        least = levels[level]
        return [line for line in self._lines.copy() if levels.get(line.level, logging.INFO) >= least][-lines:]


def _text_of(record: logging.LogRecord) -> str:
    """With what was raised, but without where: that is for the terminal."""
    error = record.exc_info[1] if record.exc_info else None
    return "\n".join([record.getMessage(), *(format_exception_only(error) if error else [])]).rstrip()
