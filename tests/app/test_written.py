"""A user's file is changed as a whole, or not at all."""

import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.app.replacing import COPIES, replace_file
from pipeline.app.written import WrittenConfig
from pipeline.core.clock import ManualClock
from pipeline.core.errors import ConfigError

TEXT = """\
# mine
server: {port: 8080}
cameras:
  street: {inputs: [{path: demo}]}
"""
LOUD = "logging: {level: debug}\n"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def file(tmp_path: Path, clock: ManualClock) -> WrittenConfig:
    path = tmp_path / "cameras.yaml"
    path.write_text(TEXT)
    return WrittenConfig(path, {"server": {"port": 9000}}, clock=clock)


def louder(text: str) -> str:
    return text + LOUD


def copies(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.bak"))


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_new_text_is_there_and_the_old_one_beside_it(file: WrittenConfig) -> None:
    config = file.change(louder)

    assert (config.logging.level, config.server.port) == ("debug", 9000), "as a start would read it"
    assert config.base == file.path.parent
    assert file.path.read_text() == TEXT + LOUD
    (copy,) = copies(file.path.parent)
    assert copy.name.startswith("cameras.yaml.2023-11-") and copy.read_text() == TEXT
    assert len(left(file.path.parent)) == 2


def test_a_change_of_nothing_writes_nothing(file: WrittenConfig) -> None:
    before = file.path.stat()
    assert file.change(lambda text: text).cameras.keys() == {"street"}
    assert file.path.stat() == before
    assert copies(file.path.parent) == []


def test_what_would_not_run_is_not_written(file: WrittenConfig) -> None:
    with pytest.raises(ConfigError) as refused:
        file.change(lambda text: text + "detekt: {}\nlogging: {level: loud}\n")

    assert [problem.key for problem in refused.value.problems] == ["detekt", "logging.level"]
    assert {problem.file for problem in refused.value.problems} == {str(file.path)}
    assert left(file.path.parent) == ["cameras.yaml"]
    assert file.path.read_text() == TEXT


def test_what_changed_meanwhile_is_what_is_edited(file: WrittenConfig) -> None:
    file.path.write_text(TEXT.replace("# mine", "# mine, changed by hand"))
    file.change(louder)
    assert file.path.read_text().startswith("# mine, changed by hand")


def test_secrets_and_plugins_are_those_beside_the_file(file: WrittenConfig) -> None:
    (file.path.parent / "secrets.yaml").write_text("address: demo\n")
    config = file.change(lambda text: text.replace("{path: demo}", "{path: !secret address}"))
    assert config.cameras["street"].inputs[0].type == "demo"


def test_the_first_and_the_latest_copies_are_kept(file: WrittenConfig, clock: ManualClock) -> None:
    other = file.path.parent / "cameras.yaml.bak"
    other.write_text("somebody's own")
    for number in range(COPIES + 5):
        clock.advance(60)
        file.change(lambda text, number=number: f"{text}# {number}\n")  # type: ignore[misc]

    first, *latest = [copy for copy in copies(file.path.parent) if copy != other]
    assert first.read_text() == TEXT
    assert len(latest) == COPIES
    assert latest[-1].read_text().endswith(f"# {COPIES + 3}\n")
    assert other.read_text() == "somebody's own"


def test_two_changes_within_a_second_keep_the_older_text(file: WrittenConfig) -> None:
    file.change(lambda text: f"{text}# one\n")
    file.change(lambda text: f"{text}# two\n")
    (copy,) = copies(file.path.parent)
    assert copy.read_text() == TEXT


def test_mode_and_owner_stay(file: WrittenConfig) -> None:
    file.path.chmod(0o640)
    before = file.path.stat()
    file.change(louder)
    for path in (file.path, *copies(file.path.parent)):
        after = path.stat()
        assert (stat.S_IMODE(after.st_mode), after.st_uid, after.st_gid) == (0o640, before.st_uid, before.st_gid)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_somebody_elses_file_stays_theirs(file: WrittenConfig) -> None:
    os.chown(file.path, 1234, 4321)
    file.change(louder)
    assert [(path.stat().st_uid, path.stat().st_gid) for path in (file.path, *copies(file.path.parent))] == [
        (1234, 4321)
    ] * 2


def test_a_link_stays_a_link(file: WrittenConfig, tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    shutil.move(file.path, real / "house.yaml")
    file.path.symlink_to(real / "house.yaml")

    file.change(louder)

    assert file.path.is_symlink()
    assert (real / "house.yaml").read_text() == TEXT + LOUD
    assert [copy.name.split(".2")[0] for copy in copies(real)] == ["house.yaml"]


@pytest.mark.parametrize(
    "ends", [pytest.param("\r\n", id="lines end as on Windows"), pytest.param("\n", id="a mark before")]
)
def test_bytes_that_no_edit_means_stay(file: WrittenConfig, ends: str) -> None:
    content = b"\xef\xbb\xbf" + TEXT.replace("\n", ends).encode()
    file.path.write_bytes(content)
    file.change(lambda text: text + f"# more{ends}")
    assert file.path.read_bytes() == content + f"# more{ends}".encode()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(lambda path: path.unlink(), "may not be written", id="gone"),
        pytest.param(lambda path: path.write_bytes(b"\xff\xfe"), "not UTF-8", id="no text"),
        pytest.param(lambda path: path.write_text("a: [\n"), "no YAML", id="no YAML"),
        pytest.param(lambda path: path.write_text(""), "at least one", id="empty"),
    ],
)
def test_a_file_that_cannot_be_read(file: WrittenConfig, spoil: Callable[[Path], object], said: str) -> None:
    spoil(file.path)
    with pytest.raises(ConfigError, match=said):
        file.change(louder)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anything")
@pytest.mark.parametrize("which", ["file", "folder"])
def test_what_may_not_be_written_is_said(file: WrittenConfig, which: str) -> None:
    path = file.path if which == "file" else file.path.parent
    path.chmod(0o555)
    try:
        assert "may not be written by the user that Framewatch runs as" in file.not_writable
        with pytest.raises(ConfigError, match="may not be written"):
            file.change(louder)
    finally:
        path.chmod(0o755)
    assert file.not_writable == ""


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_file_that_is_mounted_by_itself(file: WrittenConfig, tmp_path: Path, elsewhere: bool) -> None:
    """As containers do; one of the same disk shows only when it is replaced."""
    folder = Path("/dev/shm") if elsewhere else tmp_path
    real = folder / f"framewatch-{os.getpid()}.yaml"
    shutil.copy(file.path, real)
    try:
        if subprocess.run(["mount", "--bind", real, file.path], capture_output=True).returncode:
            pytest.skip("only root may mount")
        try:
            assert ("mounted by itself" in file.not_writable) is elsewhere
            with pytest.raises(ConfigError, match="mount the folder that it is in"):
                file.change(louder)
            assert copies(file.path.parent) == []
        finally:
            subprocess.run(["umount", file.path], check=True)
    finally:
        real.unlink()


def test_the_demo_is_not_for_writing(file: WrittenConfig) -> None:
    shipped = WrittenConfig(file.path, shipped=True)
    with pytest.raises(ConfigError, match="this is the demo"):
        shipped.change(louder)
    assert file.path.read_text() == TEXT


def test_a_disk_that_fails_leaves_the_file(file: WrittenConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="no space left on device"):
        file.change(louder)
    assert left(file.path.parent) == ["cameras.yaml"]
    assert file.path.read_text() == TEXT


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    replace_file(tmp_path / "secrets.yaml", b"a: b\n")
    assert stat.S_IMODE((tmp_path / "secrets.yaml").stat().st_mode) == 0o600
