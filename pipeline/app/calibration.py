"""Frames of the configured cameras, spread over time, small enough to keep many."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pipeline.analysis.decode import Decoder
from pipeline.app.footage import Footage, from_each
from pipeline.config import CameraConfig
from pipeline.core.errors import UnavailableError
from pipeline.core.frame import Frame
from pipeline.models.letterbox import Letterbox
from pipeline.models.network import Size
from pipeline.models.optimize.pictures import Pictures

_SHORTEST_STEP_S = 0.2
"""Frames nearer to each other than this show the same."""
_HELD_OUT = 4
"""One frame of so many is not calibrated with: the last of each camera's, which are the furthest from the others."""

Fit = Callable[[tuple[int, int]], Letterbox]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Taken:
    input_hw: Size
    frames: list[Frame]


def pictures(cameras: Mapping[str, CameraConfig], fit: Fit, *, frames: int, seconds: float, say: Say) -> list[Pictures]:
    """About `frames` to calibrate with, shared out over the cameras, and a third of that to compare on; by size.

    `fit` says how a model takes a frame. Cameras that do not answer are said and left out; raises
    UnavailableError where none does.
    """
    wanted = -(-frames * _HELD_OUT // (_HELD_OUT - 1) // len(cameras))
    say(f"taking frames of {', '.join(cameras)}, up to {seconds:g} s of each …")
    taken, failed = from_each(cameras, seconds, lambda footage: _take(footage, fit, wanted))
    for reason in failed.values():
        say(f"left out: {reason}")
    if not taken:
        raise UnavailableError("no camera gave a picture: " + "; ".join(failed.values()))
    for name, each in taken.items():
        say(f"{name}: {len(each.frames)} frames")
    sizes = sorted({each.input_hw for each in taken.values()})
    return [_of_size(input_hw, [each for each in taken.values() if each.input_hw == input_hw]) for input_hw in sizes]


def _of_size(input_hw: Size, taken: list[_Taken]) -> Pictures:
    calibration: list[Frame] = []
    held_out: list[Frame] = []
    for each in taken:
        held = len(each.frames) // _HELD_OUT
        calibration += each.frames[: len(each.frames) - held]
        held_out += each.frames[len(each.frames) - held :]
    return Pictures(input_hw, calibration, held_out)


def _take(footage: Footage, fit: Fit, wanted: int) -> _Taken:
    """However long it is: where there are twice as many as wanted, every other one goes, and the step doubles."""
    frames: list[Frame] = []
    step_90k, due_90k, letterbox = _SHORTEST_STEP_S * 90_000, 0.0, None
    for frame in _decoded(footage):
        if frames and frame.pts_90k < due_90k:
            continue
        letterbox = letterbox or fit(frame.resolution_wh)
        frames.append(_small(frame, letterbox))
        if len(frames) >= 2 * wanted:
            frames, step_90k = frames[::2], step_90k * 2
        due_90k = frames[-1].pts_90k + step_90k
    if letterbox is None:
        raise UnavailableError(f"{footage.camera.name}: nothing could be decoded")
    return _Taken(letterbox.input_hw, _spread(frames, wanted))


def _decoded(footage: Footage) -> Iterator[Frame]:
    decoder = Decoder(footage.camera.name)
    decoder.open(footage.open())
    for packet in footage.packets():
        yield from decoder.decode(packet)
    yield from decoder.flush()


def _small(frame: Frame, letterbox: Letterbox) -> Frame:
    """As large as the model takes it."""
    image = frame.bgr(*letterbox.content_wh)
    return Frame.from_bgr(image, camera=frame.camera, seq=frame.seq, pts_90k=frame.pts_90k)


def _spread(frames: list[Frame], wanted: int) -> list[Frame]:
    if len(frames) <= wanted:
        return frames
    return [frames[index * len(frames) // wanted] for index in range(wanted)]
