"""Changes of a YAML text that leave everything else in it as it is: comments, order, quotes, indentation, line ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.config.places import Entry, Place, places
from pipeline.config.yaml_text import flow, lines

_MERGE = "<<"


class Elsewhere(LookupError):
    """What is to be changed is an alias: it is written in another place, which others may use as well."""


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    text: str


def rewritten(text: str, now: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """`text`, which says `now`, with as few changes as make it say `wanted`.

    Maps are changed entry by entry, lists and single values as a whole. What comes from a `<<` is changed by an entry
    that wins over it, and cannot be taken away: whoever calls this looks at what came out. Raises Elsewhere.
    """
    root = places(text)
    if root is None or not root.entries:
        return (text[: root.start] if root else text) + "".join(f"{line}\n" for line in _all_lines(wanted, 0, 2))
    draft = _Draft(text)
    draft.change(root, now, wanted)
    return draft.finished()


class _Draft:
    def __init__(self, text: str) -> None:
        self._text = text
        self._edits: list[_Edit] = []
        self._newline = "\r\n" if "\r\n" in text else "\n"
        self._step = 2

    def finished(self) -> str:
        """Edits of one place come in the order in which they were made."""
        text = self._text
        for edit in reversed(sorted(self._edits, key=lambda edit: edit.start)):
            text = text[: edit.start] + edit.text + text[edit.end :]
        return text

    def change(self, at: Place, now: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
        """Makes the map at a place, which says `now`, say `wanted`."""
        written = [entry for entry in at.entries if entry.name != _MERGE]
        step = next((e.value.column - at.column for e in at.entries if _is_below(e.value, at)), self._step)
        self._step = step
        for entry in written:
            if entry.name in wanted and now[entry.name] != wanted[entry.name]:
                self._replace(at, entry, now[entry.name], wanted[entry.name])
        gone = [entry for entry in written if entry.name not in wanted]
        names = {entry.name for entry in written}
        missing = [name for name in wanted if name not in names]
        added = {name: wanted[name] for name in missing if not (name in now and now[name] == wanted[name])}
        self._step = step  # what is below may have another
        if at.in_lines:
            for entry in gone:
                self._remove_lines(entry)
            self._add_lines(at, added)
        elif gone or added:
            self._change_in_braces(at, gone, added)

    def _replace(self, at: Place, entry: Entry, now: Any, wanted: Any) -> None:
        value = entry.value
        if not isinstance(wanted, Mapping):
            self._edit(entry.key.end, value.end, f": {flow(wanted)}")
        elif value.kind == "alias":
            raise Elsewhere(entry.name)
        elif value.entries and wanted and isinstance(now, Mapping):
            self.change(value, now, wanted)
        elif at.in_lines and wanted:
            self._edit(entry.key.end, value.end, ":")
            self._insert_lines(self._line_end(value.end), _all_lines(wanted, at.column + self._step, self._step))
        else:
            self._edit(entry.key.end, value.end, f": {flow(wanted)}")

    def _add_lines(self, at: Place, added: Mapping[str, Any]) -> None:
        """Behind the last entry and the comments that stand in the same column or further right."""
        if not added:
            return
        apart = [""] if len(at.entries) > 1 and self._follows_a_blank_line(at.entries[-1]) else []
        made = [[*apart, *lines(name, value, at.column, self._step)] for name, value in added.items()]
        self._insert_lines(self._end_with_comments(at.end, at.column), [line for each in made for line in each])

    def _remove_lines(self, entry: Entry) -> None:
        """With the comments right above it and those further right below it."""
        start = self._start_with_comments(entry)
        end = self._end_with_comments(entry.value.end, entry.key.column + 1)
        after = self._text.find("\n", end)
        self._edit(start, len(self._text) if after < 0 else after + 1, "")

    def _change_in_braces(self, at: Place, gone: Sequence[Entry], added: Mapping[str, Any]) -> None:
        more = [flow({name: value})[1:-1] for name, value in added.items()]
        kept = [place for place, entry in enumerate(at.entries) if entry not in gone]
        last = at.entries[-1].value.end
        if not kept:
            self._edit(at.entries[0].key.start, last, ", ".join(more))
            return
        for entry, following in zip(at.entries[: kept[-1]], at.entries[1:], strict=False):
            if entry in gone:
                self._edit(entry.key.start, following.key.start, "")
        self._edit(at.entries[kept[-1]].value.end, last, "".join(f", {one}" for one in more))

    def _edit(self, start: int, end: int, text: str) -> None:
        self._edits.append(_Edit(start, end, text))

    def _insert_lines(self, at: int, made: Sequence[str]) -> None:
        self._edit(at, at, "".join(f"{self._newline}{line}" for line in made))

    def _line_end(self, at: int) -> int:
        """Before the line's end, whichever it has."""
        end = self._text.find("\n", at)
        if end < 0:
            return len(self._text)
        return end - 1 if self._text[at:end].endswith("\r") else end

    def _line_start(self, at: int) -> int:
        return self._text.rfind("\n", 0, at) + 1

    def _end_with_comments(self, at: int, column: int) -> int:
        """The end of the last line that belongs to what ends at `at`: comments from `column` on do."""
        found = reached = self._line_end(at)
        while (start := self._text.find("\n", reached) + 1) > 0:
            reached = self._line_end(start)
            line = self._text[start:reached]
            if _is_comment(line, column):
                found = reached
            elif line.strip():
                break
        return found

    def _start_with_comments(self, entry: Entry) -> int:
        start = self._line_start(entry.key.start)
        while start > 0:
            above = self._line_start(start - 1)
            line = self._text[above : start - 1]
            if not (_is_comment(line, entry.key.column) and _indentation(line) == entry.key.column):
                break
            start = above
        return start

    def _follows_a_blank_line(self, entry: Entry) -> bool:
        start = self._start_with_comments(entry)
        return start > 0 and not self._text[self._line_start(start - 1) : start].strip()


def _all_lines(entries: Mapping[str, Any], column: int, step: int) -> list[str]:
    return [line for name, value in entries.items() for line in lines(name, value, column, step)]


def _is_below(value: Place, at: Place) -> bool:
    return value.kind == "map" and value.in_lines and at.in_lines


def _is_comment(line: str, column: int) -> bool:
    return line.lstrip().startswith("#") and _indentation(line) >= column


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())
