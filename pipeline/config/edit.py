"""Changes that the page makes to a configuration's text: what a camera's zones and lines are, and one more camera."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from pipeline.config.draft import Elsewhere, rewritten
from pipeline.config.names import is_name
from pipeline.config.node import Node
from pipeline.config.parse import parse
from pipeline.config.problems import Problems
from pipeline.config.secrets import Secrets
from pipeline.config.wording import one_of
from pipeline.config.yaml_text import SecretRef, snippet
from pipeline.core.camera import Line, Zone
from pipeline.core.errors import ConfigError, Problem

_TEXT = "<text>"
"""The file of a problem in a text that has no name here."""
_AREAS: Mapping[str, type[BaseModel]] = {"zones": Zone, "lines": Line}
_DIGITS = 4
"""Of a coordinate: a ten-thousandth of the picture is less than half a pixel of 4K."""

Areas = Mapping[str, Mapping[str, Any]]
"""By name; the keys of each are those of the configuration."""


def with_areas(text: str, camera: str, zones: Areas, lines: Areas) -> str:
    """`text` with these zones and lines of a camera, and no others.

    What is written already and means the same stays as it is, with its comments; what is at its default and was not
    written stays so. Raises ConfigError, also where another camera would change.
    """
    root = _read(text)
    now = root.plain()
    after = _with(_camera(root, camera), {"zones": zones, "lines": lines})
    wanted = {**now, "cameras": {**_cameras(now), camera: after}}
    return _checked(text, root, wanted, camera)


def areas_in(text: str, camera: str) -> tuple[Areas, Areas]:
    """Zones and lines as they are written, nothing filled in. Raises ConfigError."""
    written = _camera(_read(text), camera)
    return _mapping(written.get("zones")), _mapping(written.get("lines"))


def with_camera(text: str, name: str, camera: Mapping[str, Any]) -> str:
    """`text` with one more camera, behind the others. Raises ConfigError where that name cannot be had."""
    root = _read(text)
    now = root.plain()
    if not is_name(name):
        raise ConfigError([Problem(_TEXT, None, "cameras", f'the name "{name}"', "letters, digits, _ and -")])
    if name in _cameras(now):
        there = root.get("cameras").get(name)
        raise _refusal(there, got="a camera that is there already", wanted="another name for the new one")
    wanted = {**now, "cameras": {**_cameras(now), name: _plain(camera)}}
    return _checked(text, root, wanted, name)


def areas_snippet(camera: str, zones: Areas, lines: Areas) -> str:
    """What `with_areas` would write, to be copied by hand."""
    return snippet({"cameras": {camera: _with({}, {"zones": zones, "lines": lines})}})


def camera_snippet(name: str, camera: Mapping[str, Any]) -> str:
    return snippet({"cameras": {name: _plain(camera)}})


class _AsWritten(Secrets):
    """Leaves references as they are."""

    def filled(self, text: str) -> tuple[str, str]:
        return text, ""

    def entry(self, name: str) -> str:
        return SecretRef(f"!secret {name}")


def _read(text: str) -> Node:
    problems = Problems()
    root = parse(text, file=_TEXT, secrets=_AsWritten({}), problems=problems)
    problems.check()
    return root


def _camera(root: Node, name: str) -> Mapping[str, Any]:
    cameras = _cameras(root.plain())
    if not isinstance(cameras.get(name), Mapping):
        got = f'no camera "{name}" in the file'
        raise _refusal(root.get("cameras"), got=got, wanted=one_of(list(cameras), name))
    return _mapping(cameras[name])


def _cameras(tree: Mapping[str, Any]) -> Mapping[str, Any]:
    return _mapping(tree.get("cameras"))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _checked(text: str, root: Node, wanted: Mapping[str, Any], camera: str) -> str:
    """The changed text, read again: it says what is wanted, and nothing else in it has changed."""
    place = root.get("cameras").get(camera)
    now = root.plain()
    try:
        made = rewritten(text, now, wanted)
        got = _read(made).plain() if made != text else now
    except Elsewhere as alias:
        got_alias = f"{alias} of an alias (*…), which is written in another place"
        raise _refusal(place, got=got_alias, wanted="it written out for this camera") from None
    except ConfigError:
        raise _refusal(
            place, got="a part that others refer to (&…)", wanted="it written out where it is used"
        ) from None
    if got == wanted:
        return made
    others = [name for name, other in _cameras(got).items() if other != _cameras(wanted).get(name) and name != camera]
    if others:
        shared = f"a change that {', '.join(others)} would take over by an anchor or a merge (&…, *…, <<)"
        raise _refusal(place, got=shared, wanted="zones and lines that are written for this camera alone")
    merged = "a part that comes from elsewhere in the file (&…, *…, <<) and cannot be changed here"
    raise _refusal(place, got=merged, wanted="zones and lines that are written for this camera alone")


def _refusal(place: Node, *, got: str, wanted: str) -> ConfigError:
    return ConfigError([Problem(_TEXT, place.line, place.key, got, wanted)])


def _with(camera: Mapping[str, Any], areas: Mapping[str, Areas]) -> dict[str, Any]:
    """A camera with its areas in place of those it had; without the key where there are none."""
    changed = dict(camera)
    for key, given in areas.items():
        before = _mapping(camera.get(key))
        after = {name: _area(_AREAS[key], before.get(name), area) for name, area in given.items()}
        if after:
            changed[key] = after
        elif before:
            del changed[key]
    return changed


def _area(model: type[BaseModel], before: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    written, area = _mapping(before), {}
    for key, value in given.items():
        if key in written and _same(written[key], value):
            area[key] = written[key]
        elif key in written or (value is not None and _plain(value) != _default(model, key)):
            area[key] = _rounded(_plain(value))
    return area


def _default(model: type[BaseModel], key: str) -> Any:
    """As plain values; None where there is none, which no value is."""
    field = next((field for name, field in model.model_fields.items() if (field.alias or name) == key), None)
    if field is None or field.is_required():
        return None
    return _plain(field.get_default(call_default_factory=True))


def _same(written: Any, given: Any) -> bool:
    """Whether they mean the same: Frigate's `0.1,0.5,0.6,0.5,…` is a list of points, too."""
    if isinstance(written, str) and isinstance(given, list | tuple):
        numbers = [number for point in given for number in (point if isinstance(point, list | tuple) else [])]
        return _numbers(written) == numbers
    return bool(written in (given, _plain(given)))


def _numbers(text: str) -> list[float] | None:
    try:
        return [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        return None


def _plain(value: Any) -> Any:
    """Maps, lists and scalars; in a text from somebody else `${` is no reference."""
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, str) and not isinstance(value, SecretRef):
        return value.replace("${", "$${")
    return value


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    return round(value, _DIGITS) if isinstance(value, float) else value
