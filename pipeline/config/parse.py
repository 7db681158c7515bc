"""YAML → nodes. Every problem is collected, so that the rest of the text is read all the same."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.nodes import Node as YamlNode

from pipeline.config.node import Node, Scalar, below, merged
from pipeline.config.problems import Problems
from pipeline.config.secrets import Secrets, UnknownSecret
from pipeline.config.wording import kind

MAX_VALUES = 100_000
"""More than any configuration has; aliases of aliases could grow without end."""

MAX_BYTES = 1_000_000
"""A file of that size is something else, given by mistake."""

_TEMPLATE = re.compile(r":\s*\{\{")
"""A template that YAML takes for maps."""

_TAG = "tag:yaml.org,2002:"
_TAGS = {f"{_TAG}{name}" for name in ("map", "seq", "int", "float", "bool", "null")}
"""What is read as it is; texts and `!secret` are looked into."""


def read(path: Path, problems: Problems) -> str:
    """The text of a file; empty where it cannot be read, which `problems` then says."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) <= MAX_BYTES:
            return content.decode("utf-8-sig").replace("\r\n", "\n")
        problems.add(Node(None, str(path)), got="a very long file", wanted=f"at most {MAX_BYTES:,} bytes of YAML")
    except UnicodeDecodeError:
        problems.add(Node(None, str(path)), got="a file that is not UTF-8 text", wanted="a configuration in YAML")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        problems.add(Node(None, str(path)), got=f"a file that cannot be read ({reason})", wanted="a readable file")
    return ""


def parse(text: str, *, file: str, secrets: Secrets, problems: Problems) -> Node:
    """The tree of a text, whose top is a map. Raises ConfigError where the text cannot be read as one."""
    root = _composed(text, file, problems)
    problems.check()
    tree = _Tree(file, secrets, problems).node(root, "") if root else Node({}, file)
    if not isinstance(tree.value, dict):
        problems.add(tree, got=kind(tree), wanted="a map of keys")
        problems.check()
    return tree


def secrets_beside(folder: Path, env: Mapping[str, str], problems: Problems) -> Secrets:
    """The environment, and the `secrets.yaml` of a folder where there is one."""
    path = folder / "secrets.yaml"
    if not path.exists():
        return Secrets(env, None, str(path))
    root = _composed(read(path, problems), str(path), problems)
    pairs = root.value if isinstance(root, MappingNode) else []
    if root is not None and not isinstance(root, MappingNode):
        problems.add(Node(None, str(path), _line(root)), got="no map", wanted="names and their values")
    entries = {}
    for name, value in pairs:
        if isinstance(value, ScalarNode):
            entries[str(name.value)] = str(value.value)
        else:
            problems.add(Node(None, str(path), _line(name), str(name.value)), got="no text", wanted="text")
    return Secrets(env, entries, str(path))


def _composed(text: str, file: str, problems: Problems) -> YamlNode | None:
    place = Node(None, file)
    try:
        root: YamlNode | None = YAML(typ="safe", pure=True).compose(text)
        return root
    except MarkedYAMLError as error:
        mark = error.context_mark if _is_left_open(error) else error.problem_mark
        line = mark.line if mark else 0
        problems.add(replace(place, line=line + 1), got=f"no YAML ({error.problem})", wanted=_yaml(error, text, line))
    except YAMLError as error:
        problems.add(place, got=f"no YAML ({str(error).splitlines()[0]})", wanted="YAML")
    except RecursionError:
        problems.add(place, got="no YAML (values in values without end)", wanted="YAML")
    return None


def _is_left_open(error: MarkedYAMLError) -> bool:
    """A quote without its end is found at the end of the text, where nobody would look for it."""
    return "quoted scalar" in str(error.context) and "end of stream" in str(error.problem)


def _yaml(error: MarkedYAMLError, text: str, line: int) -> str:
    """What was wanted where a text is no YAML, for the mistakes that everybody makes once."""
    written, problem = "".join(text.splitlines()[line : line + 1]), str(error.problem)
    if _is_left_open(error):
        return "YAML (a quote opens here and is never closed)"
    if _TEMPLATE.search(written):
        return 'YAML ("{{ … }}" needs quotes)'
    if "'\\t'" in problem:
        return "YAML (spaces, not tabs, before a key)"
    if "escape" in problem:
        return r"YAML (a \ inside double quotes is written \\, or the text in single quotes)"
    if "<block" in problem:
        return "YAML (keys of one map begin in the same column)"
    return 'YAML (inside { } and [ ], "${NAME}" needs quotes)' if "${" in written else "YAML"


