"""`framewatch import frigate` as a process."""

import stat
from pathlib import Path

import pytest

from pipeline.config import load
from tests.cli.test_cli import framewatch
from tests.docs import blocks
from tests.system.framewatch import ROOT

FRIGATE = """
mqtt: {host: 10.0.0.2, user: fw, password: mqtt-secret}
cameras:
  front:
    ffmpeg: {inputs: [{path: "rtsp://u:hush@10.0.0.5/main", roles: [detect]}]}
"""
LISTED = (
    "frigate.yml:2: mqtt: changed: it is a sink; what is told, and where: docs/mqtt.md. "
    "While Frigate runs beside it, one of them needs another topic_prefix\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "frigate.yml").write_text(FRIGATE)
    return tmp_path


def test_it_is_printed_and_the_list_is_not_among_it(folder: Path) -> None:
    done = framewatch("import", "frigate", "frigate.yml", folder=folder)
    assert (done.returncode, done.stderr) == (0, LISTED)
    (folder / "made.yaml").write_text(done.stdout)
    assert list(load(folder / "made.yaml").cameras) == ["front"]


def test_it_is_written_and_then_validates(folder: Path) -> None:
    done = framewatch("import", "frigate", "frigate.yml", "--output", "made.yaml", folder=folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "made.yaml: written, 1 camera\n", LISTED)
    assert framewatch("validate", "made.yaml", folder=folder).returncode == 0
    assert stat.S_IMODE((folder / "made.yaml").stat().st_mode) == 0o600


def test_what_is_there_is_not_written_over_unless_forced(folder: Path) -> None:
    (folder / "made.yaml").write_text("precious")
    arguments = ("import", "frigate", "frigate.yml", "--output", "made.yaml")
    done = framewatch(*arguments, folder=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "made.yaml: got a file that is there already, wanted another file, or --force\n"
    assert (folder / "made.yaml").read_text() == "precious"
    assert framewatch(*arguments, "--force", folder=folder).returncode == 0
    assert "hush" in (folder / "made.yaml").read_text()


def test_frigates_own_file_is_never_written_over(folder: Path) -> None:
    done = framewatch("import", "frigate", "frigate.yml", "--output", "./frigate.yml", "--force", folder=folder)
    assert (done.returncode, done.stderr) == (2, "frigate.yml: got the file that is read, wanted another file\n")
    assert (folder / "frigate.yml").read_text() == FRIGATE


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(None, "frigate.yml: got a file that cannot be read (no such file or directory)", id="no file"),
        pytest.param("cameras: [", "frigate.yml:1: got no YAML", id="no YAML"),
        pytest.param("cameras: {a: {enabled: perhaps}}", 'frigate.yml:1: cameras.a.enabled: got "perhaps"', id="value"),
    ],
)
def test_bad_files_end_with_2(text: str | None, message: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "frigate.yml").write_text(text)
    done = framewatch("import", "frigate", "frigate.yml", "--output", "made.yaml", folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "made.yaml").exists()


def test_the_page_shows_what_becomes_of_its_example(tmp_path: Path) -> None:
    page = ROOT / "docs" / "frigate.md"
    (tmp_path / "config.yml").write_text(blocks(page, "text")[-1].text)
    command = blocks(page, "sh")[0].text.split()[1:]
    assert framewatch(*command, folder=tmp_path).returncode == 0
    made = (tmp_path / "framewatch.yaml").read_text()
    assert made.endswith(f"\n\n{blocks(page, 'yaml')[0].text}")
