"""Names that Framewatch would not take."""

import re

from pipeline.config.frigate.report import Report
from pipeline.config.node import Node

_STRANGE = re.compile(r"[^A-Za-z0-9_-]+")


class Names:
    """The names of one map: letters, digits, _ and -, and each once."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._taken: set[str] = set()

    def of(self, old: str, node: Node) -> str:
        """The name in the new file of the entry `node`, which was called `old`."""
        plain = _STRANGE.sub("_", old).strip("_") or "unnamed"
        new, count = plain, 2
        while new in self._taken:
            new, count = f"{plain}_{count}", count + 1
        self._taken.add(new)
        if new != old:
            self._report.changed(node, f'it is called "{new}" here: names are made of letters, digits, _ and -')
        return new
