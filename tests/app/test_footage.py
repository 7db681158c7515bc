from pathlib import Path
from threading import Event, Thread
from time import monotonic

import pytest

from pipeline.app.footage import Footage, from_each
from pipeline.config import CameraConfig, loads
from tests.system.clips import moving_mark


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return moving_mark(tmp_path_factory.mktemp("clip") / "mark.mp4", seconds=4, size=(320, 180))


def cameras(tmp_path: Path, **paths: Path | str) -> dict[str, CameraConfig]:
    lines = "".join(f"  {name}: {{inputs: [{{path: '{path}'}}]}}\n" for name, path in paths.items())
    return dict(loads(f"cameras:\n{lines}", base=tmp_path).cameras)


def packets(footage: Footage) -> int:
    footage.open()
    return sum(1 for _ in footage.packets())


def test_it_ends_after_its_seconds_of_stream_time_and_waits_for_no_file(clip: Path, tmp_path: Path) -> None:
    began = monotonic()
    taken, failed = from_each(cameras(tmp_path, yard=clip, demo="demo"), 2.0, packets)
    assert failed == {}
    assert taken["yard"] in (50, 51)
    assert taken["demo"] in (30, 31)
    assert monotonic() - began < 4


def test_a_stream_that_ends_sooner_is_taken_whole(clip: Path, tmp_path: Path) -> None:
    assert from_each(cameras(tmp_path, yard=clip), 60, packets)[0] == {"yard": 100}


def test_cameras_that_do_not_answer_are_named_without_secrets(clip: Path, tmp_path: Path) -> None:
    gone = "rtsp://user:hush@127.0.0.1:1/main"
    taken, failed = from_each(cameras(tmp_path, yard=clip, gone=gone, missing="missing.mp4"), 1, packets)
    assert list(taken) == ["yard"]
    assert list(failed) == ["gone", "missing"]
    assert "unreachable" in failed["gone"] and "hush" not in failed["gone"]
    assert "not found" in failed["missing"]


def test_closing_ends_the_packets(tmp_path: Path) -> None:
    (camera,) = cameras(tmp_path, demo="demo").values()
    footage, began = Footage(camera, 10_000), Event()

    def read() -> None:
        footage.open()
        for _ in footage.packets():
            began.set()

    thread = Thread(target=read)
    thread.start()
    assert began.wait(30)
    footage.close()
    thread.join(30)
    assert not thread.is_alive()
