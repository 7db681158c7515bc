"""The wheel is whole: built, installed beside nothing of the checkout, imported and asked."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A throwaway environment with the wheel in it, which sees the packages of the one that runs the tests."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT))
    (wheel,) = folder.glob("framewatch-*.whl")
    _run(sys.executable, "-m", "venv", "--without-pip", str(folder / "venv"))
    (packages,) = (folder / "venv").glob("lib/python*/site-packages")
    (packages / "seen.pth").write_text(sysconfig.get_path("purelib"))
    python = str(folder / "venv/bin/python")
    _run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", str(wheel))
    return folder / "venv"


def test_the_command_tells_its_version(environment: Path, tmp_path: Path) -> None:
    assert _run(str(environment / "bin/framewatch"), "--version", cwd=tmp_path).startswith("framewatch 0.")


def test_the_module_comes_from_the_wheel(environment: Path, tmp_path: Path) -> None:
    code = "import framewatch, sys; print(framewatch.__file__)"
    assert str(environment) in _run(str(environment / "bin/python"), "-c", code, cwd=tmp_path)


def test_dashboard_and_configs_travel_along(environment: Path, tmp_path: Path) -> None:
    code = (
        "from importlib.resources import files; from pipeline.config import demo; "
        "print(len(demo().cameras), (files('sinks.web') / 'static' / 'index.html').is_file())"
    )
    assert _run(str(environment / "bin/python"), "-c", code, cwd=tmp_path).split() == ["1", "True"]


def test_a_store_can_be_made(environment: Path, tmp_path: Path) -> None:
    code = "from pipeline.store.store import EventStore; store = EventStore('sqlite:///events.db'); store.start(); "
    code += "print(store.status().events); store.close()"
    assert _run(str(environment / "bin/python"), "-c", code, cwd=tmp_path).split() == ["0"]


def _run(*command: str, cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    return done.stdout
