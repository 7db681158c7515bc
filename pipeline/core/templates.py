"""Jinja templates in a configuration: checked when it is read, filled in when something is told.

Nothing of a template runs while it is checked.
"""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes, pass_context
from jinja2.meta import find_undeclared_variables
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pipeline.core.errors import FramewatchError

_OF_OTHER_FILES = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)


class TemplateFailed(FramewatchError, ValueError):
    """A template that came to nothing with the values of the moment."""


@pass_context
def _shown(_context: Context, value: Any) -> Any:
    """What is not known is left out; asking for the context keeps Jinja from running anything beforehand."""
    return "" if value is None else value


_ENVIRONMENT = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined, finalize=_shown, optimized=False, keep_trailing_newline=False, autoescape=False
)


def check_template(source: str, names: Collection[str], fields: Mapping[str, Collection[str]]) -> None:
    """Raises ValueError, with what was wanted, for one that cannot work.

    `names` are the variables that there are; `fields` those parts of them that are known beforehand.
    """
    try:
        tree = _ENVIRONMENT.parse(source)
        unknown = find_undeclared_variables(tree) - set(names)
        _ENVIRONMENT.compile(source)  # filters and tests that do not exist show here
    except TemplateSyntaxError as error:
        raise ValueError(f"a Jinja template{_line(source, error.lineno)}: {error.message}") from None
    for node in tree.find_all(nodes.Name):
        if node.name in unknown:
            raise ValueError(f"{_in_place_of(node.name, source, node.lineno)} {_one_of(names, node.name)}")
    parts: list[nodes.Getattr | nodes.Getitem] = [*tree.find_all(nodes.Getattr), *tree.find_all(nodes.Getitem)]
    for part in parts:
        _check_part(source, part, fields)
    if other := next(iter(tree.find_all(_OF_OTHER_FILES)), None):
        raise ValueError(f"a template that stands alone{_line(source, other.lineno)}")


def fill_in(source: str, values: Mapping[str, Any]) -> str:
    """The template with its values; raises TemplateFailed."""
    try:
        return _compiled(source).render(values)
    except Exception as error:  # a template may do whatever an expression can do wrong
        raise TemplateFailed(f"the template failed: {type(error).__name__}: {error}") from error


@lru_cache(maxsize=256)
def _compiled(source: str) -> Template:
    return _ENVIRONMENT.from_string(source)


def _check_part(source: str, part: nodes.Getattr | nodes.Getitem, fields: Mapping[str, Collection[str]]) -> None:
    """`event.camera` and `event["camera"]`, where `event` has such parts only."""
    whole = part.node
    if not (isinstance(whole, nodes.Name) and whole.name in fields):
        return
    step = part.attr if isinstance(part, nodes.Getattr) else _constant(part)
    known = fields[whole.name]
    if step is not None and step not in known:
        wrong = _in_place_of(f"{whole.name}.{step}", source, part.lineno)
        near = get_close_matches(step, known, n=1)  # there are many, and each of them is in the docs of events
        raise ValueError(f"{wrong} {whole.name}.{near[0]}" if near else f"{wrong} one of {', '.join(sorted(known))}")


def _constant(part: nodes.Getitem) -> str | None:
    return str(part.arg.value) if isinstance(part.arg, nodes.Const) else None


def _in_place_of(wrong: str, source: str, line: int) -> str:
    return f'in place of "{wrong}"{_line(source, line)}'


def _line(source: str, line: int) -> str:
    return f" (line {line} of it)" if "\n" in source.strip() else ""


def _one_of(names: Collection[str], got: str) -> str:
    near = get_close_matches(got, names, n=1)
    meant = f'; did you mean "{near[0]}"?' if near else ""
    return f"one of {', '.join(sorted(names))}{meant}"
