"""Frigate's file → the text of a configuration that loads, and what the person must know of it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.config.config import Config
from pipeline.config.frigate import rest
from pipeline.config.frigate.addresses import variables
from pipeline.config.frigate.camera import Cameras
from pipeline.config.frigate.differences import defaults, differing, over
from pipeline.config.frigate.mqtt import mqtt
from pipeline.config.frigate.names import Names
from pipeline.config.frigate.reading import a_map, read_frigate
from pipeline.config.frigate.report import Note, Report
from pipeline.config.frigate.restreams import Restreams
from pipeline.config.frigate.writing import written
from pipeline.config.node import Node
from pipeline.config.parse import parse
from pipeline.config.plugins import Plugins
from pipeline.config.problems import Problems
from pipeline.config.resolve import resolve
from pipeline.config.secrets import Secrets
from pipeline.core.errors import ConfigError, FramewatchError


class ImportFault(FramewatchError, RuntimeError):
    """What was made of a file does not load: ours to mend, so nothing is written."""


@dataclass(frozen=True, slots=True)
class Converted:
    """`text` may hold credentials; `notes` never do."""

    text: str = field(repr=False)
    notes: tuple[Note, ...]
    cameras: int


def convert(path: Path) -> Converted:
    """Raises ConfigError with everything that is wrong with Frigate's file."""
    problems, report = Problems(), Report()
    root = a_map(read_frigate(path, problems), problems)
    content = _content(root, problems, report)
    problems.check()
    text = written(content, report.comments, source=path.name)
    return Converted(text, report.notes, len(_checked(text, path).cameras))


def _content(root: Node, problems: Problems, report: Report) -> dict[str, Any]:
    restreams = Restreams(root, problems, report)
    nodes = root.get("cameras")
    if nodes.value in (None, {}):
        problems.add(nodes, got="no camera", wanted="at least one")
    a_map(nodes, problems)
    reader, names = Cameras(root, restreams, problems, report), Names(report)
    called = {old: names.of(old, node) for old, node in nodes.names.items()}
    read = {old: reader.read(old, called[old], a_map(node, problems)) for old, node in nodes.names.items()}
    if nodes.names and not any(read.values()):
        problems.check()
        problems.add(nodes, got="no camera with an input that Framewatch can open", wanted="at least one")
    shared = differing(reader.shared(), defaults())
    base = over(shared, defaults())
    cameras = {
        called[old]: {**settings.own, **differing(settings.sections, base)}
        for old, settings in read.items()
        if settings is not None
    }
    restreams.tell()
    rest.tell(root, report)
    return {
        **rest.logging(root, problems, report),
        **shared,
        "cameras": cameras,
        **rest.groups(root, {old: called[old] for old in read if read[old]}, problems, report),
        **mqtt(root, problems, report),
    }


def _checked(text: str, path: Path) -> Config:
    """Through our own loader, with a value for every variable; those are set where it runs."""
    problems = Problems()
    try:
        secrets = Secrets(dict.fromkeys(variables(text), "1"))
        root = parse(text, file="framewatch.yaml", secrets=secrets, problems=problems)
        return resolve(root, Plugins(Path.cwd(), problems, import_files=False), problems)
    except ConfigError as error:
        raise ImportFault(f"{path}: what the import made of it does not load, so nothing is written: {error}") from None
