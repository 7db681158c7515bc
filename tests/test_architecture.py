"""Imports go down only, and nothing heavy is loaded before it is needed."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

FLOORS = (
    "framewatch",
    "pipeline.cli",
    "pipeline.app",
    "pipeline.config",
    "pipeline.registry",
    "pipeline.media",
    "pipeline.recording",
    "pipeline.analysis",
    "pipeline.models",
    "pipeline.stages",
    "pipeline.events",
    "pipeline.alerts",
    "pipeline.store",
    "pipeline.core",
)
"""From the top down; a room may import its own and what comes after it."""

PLUGINS = {
    "sources": ("sources", "pipeline.core"),
    "sinks.web": ("sinks.web", "pipeline.core"),
    "sinks.alerts": ("sinks.alerts", "pipeline.core"),
    "sinks.streams": ("sinks.streams", "pipeline.core"),
    "pipeline.stages": ("pipeline.stages", "pipeline.models", "pipeline.core"),
    "pipeline.models": ("pipeline.models", "pipeline.core"),
}
"""Rooms of plugins know each other and the ground; stages know models too."""

HEAVY = ("torch", "cv2", "ultralytics", "aiortc", "openvino")


def modules() -> Iterator[tuple[str, Path]]:
    for path in [
        ROOT / "framewatch.py",
        *(p for top in ("pipeline", "sources", "sinks") for p in (ROOT / top).rglob("*.py")),
    ]:
        if path.exists():
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path


def imported(path: Path) -> Iterator[str]:
    """Every module of ours that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide where they go"
            if node.module in ("pipeline", "sinks"):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            else:
                yield str(node.module)


def is_in(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


def floor(module: str) -> int | None:
    return next((level for level, room in enumerate(FLOORS) if is_in(module, room)), None)


def is_ours(module: str) -> bool:
    return module.split(".")[0] in ("framewatch", "pipeline", "sources", "sinks")


@pytest.mark.parametrize(("module", "path"), [pytest.param(name, path, id=name) for name, path in modules()])
def test_imports_go_down(module: str, path: Path) -> None:
    ours = [name for name in imported(path) if is_ours(name)]
    room = next((room for room in PLUGINS if is_in(module, room)), None)
    if room:
        assert [name for name in ours if not any(is_in(name, known) for known in PLUGINS[room])] == []
    level = floor(module)
    if level is not None and room is None:
        below = [(floor(name), name) for name in ours]
        assert [name for lower, name in below if lower is not None and lower < level] == []


def test_the_ground_imports_nothing_of_ours() -> None:
    for name, path in modules():
        if is_in(name, "pipeline.core"):
            assert [other for other in imported(path) if is_ours(other) and not is_in(other, "pipeline.core")] == [], (
                name
            )


def test_plugins_are_reached_by_name_alone() -> None:
    """Only app.py, which names everything, imports sources and sinks."""
    for name, path in modules():
        if is_in(name, "pipeline") and not any(is_in(name, top) for top in ("pipeline.app", "pipeline.cli")):
            found = [other for other in imported(path) if other.split(".")[0] in ("sources", "sinks")]
            assert found == [], name


def loaded_by(code: str) -> set[str]:
    """The heavy modules that a fresh interpreter has loaded after running `code`."""
    script = f"{code}\nimport sys\nprint(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["pipeline", "pipeline.config", "pipeline.registry", "pipeline.core.contracts"])
def test_importing_loads_nothing_heavy(module: str) -> None:
    assert loaded_by(f"import {module}") == set()


def test_reading_a_configuration_loads_nothing_heavy() -> None:
    """The media plane reads the options of stages and models, and never imports torch."""
    assert loaded_by("from pipeline.config import demo, schema\ndemo(env={})\nschema()") == set()
