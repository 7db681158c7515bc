"""Frames of the configured cameras, spread over time, small enough to keep many."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from random import Random

from pipeline.analysis.decode import Decoder
from pipeline.app.footage import Footage, from_each
from pipeline.config import CameraConfig
from pipeline.core.errors import UnavailableError
from pipeline.core.frame import Frame
from pipeline.models.network import Size
from pipeline.models.optimize.pictures import Fit, Pictures
from pipeline.stages.regions import all_over

_SHORTEST_STEP_S = 0.2
"""Frames nearer to each other than this show the same."""
_HELD_OUT = 4
"""One frame of so many is not calibrated with: the last of each camera's, which are the furthest from the others."""

Say = Callable[[str], None]
Shot = list[tuple[Size, Frame]]
"""One moment of a camera: the whole picture and tiles of it, each with the size of input that it fits."""


def pictures(
    cameras: Mapping[str, CameraConfig],
    fit: Fit,
    *,
    frames: int,
    seconds: float,
    say: Say,
    tiles: Mapping[str, Collection[int]] | None = None,
) -> list[Pictures]:
    """About `frames` to calibrate with, shared out over the cameras, and a third of that to compare on; by size.

    `tiles` are the sides of the squares at which a camera's picture is looked at closely, by the camera's name.
    Cameras that do not answer are said and left out; raises UnavailableError where none does.
    """
    tiles = tiles or {}
    wanted = -(-frames * _HELD_OUT // (_HELD_OUT - 1) // len(cameras))
    say(f"taking frames of {', '.join(cameras)}, up to {seconds:g} s of each …")
    taken, failed = from_each(
        cameras, seconds, lambda footage: _take(footage, fit, wanted, tiles.get(footage.camera.name, ()))
    )
    for reason in failed.values():
        say(f"left out: {reason}")
    if not taken:
        raise UnavailableError("no camera gave a picture: " + "; ".join(failed.values()))
    for name, shots in taken.items():
        say(f"{name}: {len(shots)} frames")
    sizes = sorted({input_hw for shots in taken.values() for shot in shots for input_hw, _ in shot})
    return [_of_size(input_hw, list(taken.values())) for input_hw in sizes]


def _of_size(input_hw: Size, taken: Sequence[Sequence[Shot]]) -> Pictures:
    calibration: list[Frame] = []
    held_out: list[Frame] = []
    for shots in taken:
        frames = [frame for shot in shots for fits, frame in shot if fits == input_hw]
        held = len(frames) // _HELD_OUT
        calibration += frames[: len(frames) - held]
        held_out += frames[len(frames) - held :]
    return Pictures(input_hw, calibration, held_out)


def _take(footage: Footage, fit: Fit, wanted: int, tiles: Collection[int]) -> list[Shot]:
    """However long it is: where there are twice as many as wanted, every other one goes, and the step doubles."""
    shots: list[Shot] = []
    step_90k, due_90k = _SHORTEST_STEP_S * 90_000, 0.0
    for frame in _decoded(footage):
        if shots and frame.pts_90k < due_90k:
            continue
        shots.append([_small(view, fit) for view in (frame, *_parts(frame, tiles))])
        if len(shots) >= 2 * wanted:
            shots, step_90k = shots[::2], step_90k * 2
        due_90k = shots[-1][0][1].pts_90k + step_90k
    if not shots:
        raise UnavailableError(f"{footage.camera.name}: nothing could be decoded")
    return _spread(shots, wanted)


def _parts(frame: Frame, tiles: Collection[int]) -> Iterator[Frame]:
    """One of each size, somewhere in the picture: not in turns, for frames are left out in turns."""
    for size in sorted(tiles):
        if regions := all_over(frame.resolution_wh, size):
            yield frame.crop(*Random(frame.seq).choice(regions))


def _decoded(footage: Footage) -> Iterator[Frame]:
    decoder = Decoder(footage.camera.name)
    decoder.open(footage.open())
    for packet in footage.packets():
        yield from decoder.decode(packet)
    yield from decoder.flush()


def _small(frame: Frame, fit: Fit) -> tuple[Size, Frame]:
    """As large as the model takes it."""
    letterbox = fit(frame.resolution_wh)
    image = frame.bgr(*letterbox.content_wh)
    return letterbox.input_hw, Frame.from_bgr(image, camera=frame.camera, seq=frame.seq, pts_90k=frame.pts_90k)


def _spread(shots: list[Shot], wanted: int) -> list[Shot]:
    if len(shots) <= wanted:
        return shots
    return [shots[index * len(shots) // wanted] for index in range(wanted)]
