"""Alerts as lines of a file."""

import asyncio
from pathlib import Path

from pipeline.core.errors import DeliveryError
from pipeline.core.event import Alert
from pipeline.core.message import AlertOptions
from sinks.alerts.document import document


class Jsonl:
    """Appends one JSON document a line, without the picture. The file may be moved away at any time."""

    class Options(AlertOptions):
        path: Path
        """Made where it is missing, with its folders."""

    def __init__(self, options: Options) -> None:
        self._path = options.path

    async def send(self, alert: Alert) -> None:
        line = document(alert) + b"\n"
        try:
            await asyncio.to_thread(self._append, line)
        except OSError as error:
            raise DeliveryError(f"{self._path}: {error.strerror or error}") from error

    def _append(self, line: bytes) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab", buffering=0) as file:
            file.write(line)

    async def close(self) -> None:
        """Nothing stays open between alerts."""
