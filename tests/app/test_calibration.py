from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.app.calibration import pictures
from pipeline.config import CameraConfig, loads
from pipeline.core.errors import UnavailableError
from pipeline.core.frame import Frame
from pipeline.models.letterbox import GREY, Letterbox
from pipeline.models.optimize.pictures import Pictures
from tests.system.clips import moving_mark


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("clips")
    return {
        "short": moving_mark(folder / "short.mp4", seconds=4, size=(640, 360)),
        "long": moving_mark(folder / "long.mp4", seconds=20, size=(640, 360)),
        "square": moving_mark(folder / "square.mp4", seconds=4, size=(400, 400)),
    }


def cameras(**paths: Path | str) -> dict[str, CameraConfig]:
    lines = "".join(f"  {name}: {{inputs: [{{path: '{path}'}}]}}\n" for name, path in paths.items())
    return dict(loads(f"cameras:\n{lines}").cameras)


def fit(frame_wh: tuple[int, int]) -> Letterbox:
    return Letterbox.rectangular(frame_wh, 320)


def taken(
    chosen: dict[str, CameraConfig], frames: int, said: list[str], seconds: float = 60, **tiles: list[int]
) -> list[Pictures]:
    return pictures(chosen, fit, frames=frames, seconds=seconds, say=said.append, tiles=tiles)


def seconds(frames: list[Frame]) -> list[float]:
    return [frame.pts_90k / 90_000 for frame in frames]


def test_frames_are_spread_over_all_of_it_and_the_last_are_held_out(clips: dict[str, Path]) -> None:
    (told,) = taken(cameras(yard=clips["long"]), 15, [])
    assert told.input_hw == (192, 320)
    assert (len(told.calibration), len(told.held_out)) == (15, 5)
    times = seconds([*told.calibration, *told.held_out])
    steps = [after - before for before, after in pairwise(times)]
    assert min(steps) >= 0.4 and max(steps) < 2.1
    assert times[0] < 1 and times[-1] > 18


def test_frames_are_as_small_as_the_network_takes_them(clips: dict[str, Path]) -> None:
    (told,) = taken(cameras(yard=clips["short"]), 12, [])
    assert {frame.resolution_wh for frame in told.calibration} == {(320, 180)}
    assert {picture.shape for picture in told.inputs(fit)} == {(192, 320, 3)}


def test_a_model_that_stretches_gets_them_stretched(clips: dict[str, Path]) -> None:
    def stretched(frame_wh: tuple[int, int]) -> Letterbox:
        return Letterbox.stretched(frame_wh, (320, 320))

    (told,) = pictures(
        cameras(yard=clips["short"], hall=clips["square"]), stretched, frames=12, seconds=60, say=lambda line: None
    )
    assert told.input_hw == (320, 320)
    assert not any((picture[:20] == GREY).all() for picture in told.inputs(stretched))


def test_tiles_are_taken_of_the_cameras_that_look_closely(clips: dict[str, Path]) -> None:
    said: list[str] = []
    chosen = cameras(yard=clips["short"], gate=clips["short"])
    whole, tiles = taken(chosen, 24, said, yard=[192, 640])
    assert said[-2:] == ["yard: 16 frames", "gate: 16 frames"]
    assert (whole.input_hw, len(whole.calibration), len(whole.held_out)) == ((192, 320), 24, 8)
    assert (tiles.input_hw, len(tiles.calibration), len(tiles.held_out)) == ((320, 320), 12, 4)
    assert {frame.camera for frame in tiles.calibration} == {"yard"}
    assert len({frame.bgr().tobytes() for frame in tiles.calibration}) > 4  # here and there in the picture


def test_tiles_as_large_as_a_whole_picture_stand_beside_it(clips: dict[str, Path]) -> None:
    (told,) = taken(cameras(hall=clips["square"]), 12, [], hall=[192])
    assert (told.input_hw, len(told.calibration), len(told.held_out)) == ((320, 320), 24, 8)


def test_a_stream_that_is_too_short_gives_what_it_has(clips: dict[str, Path]) -> None:
    (told,) = taken(cameras(yard=clips["short"]), 300, [])
    assert len(told.calibration) + len(told.held_out) == 20  # five a second


def test_cameras_share_them_and_shapes_are_kept_apart(clips: dict[str, Path]) -> None:
    said: list[str] = []
    chosen = cameras(one=clips["short"], two=clips["long"], three=clips["square"], gone="/nowhere/film.mp4")
    wide, square = taken(chosen, 24, said)
    assert (wide.input_hw, square.input_hw) == ((192, 320), (320, 320))
    assert (len(wide.calibration), len(wide.held_out), len(square.calibration)) == (12, 4, 6)
    assert {frame.camera for frame in wide.held_out} == {"one", "two"}
    assert "left out: /nowhere/film.mp4: not found (No such file or directory)" in said
    assert said[-3:] == ["one: 8 frames", "two: 8 frames", "three: 8 frames"]


def test_no_camera_answers() -> None:
    with pytest.raises(UnavailableError, match=r"no camera gave a picture: /nowhere/film\.mp4: not found"):
        taken(cameras(gone="/nowhere/film.mp4"), 24, [])
