"""Types of events that alerts name: something must tell them."""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline import registry
from pipeline.config.config import StageConfig
from pipeline.config.names import one_or_many
from pipeline.config.node import Node
from pipeline.config.problems import Problems
from pipeline.config.wording import one_of, shown
from pipeline.core.sentence import SENTENCES

_TYPES = [name for name in SENTENCES if name != "test"]
_SWITCHED_ON = {"tamper": ("enabled", "true"), "no_motion": ("seconds", "600")}
"""What is told only where an option of the `rules` stage says so, and what it could say."""


def check_events(node: Node, stages: Sequence[StageConfig], where: str, problems: Problems) -> None:
    """`where` names the cameras that the stages are of. What stages and rules that are not ours tell, nobody knows."""
    rules = [stage.options for stage in stages if stage.type == "rules"]
    if any(stage.type not in registry.BUILT_IN["stages"] for stage in stages) or any(map(_has_others, rules)):
        return
    for item, name in one_or_many(node):
        if name not in _TYPES:
            problems.add(item, got=shown(item), wanted=one_of(_TYPES, name))
        elif name in _SWITCHED_ON:
            option, value = _SWITCHED_ON[name]
            if not any((options.get(name) or {}).get(option) for options in rules):
                got = f"{shown(item)}, which nothing of {where} looks for"
                problems.add(item, got=got, wanted=f"rules: {{{name}: {{{option}: {value}}}}} there")


def _has_others(rules: Mapping[str, Any]) -> bool:
    return bool(rules.get("extra"))
