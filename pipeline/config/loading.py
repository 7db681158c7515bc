"""The ways to a configuration: a file, a text, one address, the demo."""

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipeline import registry
from pipeline.config.config import Config
from pipeline.config.node import Node, merged
from pipeline.config.parse import parse, read, secrets_beside
from pipeline.config.plugins import Plugins
from pipeline.config.problems import Problems
from pipeline.config.resolve import resolve
from pipeline.core.redact import redact_url

Overrides = Mapping[str, Any]
"""Plain values that win over what is written, such as the command line's: `{"server": {"port": 9000}}`."""


def load(path: Path, *, env: Mapping[str, str] = os.environ, overrides: Overrides | None = None) -> Config:
    """The configuration in a file; raises ConfigError with every problem at once."""
    problems = Problems()
    text = read(path, problems)
    problems.check()
    return _loaded(text, str(path), path.resolve().parent, env, overrides)


def loads(
    text: str,
    *,
    name: str = "<text>",
    base: Path | None = None,
    env: Mapping[str, str] = os.environ,
    overrides: Overrides | None = None,
    import_files: bool = True,
) -> Config:
    """The configuration in a text called `name`.

    `base` is the folder of its secrets and plugins: the working directory where none is given. A text from
    somebody else is read with `import_files=False`: it cannot make `./file.py:Class` run.
    """
    return _loaded(text, name, base or Path.cwd(), env, overrides, import_files)


def single_camera(url: str, *, name: str | None = None, overrides: Overrides | None = None) -> Config:
    """One camera and every default; named after its host or file. The address is taken as it is, `$` and all."""
    problems = Problems()
    camera = {"cameras": {name or camera_name(url): {"inputs": [{"path": url}]}}}
    root = merged(Node.of(camera, file="command line"), Node.of(overrides or {}, file="command line"))
    return resolve(root, Plugins(Path.cwd(), problems), problems)


def demo(*, env: Mapping[str, str] = os.environ, overrides: Overrides | None = None) -> Config:
    """The configuration that is shipped, which needs no camera and no account."""
    return load(shipped("demo.yaml"), env=env, overrides=overrides)


def shipped(name: str) -> Path:
    """A file of `configs/`, which a wheel carries as `pipeline/shipped/`."""
    installed = Path(str(files("pipeline"))) / "shipped" / name
    return installed if installed.exists() else Path(str(files("pipeline"))).parent / "configs" / name


def camera_name(url: str) -> str:
    """`rtsp://user:pw@10.0.0.5/main` → `10-0-0-5`, `films/street.mp4` → `street`."""
    type = registry.source_type(url)
    if type in ("demo", "webcam"):
        return type
    readable = Path(url).stem if type == "file" else _host(url)
    return re.sub(r"[^A-Za-z0-9_-]+", "-", readable).strip("-") or "camera"


def _host(url: str) -> str:
    try:
        return urlsplit(redact_url(url)).hostname or ""
    except ValueError:
        return ""


def _loaded(
    text: str,
    name: str,
    base: Path,
    env: Mapping[str, str],
    overrides: Overrides | None,
    import_files: bool = True,
) -> Config:
    problems = Problems()
    secrets = secrets_beside(base, env, problems)
    written = parse(text, file=name, secrets=secrets, problems=problems)
    root = merged(written, Node.of(overrides, file="command line")) if overrides else written
    return resolve(replace(root, file=name), Plugins(base, problems, import_files=import_files), problems)
