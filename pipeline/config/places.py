"""Where in a text each value of YAML is written, for edits that leave every other letter as it was."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

_COLON = re.compile(r"\s*:")

Kind = Literal["map", "list", "scalar", "alias"]


@dataclass(frozen=True, slots=True)
class Place:
    """One value: `start` (with its anchor or tag) and `end` are offsets, without comments and blank lines behind it.

    `column` is where its first line begins, of a map in lines where its names do.
    """

    kind: Kind
    start: int
    end: int
    column: int
    in_lines: bool = False
    """A map or list of a line each, not in braces."""
    entries: "tuple[Entry, ...]" = ()
    """Of a map."""


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    key: Place
    value: Place


def places(text: str) -> Place | None:
    """Of a text that was parsed before; None where it holds nothing."""
    events = iter(YAML(typ="safe", pure=True).parse(text))
    first = next((event for event in events if isinstance(event, NodeEvent)), None)
    return _Places(text, events).place(first) if first else None


@dataclass(frozen=True, slots=True)
class _Places:
    text: str
    events: Iterator[Any] = field(repr=False)

    def place(self, event: Any) -> Place:
        start, end, column = event.start_mark.index, event.end_mark.index, event.start_mark.column
        match event:
            case MappingStartEvent():
                return self._map(event, start)
            case SequenceStartEvent():
                return self._list(event, start)
            case AliasEvent():
                return Place("alias", start, end, column)
        return Place("scalar", start, start + len(self.text[start:end].rstrip()), column)

    def _map(self, event: Any, start: int) -> Place:
        entries = []
        while not isinstance(named := next(self.events), MappingEndEvent):
            key = self.place(named)
            value = self.place(next(self.events))
            if value.kind == "scalar" and value.start == value.end:
                value = self._nothing(key)
            entries.append(Entry(named.value if isinstance(named, ScalarEvent) else "", key, value))
        if event.flow_style or not entries:
            return Place("map", start, named.end_mark.index, event.start_mark.column, entries=tuple(entries))
        return Place("map", start, entries[-1].value.end, entries[0].key.column, True, tuple(entries))

    def _nothing(self, key: Place) -> Place:
        """A value that is not there, right behind its colon; the parser tells where the next thing is."""
        colon = _COLON.match(self.text, key.end)
        end = colon.end() if colon else key.end
        return Place("scalar", end, end, key.column)

    def _list(self, event: Any, start: int) -> Place:
        last = None
        while not isinstance(item := next(self.events), SequenceEndEvent):
            last = self.place(item)
        end = item.end_mark.index if event.flow_style or last is None else last.end
        return Place("list", start, end, event.start_mark.column, not event.flow_style)
