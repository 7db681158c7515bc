"""Labels that are named where only what is tracked ever comes."""

from collections.abc import Mapping

from pipeline.config.node import Node
from pipeline.config.problems import Problems
from pipeline.config.wording import one_of
from pipeline.core.camera import Objects

Tracked = Mapping[str, str]
"""Labels that are tracked, and each as it may be shown: one from the environment is a secret."""


def tracked(track: Node, objects: Objects) -> Tracked:
    """Those of one camera; `track` is `objects.track` as it is written."""
    hidden = {label.value for label in track.items if label.hidden}
    return {label: "…" if label in hidden else label for label in objects.track}


def check_labels(labels: Node, known: Tracked, problems: Problems) -> None:
    """The keys of a map by label: what is said of one that is never tracked would never be minded."""
    for label, entry in labels.names.items():
        if label not in known:
            wanted = one_of(dict.fromkeys(known.values()), label)
            problems.add(entry, got=f'"{label}", which is never tracked', wanted=f"a label in objects.track: {wanted}")
