"""From a type to its class: built-ins, entry points, files."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import registry
from pipeline.core.errors import PluginError

PLUGIN = """
from pipeline.core.options import Options as Base

class Blur:
    class Options(Base):
        strength: int = 3

    def process(self, ctx: object) -> None: ...
    def update(self, objects: object, now: float) -> tuple[()]: ...

class Idle:
    class Options(Base): ...

class Bare:
    pass

not_a_class = 1
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "blur.py").write_text(PLUGIN)
    return tmp_path


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of installed distributions, seen by nobody else."""
    monkeypatch.syspath_prepend(tmp_path)
    registry._targets.cache_clear()
    yield tmp_path
    registry._targets.cache_clear()


def distribution(folder: Path, name: str, entry_points: str) -> None:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(entry_points)


@pytest.mark.parametrize(
    ("path", "type"),
    [
        ("rtsp://10.0.0.5/main", "rtsp"),
        ("rtsps://10.0.0.5/main", "rtsp"),
        ("RTSP://10.0.0.5/main", "rtsp"),
        ("http://10.0.0.5/mjpeg", "http"),
        ("https://10.0.0.5/film.mp4", "http"),
        ("demo", "demo"),
        ("demo:", "demo"),
        ("demo:street", "demo"),
        ("0", "webcam"),
        ("/dev/video2", "webcam"),
        ("film.mp4", "file"),
        ("/films/demo.mp4", "file"),
        ("C:/films/1.mp4", "file"),
        ("file:///films/1.mp4", "file"),
        ("demonstration.mp4", "file"),
    ],
)
def test_the_type_of_a_source_follows_from_its_path(path: str, type: str) -> None:
    assert registry.source_type(path) == type


def test_every_kind_has_its_built_ins() -> None:
    assert set(registry.names("sources")) >= {"rtsp", "http", "file", "webcam", "demo"}
    assert set(registry.names("rules")) >= {"zone_enter", "zone_leave", "loitering", "line_cross"}


def test_an_unknown_type_lists_the_choices() -> None:
    with pytest.raises(PluginError) as caught:
        registry.load("sinks", "webhok")
    assert str(caught.value) == (
        'no type "webhok" in sinks; '
        'there are apprise, email, jsonl, mqtt, rtsp, script, webhook (did you mean "webhook"?)'
    )


def test_an_unknown_kind_lists_the_kinds() -> None:
    with pytest.raises(PluginError, match="no kind of plugin is called 'sink'; there are sources, stages"):
        registry.names("sink")


def test_a_class_in_a_file_is_found_from_the_folder_of_the_configuration(folder: Path) -> None:
    plugin = registry.load("stages", "./blur.py:Blur", base=folder)
    assert plugin.Options().strength == 3


def test_a_class_in_a_file_is_found_from_the_working_directory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert registry.load("stages", "blur.py:Blur", base=Path("/")).__name__ == "Blur"


def test_a_file_is_imported_once(folder: Path) -> None:
    assert registry.load("stages", "blur.py:Blur", base=folder) is registry.load("rules", "./blur.py:Blur", base=folder)


def test_an_absolute_type_needs_no_folder(folder: Path) -> None:
    type = registry.absolute("./blur.py:Blur", base=folder)
    assert type == f"{folder.resolve()}/blur.py:Blur"
    assert registry.load("stages", type).__name__ == "Blur"
    assert registry.absolute("detect", base=folder) == "detect"


@pytest.mark.parametrize(
    ("type", "message"),
    [
        ("./none.py:Blur", "no file none.py in "),
        ("./blur.py:Bluur", "has no class Bluur"),
        ("./blur.py:not_a_class", "has no class not_a_class"),
        ("./blur.py:Bare", "the class Bare has no `Options`"),
        ("./broken.py:Blur", "broken.py cannot be imported: ZeroDivisionError: "),
        ("./syntax.py:Blur", "syntax.py cannot be imported: SyntaxError: "),
        ("./leaves.py:Blur", "leaves.py cannot be imported: SystemExit: 3"),
        ("./blur.py:Idle", "./blur.py:Idle: the class Idle has no process, as stages must have"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(folder: Path, type: str, message: str) -> None:
    (folder / "broken.py").write_text("1 / 0")
    (folder / "syntax.py").write_text("def")
    (folder / "leaves.py").write_text("raise SystemExit(3)")
    with pytest.raises(PluginError) as caught:
        registry.load("stages", type, base=folder)
    assert message in str(caught.value)


def test_an_installed_plugin_is_one_of_the_types(install: Path) -> None:
    (install / "their_blur.py").write_text(PLUGIN)
    distribution(install, "their-plugins", "[framewatch.stages]\nblur = their_blur:Blur\n")
    assert "blur" in registry.names("stages")
    assert registry.load("stages", "blur").__name__ == "Blur"
    sys.modules.pop("their_blur")


def test_an_installed_plugin_that_cannot_be_imported_says_why(install: Path) -> None:
    distribution(install, "their-plugins", "[framewatch.stages]\nblur = no_such_module:Blur\n")
    with pytest.raises(PluginError, match="blur: no_such_module cannot be imported: No module named"):
        registry.load("stages", "blur")


def test_a_class_must_do_what_its_kind_does(folder: Path) -> None:
    with pytest.raises(PluginError, match="the class Blur has no send and no close, as sinks must have"):
        registry.load("sinks", "./blur.py:Blur", base=folder)


@pytest.mark.parametrize(("text", "said"), [("def", "SyntaxError: "), ("raise SystemExit(3)", "SystemExit: 3")])
def test_an_installed_plugin_that_breaks_says_why(install: Path, text: str, said: str) -> None:
    (install / "their_breakage.py").write_text(text)
    distribution(install, "their-plugins", "[framewatch.stages]\nblur = their_breakage:Blur\n")
    with pytest.raises(PluginError, match=f"blur: their_breakage cannot be imported: {said}"):
        registry.load("stages", "blur")


def test_two_plugins_of_one_name_are_refused(install: Path) -> None:
    distribution(install, "their-plugins", "[framewatch.stages]\ntrack = their_track:Track\n")
    with pytest.raises(
        PluginError, match=r"two stages are called 'track': pipeline.stages.track:Track and their_track:"
    ):
        registry.load("stages", "detect")


def test_an_installed_module_that_raises_on_import(install: Path) -> None:
    distribution(install, "broken", "[framewatch.stages]\nbroken = broken_stage:Broken\n")
    (install / "broken_stage.py").write_text("1 / 0\n")
    with pytest.raises(PluginError, match="broken: broken_stage cannot be imported: ZeroDivisionError"):
        registry.load("stages", "broken")
