from pathlib import Path

import pytest

from pipeline.models.cache import cache_dir, sha256_of, workspace


def test_the_environment_says_where(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FRAMEWATCH_CACHE", str(tmp_path / "there"))
    assert cache_dir() == tmp_path / "there"


def test_home_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FRAMEWATCH_CACHE", raising=False)
    assert cache_dir() == Path.home() / ".cache" / "framewatch"


def test_a_workspace_leaves_only_what_was_renamed_out_of_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError), workspace(tmp_path / "weights") as folder:
        (folder / "done").write_text("whole")
        (folder / "done").rename(tmp_path / "weights" / "done")
        (folder / "half").write_text("ha")
        raise ValueError
    assert [path.name for path in (tmp_path / "weights").iterdir()] == ["done"]


def test_the_checksum_is_that_of_the_content(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert sha256_of(tmp_path / "empty").startswith("e3b0c44298fc1c14")
