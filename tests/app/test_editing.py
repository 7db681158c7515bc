"""What the page changes is written, and taken over."""

import stat
from collections.abc import Sequence
from pathlib import Path

import pytest

from pipeline.app.editing import ConfigEditor
from pipeline.app.written import WrittenConfig
from pipeline.config import Config, load
from pipeline.core.errors import ConfigError

TEXT = "cameras:\n  street: {inputs: [{path: demo}]}\n"
ZONE = {"coordinates": [[0.1, 0.1], [0.5, 0.1], [0.5, 0.5]]}
OPEN = {"inputs": [{"path": "rtsp://10.0.0.9/main"}]}
LOCKED = {
    "friendly_name": "The yard",
    "inputs": [
        {"path": "rtsp://admin:open%20sesame@10.0.0.9/main?a=1", "roles": ["record", "live"]},
        {"path": "rtsp://admin:open%20sesame@10.0.0.9/sub", "roles": ["detect"]},
    ],
}


class Running:
    """What `apply` was given."""

    def __init__(self) -> None:
        self.configs: list[Config] = []
        self.notes: list[tuple[str, list[str]]] = []

    async def apply(self, config: Config) -> None:
        self.configs.append(config)

    async def note(self, action: str, subjects: Sequence[str]) -> None:
        self.notes.append((action, [*subjects]))


@pytest.fixture
def running() -> Running:
    return Running()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "cameras.yaml"
    path.write_text(TEXT)
    return path


@pytest.fixture
def editor(path: Path, running: Running) -> ConfigEditor:
    return ConfigEditor(WrittenConfig(path), running.apply, running.note)


async def test_zones_are_written_and_taken_over(editor: ConfigEditor, running: Running, path: Path) -> None:
    await editor.set_areas("street", {"gate": ZONE}, {})

    assert load(path).cameras["street"].camera.zones.keys() == {"gate"}
    assert running.configs == [load(path)]
    assert running.notes == [("config.areas", ["street"])]
    assert editor.areas("street") == ({"gate": ZONE}, {})


async def test_what_would_not_run_is_not_taken_over(editor: ConfigEditor, running: Running, path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cameras\.street\.zones\.gate\.coordinates"):
        await editor.set_areas("street", {"gate": {"coordinates": [[0, 0]]}}, {})
    assert (running.configs, running.notes, path.read_text()) == ([], [], TEXT)


async def test_a_camera_is_added(editor: ConfigEditor, running: Running, path: Path) -> None:
    await editor.add_camera("yard", OPEN)

    assert running.configs[0].cameras.keys() == {"street", "yard"}
    assert running.notes == [("config.camera_added", ["yard"])]
    assert path.read_text() == TEXT + '  yard:\n    inputs:\n      - {path: "rtsp://10.0.0.9/main"}\n'
    assert not (path.parent / "secrets.yaml").exists()


async def test_a_password_goes_where_secrets_are(editor: ConfigEditor, running: Running, path: Path) -> None:
    secrets = path.parent / "secrets.yaml"
    secrets.write_text("# mine\nyard: something else\n")
    secrets.chmod(0o600)

    await editor.add_camera("yard", LOCKED)

    assert "sesame" not in path.read_text()
    assert "{path: !secret yard_2, roles: [record, live]}" in path.read_text()
    assert secrets.read_text().startswith("# mine\nyard: something else\n")
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    options = [
        each.options.model_dump()["path"].get_secret_value() for each in running.configs[0].cameras["yard"].inputs
    ]
    assert options == [each["path"] for each in LOCKED["inputs"]]  # type: ignore[index]


async def test_the_first_secret(editor: ConfigEditor, path: Path) -> None:
    await editor.add_camera("yard", LOCKED)
    secrets = path.parent / "secrets.yaml"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    assert load(path).cameras["yard"].inputs[0].url == "rtsp://10.0.0.9/main"


@pytest.mark.parametrize("before", [None, "other: text\r\n"])
async def test_a_camera_that_is_refused_leaves_no_secret(editor: ConfigEditor, path: Path, before: str | None) -> None:
    secrets = path.parent / "secrets.yaml"
    if before is not None:
        secrets.write_bytes(before.encode())

    with pytest.raises(ConfigError, match="there already"):
        await editor.add_camera("street", LOCKED)

    assert path.read_text() == TEXT
    assert (secrets.read_bytes().decode() if secrets.exists() else None) == before


def test_lines_to_copy_hold_no_password(editor: ConfigEditor) -> None:
    text = editor.camera_snippet("yard", LOCKED)

    assert "sesame" not in text and "admin" not in text
    assert "      - {path: !secret yard, roles: [record, live]}\n" in text
    assert '# yard: "rtsp://USER:PASSWORD@10.0.0.9/main?a=1"\n' in text
    assert editor.camera_snippet("yard", OPEN).count("\n") == 4


async def test_without_a_file_nothing_is_saved(running: Running) -> None:
    editor = ConfigEditor(None, running.apply, running.note)
    assert editor.not_writable == "Framewatch was started without a configuration file"
    with pytest.raises(ConfigError, match="no file to write to"):
        await editor.add_camera("yard", OPEN)
    assert running.configs == []
    assert editor.areas("street") == ({}, {})
