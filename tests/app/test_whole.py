"""What a command writes: never over what it reads, never half."""

import os
from pathlib import Path

import pytest

from pipeline.app.whole import OutputError, Whole, check_outputs


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "video.mp4").write_text("precious")
    (tmp_path / "link.mp4").symlink_to("video.mp4")
    (tmp_path / "hard.mp4").hardlink_to("video.mp4")
    (tmp_path / "old.mp4").write_text("old")
    return tmp_path


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        pytest.param(["video.mp4"], "video.mp4: got a file that is read, wanted another one to write", id="input"),
        pytest.param(["../{}/video.mp4"], "a file that is read", id="input by another way"),
        pytest.param(["link.mp4"], "a file that is read", id="link to the input"),
        pytest.param(["hard.mp4"], "a file that is read", id="second name of the input"),
        pytest.param(["."], ".: got a folder, wanted a file to write", id="folder"),
        pytest.param(["new.mp4", "./new.mp4"], "new.mp4: got the same file twice, wanted one for each", id="twice"),
    ],
)
def test_where_nothing_may_be_written(outputs: list[str], said: str, folder: Path) -> None:
    with pytest.raises(OutputError) as caught:
        check_outputs([Path(path.format(folder.name)) for path in outputs], [Path("video.mp4")])
    assert said in str(caught.value)


def test_what_is_there_may_be_replaced(folder: Path) -> None:
    check_outputs([Path("old.mp4"), Path("new.mp4")], [Path("video.mp4"), Path("gone.mp4")])
    with Whole(Path("old.mp4")) as path:
        assert path
        path.write_text("new")
        assert Path("old.mp4").read_text() == "old"
    assert Path("old.mp4").read_text() == "new"
    assert not list(folder.glob(".*"))


def test_a_link_stays_one(folder: Path) -> None:
    with Whole(Path("link.mp4")) as path:
        assert path
        path.write_text("new")
    assert Path("link.mp4").is_symlink()
    assert Path("video.mp4").read_text() == "new"


def test_what_is_no_file_is_written_as_it_is(folder: Path) -> None:
    os.mkfifo("pipe")
    with Whole(Path("pipe")) as path:
        assert path == Path("pipe")
    assert Path("pipe").is_fifo()


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit, ValueError])
def test_an_end_in_the_middle_leaves_what_was(end: type[BaseException], folder: Path) -> None:
    with pytest.raises(end), Whole(Path("old.mp4")) as path:
        assert path
        path.write_text("half")
        raise end
    assert Path("old.mp4").read_text() == "old"
    assert not list(folder.glob(".*"))


def test_a_place_that_cannot_be_is_named(folder: Path) -> None:
    with pytest.raises(OSError, match=r"old\.mp4/new\.mp4"), Whole(Path("old.mp4/new.mp4")):
        pass
