"""The new file's text, to be read and changed by people."""

from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from pipeline.config.frigate.addresses import variables
from pipeline.config.frigate.report import At

_VARIABLES = (
    "Set these in the environment, with %40 for @, %3A for :, %2F for /, %23 for #, %3F for ?:",
    "where Frigate had them as files (docker secrets), a secrets.yaml and !secret can take their place.",
)


def written(content: Mapping[str, Any], comments: Mapping[At, Sequence[str]], *, source: str) -> str:
    """YAML with `comments` above their keys; lists on one line, but those of maps."""
    yaml = YAML()
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    top = _styled(content)
    for at, lines in comments.items():
        _comment(top, at, lines)
    out = StringIO()
    yaml.dump(top, out)
    text = out.getvalue()
    return _head(source, variables(text)) + text


def _head(source: str, names: Sequence[str]) -> str:
    lines = [f"Made from {_one_line(source)} by `framewatch import frigate`. Every key: configs/reference.yaml"]
    if names:
        lines += [_VARIABLES[0], f"  {', '.join(sorted(set(names)))}", _VARIABLES[1]]
    return "".join(f"# {line}\n" for line in lines) + "\n"


def _styled(value: Any) -> Any:
    if isinstance(value, Mapping):
        return CommentedMap((name, _styled(part)) for name, part in value.items())
    if isinstance(value, list):
        items = CommentedSeq(map(_styled, value))
        if not any(isinstance(item, Mapping) for item in value):
            items.fa.set_flow_style()
        return items
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _comment(top: CommentedMap, at: At, lines: Sequence[str]) -> None:
    """Above the key; what stands for all cameras has one of its own, and what is not written needs none."""
    *above, key = at
    inner: Any = top
    for name in above:
        inner = inner.get(name) if isinstance(inner, CommentedMap) else None
    if isinstance(inner, CommentedMap) and key in inner:
        inner.yaml_set_comment_before_after_key(key, before="\n".join(lines), indent=2 * len(above))


def _one_line(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name)
