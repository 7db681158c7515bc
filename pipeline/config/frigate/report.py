"""What the person who moves must know: what was not taken over, and what means something else now."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pipeline.config.node import Node

At = tuple[str, ...]
"""Keys from the top of the new file."""


@dataclass(frozen=True, slots=True)
class Note:
    """One line of the list; `key` and `line` are those of Frigate's file. Holds no values that were written there."""

    file: str
    line: int | None
    key: str
    text: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return "".join(each if each.isprintable() else "?" for each in f"{place}: {self.key}: {self.text}")


class Report:
    """Collects notes, each once; those on what all cameras share come from every camera."""

    def __init__(self) -> None:
        self._notes: dict[Note, None] = {}
        self.comments: dict[At, list[str]] = {}
        """What is said in the new file itself, above a key."""

    @property
    def notes(self) -> tuple[Note, ...]:
        """In the order of the file."""
        return tuple(sorted(self._notes, key=lambda note: note.line or 0))

    def left(self, node: Node, why: str) -> None:
        self._add(node, f"not taken over: {why}")

    def changed(self, node: Node, how: str, at: At = ()) -> None:
        """Taken over, but not as it was; `at` is where a comment says so, too."""
        self._add(node, f"changed: {how}")
        if at and how not in self.comments.setdefault(at, []):
            self.comments[at].append(how)

    def rest(self, section: Node, taken: Collection[str], reasons: Mapping[str, str]) -> None:
        """Every entry of a map that is not `taken`; one without a value says nothing."""
        for name, entry in section.names.items():
            if name not in taken and (entry.value is not None or entry.broken):
                self.left(entry, reasons.get(name, "a key that the import does not know"))

    def _add(self, node: Node, text: str) -> None:
        self._notes[Note(node.file, node.line, node.key, text)] = None
