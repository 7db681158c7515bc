from pathlib import Path

import pytest

from pipeline.core.ids import new_id
from pipeline.store.media import MediaError, MediaFolder


def test_a_snapshot_lies_below_its_day_and_camera(tmp_path: Path) -> None:
    media = MediaFolder(tmp_path)
    event_id = new_id(1_764_000_000.0)  # 2025-11-24 16:00 UTC
    path = media.write_snapshot(event_id, "front door", b"jpeg")
    assert path == tmp_path / "snapshots" / "2025-11-24" / "front_door" / f"{event_id}.jpg"
    assert path.read_bytes() == b"jpeg"
    assert media.snapshot(event_id) == path


def test_a_better_one_replaces_it_and_nothing_else_stays(tmp_path: Path) -> None:
    media = MediaFolder(tmp_path)
    path = media.write_snapshot("walker", "lobby", b"first")
    media.write_snapshot("walker", "lobby", b"second")
    assert path.read_bytes() == b"second"
    assert [*path.parent.iterdir()] == [path]


def test_an_unknown_event_has_none(tmp_path: Path) -> None:
    assert MediaFolder(tmp_path).snapshot(new_id(1.0)) is None


@pytest.mark.parametrize("event_id", ["", "..", "../secret", "a/b", "/etc/passwd", "*", "a" * 200, "a\n", ".hidden"])
def test_what_is_no_id_reaches_no_file(tmp_path: Path, event_id: str) -> None:
    (tmp_path / "secret.jpg").write_bytes(b"")
    media = MediaFolder(tmp_path / "media")
    assert media.snapshot(event_id) is None
    with pytest.raises(MediaError, match="wanted letters, digits"):
        media.write_snapshot(event_id, "lobby", b"jpeg")


@pytest.mark.parametrize("camera", ["..", "../../up", "a/b", "", "/"])
def test_no_camera_name_leaves_the_folder(tmp_path: Path, camera: str) -> None:
    path = MediaFolder(tmp_path / "media").write_snapshot("walker", camera, b"jpeg")
    assert path.resolve().is_relative_to(tmp_path / "media" / "snapshots" / "undated")
    assert len(path.relative_to(tmp_path / "media" / "snapshots").parts) == 3


@pytest.mark.parametrize("event_id", ["fffffffffff-1", "not-a-time", "0193"])
def test_an_id_without_a_day_is_kept_all_the_same(tmp_path: Path, event_id: str) -> None:
    media = MediaFolder(tmp_path)
    assert media.write_snapshot(event_id, "lobby", b"jpeg") == media.snapshot(event_id)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "snapshots").write_text("a file where the folder should be")
    with pytest.raises(MediaError, match="Not a directory"):
        MediaFolder(tmp_path).write_snapshot("walker", "lobby", b"jpeg")


def test_prepare_makes_the_folder_and_leaves_nothing_in_it(tmp_path: Path) -> None:
    MediaFolder(tmp_path / "data" / "media").prepare()
    assert [*(tmp_path / "data" / "media").iterdir()] == []


def test_prepare_says_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(MediaError, match=r"data/media: Not a directory, wanted a folder to write into"):
        MediaFolder(tmp_path / "data" / "media").prepare()


def test_a_removed_one_is_gone_wherever_it_lay(tmp_path: Path) -> None:
    media = MediaFolder(tmp_path)
    event_id = new_id(1_764_000_000.0)
    media.write_snapshot(event_id, "lobby", b"jpeg")
    media.write_snapshot(event_id, "lobby renamed", b"jpeg")
    other = media.write_snapshot(new_id(1_764_000_000.0), "lobby", b"jpeg")
    media.remove_snapshot(event_id)
    media.remove_snapshot(event_id)
    assert media.snapshot(event_id) is None
    assert [*tmp_path.rglob("*.jpg")] == [other]


@pytest.mark.parametrize("event_id", ["", "..", "../secret", "*", "a/b"])
def test_what_is_no_id_removes_no_file(tmp_path: Path, event_id: str) -> None:
    media = MediaFolder(tmp_path)
    kept = media.write_snapshot("walker", "lobby", b"jpeg")
    media.remove_snapshot(event_id)
    assert kept.exists()
