"""`ffmpeg.inputs`, and the stream of go2rtc that is shown live."""

from dataclasses import dataclass, field

from pipeline.config.frigate import reasons
from pipeline.config.frigate.addresses import address, trouble
from pipeline.config.frigate.reading import a_map, texts
from pipeline.config.frigate.report import Report
from pipeline.config.frigate.restreams import Restreams, Source
from pipeline.config.node import Node
from pipeline.config.problems import Problems
from pipeline.config.wording import kind, shown

_ROLES = ("detect", "record")
_LEFT_ROLES = {"audio": reasons.BOTH["audio"], "rtmp": "live video is served over WebRTC"}


@dataclass(slots=True)
class Input:
    path: str = field(repr=False)
    roles: list[str]
    udp: bool = False
    hwaccel: Node | None = None

    def plain(self) -> dict[str, object]:
        transport = {"transport": "udp"} if self.udp and self.path.startswith("rtsp") else {}
        return {"path": self.path, "roles": self.roles, **transport}


class Inputs:
    """Reads those of one camera."""

    def __init__(self, name: str, ffmpeg: Node, restreams: Restreams, problems: Problems, report: Report) -> None:
        self._name = name
        self._ffmpeg = ffmpeg
        self._restreams = restreams
        self._problems = problems
        self._report = report
        self._taken: set[str] = set()

    def read(self, node: Node, live: Node) -> list[Input]:
        """Those that Framewatch can open, each address once; `live` is Frigate's section."""
        if not node.items and not node.broken:
            got = kind(node) if node.value not in (None, []) else "no inputs"
            self._problems.add(node, got=got, wanted="a list of at least one input, each with a path and roles")
        found: list[Input] = []
        for item in node.items:
            own = a_map(item, self._problems)
            each = self._input(own, alone=len(node.items) == 1) if isinstance(item.value, dict) else None
            if each is not None:
                _joined(found, each)
        if found:
            self._show(live, found)
        return found

    def _input(self, item: Node, *, alone: bool) -> Input | None:
        path = item.get("path")
        if not isinstance(path.value, str | int) or isinstance(path.value, bool) or not str(path.value).strip():
            if not path.broken:
                self._problems.add(path, got=shown(path), wanted="the address of a stream")
            return None
        self._report.rest(item, ("path", "roles", "input_args", "hwaccel_args"), reasons.FFMPEG)
        udp = self._asks_for_udp(item)
        roles = self._roles(item, alone=alone)
        source = self._source(path)
        why = source.trouble or trouble(source.path)
        if not roles:
            why = "it has no role that Framewatch knows (detect, record)"
        if why:
            self._report.left(item, why)
            return None
        if source.doubt:
            self._report.changed(path, source.doubt)
        return Input(source.path, roles, udp, item.names.get("hwaccel_args"))

    def _source(self, path: Node) -> Source:
        written = str(path.value).strip()
        return self._restreams.of(written) or Source(address(written))

    def _roles(self, item: Node, *, alone: bool) -> list[str]:
        """In Framewatch's order; the only input of a camera detects, as with Frigate."""
        roles = ["detect"] if alone else []
        for role in texts(item.get("roles"), self._problems):
            if role.value in _LEFT_ROLES:
                self._report.left(role, _LEFT_ROLES[str(role.value)])
            elif role.value not in _ROLES:
                self._problems.add(role, got=shown(role), wanted="one of detect, record, audio")
            elif role.value in self._taken:
                self._problems.add(role, got=f'the role "{role.value}"', wanted="it once: another input has it")
            else:
                roles.append(str(role.value))
        self._taken.update(roles)
        return [role for role in _ROLES if role in roles]

    def _asks_for_udp(self, item: Node) -> bool:
        """An input's own arguments stand before those of its camera, and those before everybody's."""
        arguments = item.names.get("input_args") or self._ffmpeg.names.get("input_args")
        if arguments is None:
            return False
        words = " ".join(map(str, arguments.plain())) if arguments.items else str(arguments.value)
        udp = "preset-rtsp-udp" in words or "rtsp_transport udp" in words
        if not udp and not words.startswith(("preset-rtsp-generic", "preset-rtsp-restream")):
            self._report.left(arguments, reasons.FFMPEG["input_args"])
        return udp

    def _show(self, live: Node, inputs: list[Input]) -> None:
        """The role live: go2rtc's stream that Frigate shows, otherwise what it analyses."""
        self._report.rest(live, ("streams", "stream_name"), reasons.LIVE)
        names = list(a_map(live.get("streams"), self._problems).names.values())
        for other in names[1:]:
            self._report.left(other, "one stream of a camera is shown live, the first of these")
        wanted = [*names[:1], live.get("stream_name")]
        name = next((str(node.value) for node in wanted if node.value), self._name)
        source = self._restreams.named(name)
        if source is not None and source.path and not trouble(source.path):
            _joined(inputs, Input(source.path, ["live"]))
            return
        for node in wanted:
            if node.value:
                self._report.left(node, "no stream of go2rtc.streams with an address; what is analysed is shown")
        shown_one = next((each for each in inputs if "detect" in each.roles), inputs[0])
        shown_one.roles.append("live")


def _joined(inputs: list[Input], one: Input) -> None:
    """Each address is opened once, and each role belongs to one input."""
    taken = {role for each in inputs for role in each.roles}
    roles = [role for role in one.roles if role not in taken]
    same = next((each for each in inputs if each.path == one.path), None)
    if same is not None:
        same.roles = [role for role in (*_ROLES, "live") if role in (*same.roles, *roles)]
        same.udp, same.hwaccel = same.udp or one.udp, same.hwaccel or one.hwaccel
    elif roles:
        one.roles = roles
        inputs.append(one)