def _line(node: YamlNode) -> int:
    return int(node.start_mark.line) + 1


class _Tree:
    """Turns composed YAML into nodes: fills in secrets, merges `<<`, finds names given twice."""

    def __init__(self, file: str, secrets: Secrets, problems: Problems) -> None:
        self._file = file
        self._secrets = secrets
        self._problems = problems
        self._scalars = YAML(typ="safe", pure=True).constructor
        self._open: list[YamlNode] = []
        self._count = 0

    def node(self, yaml: YamlNode, key: str, line: int | None = None) -> Node:
        """`line` is that of the name before a value; what an alias stands for keeps the lines where it is written."""
        place = Node(None, self._file, line or _line(yaml), key)
        self._count += 1
        if self._count > MAX_VALUES:
            return self._too_many(place)
        if any(yaml is above for above in self._open):
            return self._broken(place, "a value that holds itself", "no alias of something that it is part of")
        if yaml.tag not in _TAGS and not isinstance(yaml, ScalarNode):
            return self._broken(place, f"the tag {yaml.tag}", "a plain value")
        self._open.append(yaml)
        try:
            if isinstance(yaml, MappingNode):
                return self._map(yaml, place)
            if isinstance(yaml, SequenceNode):
                return replace(place, value=[self.node(item, below(key, at)) for at, item in enumerate(yaml.value)])
            return self._scalar(yaml, place)
        finally:
            self._open.pop()

    def _map(self, yaml: MappingNode, place: Node) -> Node:
        own: dict[str, Node] = {}
        inherited: list[Node] = []
        lines: dict[str, int] = {}
        for name_yaml, value_yaml in yaml.value:
            if name_yaml.tag == f"{_TAG}merge":
                inherited += self._merge_key(value_yaml, place)
                continue
            name = str(name_yaml.value)
            named = Node(None, self._file, _line(name_yaml), below(place.key, name))
            if not isinstance(name_yaml, ScalarNode):
                wanted = 'text ("{{ … }}" needs quotes)' if isinstance(name_yaml, MappingNode) else "text"
                self._broken(replace(named, key=place.key), "a name that is no text", wanted)
            elif name in own:
                self._problems.add(named, got=f"the same name twice (first in line {lines[name]})", wanted="it once")
            else:
                lines[name] = _line(name_yaml)
                own[name] = self.node(value_yaml, named.key, lines[name])
        return merged(*reversed(inherited), replace(place, value=own))

    def _merge_key(self, yaml: YamlNode, place: Node) -> list[Node]:
        """The maps of `<<: *common` or `<<: [*this, *that]`, the strongest first."""
        parts = yaml.value if isinstance(yaml, SequenceNode) else [yaml]
        nodes = [self.node(part, place.key) for part in parts]
        for node in nodes:
            if not isinstance(node.value, dict) and not node.broken:
                self._problems.add(replace(node, key=below(place.key, "<<")), got=kind(node), wanted="a map of keys")
        return [node for node in nodes if isinstance(node.value, dict)]

    def _scalar(self, yaml: YamlNode, place: Node) -> Node:
        try:
            if yaml.tag == "!secret":
                name = str(yaml.value)
                return replace(place, value=self._secrets.entry(name), hidden=f"!secret {name}")
            if yaml.tag in (f"{_TAG}str", f"{_TAG}timestamp"):
                text, references = self._secrets.filled(str(yaml.value))
                return replace(place, value=text, hidden=references)
        except UnknownSecret as unknown:
            return self._broken(place, unknown.got, unknown.wanted)
        if yaml.tag not in _TAGS:
            return self._broken(place, f"the tag {yaml.tag}", "a plain value, or !secret NAME")
        try:
            value: Scalar = self._scalars.construct_object(yaml)
        except ValueError:  # Python reads no number of more than 4300 digits
            return self._broken(place, "a number too long to read", "a shorter one")
        return replace(place, value=value)

    def _broken(self, place: Node, got: str, wanted: str) -> Node:
        self._problems.add(place, got=got, wanted=wanted)
        return replace(place, broken=True)

    def _too_many(self, place: Node) -> Node:
        if self._count == MAX_VALUES + 1:
            return self._broken(
                place, f"more than {MAX_VALUES} values", "a configuration (are there aliases of aliases?)"
            )
        return replace(place, broken=True)
