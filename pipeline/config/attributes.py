"""Attributes that zones, lines and alerts name: some stage must find them out."""

from collections.abc import Iterable

from pipeline import registry
from pipeline.config.config import StageConfig
from pipeline.config.node import Node
from pipeline.config.problems import Problems
from pipeline.config.wording import one_of


def check_attributes(node: Node, stages: Iterable[StageConfig], problems: Problems) -> None:
    """What no stage finds out is never known; what stages that are not ours find out, nobody knows."""
    listed = list(stages)
    if any(stage.type not in registry.BUILT_IN["stages"] for stage in listed):
        return
    found = [str(stage.options.get("attribute") or stage.name) for stage in listed if stage.type == "classify"]
    for name, item in node.names.items():
        if name.removesuffix("_score") not in found:
            problems.add(item, got="what no stage finds out", wanted=one_of(dict.fromkeys(found), name))
