"""go2rtc's streams: what Frigate opens through its own restream, Framewatch opens itself."""

import re
from dataclasses import dataclass, field, replace

from pipeline.config.frigate import reasons
from pipeline.config.frigate.addresses import address, is_on_the_network
from pipeline.config.frigate.reading import section, texts
from pipeline.config.frigate.report import Report
from pipeline.config.node import Node
from pipeline.config.problems import Problems

_RESTREAM = re.compile(r"rtsps?://(?:[^/@]*@)?(?P<host>\[[^\]]*\]|[^/:?#]+):8554/(?P<name>[^/?#]+)", re.IGNORECASE)
_DEFAULT = re.compile(r"\$\{([A-Za-z_]\w*):[^}]*\}")
"""A variable, and what go2rtc takes where it is not set."""
_NOT_THERE = "go2rtc.streams has no such stream; something else must serve it at this address"
_ELSEWHERE = "taken for a stream of this file's go2rtc, whose own source is opened"
_HERE = ("127.0.0.1", "localhost", "[::1]", "0.0.0.0")


@dataclass(frozen=True, slots=True)
class Source:
    """What a restream leads to: an address, or why there is none."""

    path: str = field(repr=False)
    trouble: str = ""
    doubt: str = ""
    """What it was taken for, where that may be wrong."""


class Restreams:
    """`go2rtc` of Frigate's file."""

    def __init__(self, root: Node, problems: Problems, report: Report) -> None:
        self._go2rtc = section(root, "go2rtc", problems)
        self._report = report
        streams = section(self._go2rtc, "streams", problems)
        self._nodes = dict(streams.names)
        self._sources = {name: texts(node, problems) for name, node in streams.names.items()}
        self._used: dict[str, Node] = {}

    def of(self, path: str) -> Source | None:
        """What an input's path leads to when it is a restream of this file."""
        found = _RESTREAM.match(path)
        if found is None:
            return None
        is_here = found["host"].lower() in _HERE
        source = self.named(found["name"])
        if source is None:
            return Source(address(path), doubt=_NOT_THERE) if is_here else None
        return source if is_here else replace(source, doubt=_ELSEWHERE)

    def named(self, name: str) -> Source | None:
        """What a stream is made of; None where there is no such stream."""
        if name not in self._sources:
            return None
        node = self._first(name, ())
        if node is None:
            return Source("", f"go2rtc.streams.{name} has no source with an rtsp or http address")
        self._used[name] = node
        bare, count = _DEFAULT.subn(r"${\1}", _bare(str(node.value)))
        if count:
            self._report.changed(node, "a variable has no value here where it is not set: set it in the environment")
        return Source(address(bare, shell=True))

    def tell(self) -> None:
        """What of it was not taken over; after all cameras have been read."""
        self._report.rest(self._go2rtc, ("streams",), dict.fromkeys(self._go2rtc.names, reasons.GO2RTC_SECTION))
        for name, sources in self._sources.items():
            if name not in self._used:
                self._report.left(self._nodes[name], "no camera opens it")
                continue
            for source in sources:
                if source not in self._used.values():
                    self._report.left(source, "one source of a stream is opened, and none is transcoded")

    def _first(self, name: str, above: tuple[str, ...]) -> Node | None:
        """The first source with an address; `ffmpeg:other` leads to another stream."""
        for node in self._sources.get(name, ()):
            bare = _bare(str(node.value))
            if is_on_the_network(bare):
                return node
            further = bare if bare in self._sources and bare not in (*above, name) else ""
            found = self._first(further, (*above, name)) if further else None
            if found is not None:
                self._used[further] = found
                return found
        return None


def _bare(source: str) -> str:
    """Without what go2rtc is to do with it: `ffmpeg:` before it, `#video=copy` behind it."""
    return source.strip().removeprefix("ffmpeg:").partition("#")[0]
