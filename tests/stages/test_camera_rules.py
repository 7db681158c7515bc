"""Rules of the camera as a whole: nothing moves, and somebody meddles with it."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline import registry
from pipeline.core.camera import Camera
from pipeline.core.context import Context
from pipeline.core.event import Event
from pipeline.core.frame import Frame
from pipeline.core.objects import Box, TrackedObject
from pipeline.core.options import Options as BaseOptions
from pipeline.stages.rules import Rules
from tests.models.conftest import shared
from tests.stages.scene import START, setup

__all__ = ["shared"]

Picture = NDArray[np.uint8]
SOMETHING: tuple[Box, ...] = ((0.1, 0.1, 0.2, 0.2),)


class Counting(Frame):
    """Counts what is converted."""

    converted = 0

    def gray(self, width: int | None = None, height: int | None = None) -> Picture:
        Counting.converted += 1
        return super().gray(width, height)


class Looking:
    """A rules stage that sees pictures."""

    def __init__(self, plugin: Any = registry.load, **options: Any) -> None:
        self.camera = Camera(name="lobby")
        self.stage = Rules(Rules.Options(**options), setup(self.camera, plugin))
        self.events: list[Event] = []
        Counting.converted = 0

    def frame(self, seconds: float, picture: Picture, motion: tuple[Box, ...] | None = ()) -> None:
        video = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgr24")
        frame = Counting(video, camera="lobby", seq=0, pts_90k=round(seconds * 90_000), captured_at=START + seconds)
        self.stage.process(Context(frame, self.camera, self.events.append, motion=motion))

    def spans(self) -> "list[Span]":
        latest = {event.id: event for event in self.events}.values()
        return [(e.type, round(e.started_at - START, 1), e.ended_at and round(e.ended_at - START, 1)) for e in latest]


Span = tuple[str, float, float | None]


def same(spans: list[Span], expected: list[Span], *, within_s: float) -> None:
    assert [kind for kind, _, _ in spans] == [kind for kind, _, _ in expected]
    for one, other in zip(spans, expected, strict=True):
        assert one[1:] == pytest.approx(other[1:], abs=within_s)


def scene(seed: int = 1) -> Picture:
    """A room: large things and small ones."""
    random = np.random.default_rng(seed)
    picture = np.full((360, 640, 3), 120, np.uint8)
    for size, count in ((90, 12), (30, 60), (8, 300)):
        for x, y, grey in random.integers((0, 0, 30), (640, 360, 225), (count, 3)).tolist():
            cv2.rectangle(picture, (x, y), (x + size, y + size), (grey, grey, grey), -1)
    return picture


ROOM, ELSEWHERE = scene(), scene(2)
BLACK = np.full_like(ROOM, 10)


def noisy(picture: Picture, n: int) -> Picture:
    noisy: Picture = np.clip(picture.astype(np.int16) + noise(n % 5), 0, 255).astype(np.uint8)
    return noisy


@cache
def noise(seed: int) -> NDArray[np.int16]:
    return np.random.default_rng(seed).normal(0, 2, (360, 640, 1)).round().astype(np.int16)


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        pytest.param([], [("no_motion", 0.0, None)], id="nothing ever moves"),
        pytest.param([(0, 8), (15, 16), (24, 25)], [], id="never for ten seconds"),
        pytest.param([(0, 2)], [("no_motion", 2.0, None)], id="since the last motion"),
        pytest.param([(0, 2), (15, 16)], [("no_motion", 2.0, 15.0), ("no_motion", 16.0, None)], id="until the next"),
        pytest.param([(0, 2), (15.2, 15.4)], [("no_motion", 2.0, 15.5), ("no_motion", 16.0, None)], id="in one frame"),
    ],
)
def test_no_motion(moves: list[tuple[float, float]], expected: list[Span]) -> None:
    looking = Looking(no_motion={"seconds": 10})
    for n in range(30 * 5):
        moving = any(since <= n / 5 < until for since, until in moves)
        looking.frame(n / 5, BLACK, SOMETHING if moving else ())
    same(looking.spans(), expected, within_s=1.3)
    assert Counting.converted == 0, "the motion stage has looked already"


def test_no_motion_looks_for_itself_where_nobody_else_does() -> None:
    looking = Looking(no_motion={"seconds": 5})
    for n in range(20 * 5):
        picture = noisy(ROOM, n)
        if n // 5 == 14:
            cv2.rectangle(picture, (100 + 20 * (n % 5), 100), (200 + 20 * (n % 5), 300), (255, 255, 255), -1)
        looking.frame(n / 5, picture, None)
    (first, *_) = looking.spans()
    assert first[0] == "no_motion"
    assert first[2] == pytest.approx(14, abs=0.6)


def test_after_a_gap_nobody_knows_what_was() -> None:
    looking = Looking(no_motion={"seconds": 5})
    for n in range(10 * 5):
        looking.frame(n / 5, BLACK)
    looking.frame(100.0, BLACK)
    same(looking.spans(), [("no_motion", 0.0, 9.6)], within_s=0.3)


Change = Callable[[Picture], Picture]
MEDDLED: dict[str, tuple[Change, str]] = {
    "a hand before the lens": (lambda picture: BLACK, "covered"),
    "a cloth over it": (lambda picture: np.full_like(picture, 150), "covered"),
    "paint on the glass": (lambda picture: cv2.GaussianBlur(picture, (0, 0), 12), "blurred"),
    "turned to the wall": (lambda picture: ELSEWHERE, "moved"),
    "pushed aside": (lambda picture: np.roll(picture, 200, axis=1), "moved"),
}
HARMLESS: dict[str, Change] = {
    "nothing": lambda picture: picture,
    "darker": lambda picture: (picture * 0.6).astype(np.uint8),
    "brighter": lambda picture: cv2.convertScaleAbs(picture, alpha=1.2, beta=20),
    "a lorry in a third of it": lambda picture: cv2.rectangle(picture.copy(), (0, 60), (210, 360), (200, 200, 200), -1),
    "the camera trembles": lambda picture: np.roll(picture, (2, 2), axis=(0, 1)),
}


def meddled(change: Change, **options: Any) -> Looking:
    """Half a minute as always, twelve seconds changed, half a minute as always."""
    looking = Looking(tamper={"enabled": True, **options})
    for n in range(72):
        looking.frame(float(n), noisy(change(ROOM) if 30 <= n < 42 else ROOM, n))
    return looking


@pytest.mark.parametrize("name", MEDDLED)
def test_tamper(name: str) -> None:
    change, kind = MEDDLED[name]
    looking = meddled(change)
    assert looking.spans() == [("tamper", 30.0, 42.0)]
    assert {event.data["kind"] for event in looking.events} == {kind}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_no_tamper(name: str) -> None:
    assert meddled(HARMLESS[name]).events == []


def test_only_the_kinds_that_are_asked_for_and_only_for_long_enough() -> None:
    assert meddled(lambda picture: ELSEWHERE, kinds=["covered", "blurred"]).events == []
    assert meddled(lambda picture: BLACK, seconds=20).events == []


def test_where_a_camera_was_turned_for_good_that_is_its_view() -> None:
    looking = Looking(tamper={"enabled": True})
    for n in range(240):
        looking.frame(float(n), noisy(ROOM if n < 30 else ELSEWHERE, n))
    same(looking.spans(), [("tamper", 30.0, 150.0)], within_s=2.0)


def test_in_a_black_night_nothing_can_be_told() -> None:
    looking = Looking(tamper={"enabled": True})
    for n in range(60):
        looking.frame(float(n), BLACK if n < 30 else np.full_like(ROOM, 3))
    assert looking.events == []


@pytest.mark.parametrize("name", ["traffic", "concourse"])
def test_traffic_and_crowds_are_no_tamper(name: str, shared: Path) -> None:
    clip = shared / "clips" / f"{name}.mp4"
    if not clip.is_file():
        pytest.skip(f"no {clip}")
    looking = Looking(tamper={"enabled": True, "seconds": 0})
    with av.open(str(clip)) as video:
        pictures = [
            np.asarray(picture.to_ndarray(format="bgr24", width=640, height=360), np.uint8)
            for n, picture in enumerate(video.decode(video=0))
            if n % 10 == 0
        ]
    for n in range(60):
        looking.frame(float(n), pictures[n % len(pictures)])
    assert looking.events == []


class Painter:
    """A rule of somebody's own that looks at pictures."""

    class Options(BaseOptions):
        pass

    def __init__(self, options: Options, camera: Camera) -> None:
        self._camera = camera.name

    def see(self, frame: Frame, moved: bool | None, now: float) -> Iterable[Event]:
        yield Event.instant("seen", camera=self._camera, at=now, mean=int(frame.gray(32, 18).mean()), moved=moved)

    def update(self, objects: Sequence[TrackedObject], now: float) -> Iterable[Event]:
        return ()


def test_a_rule_of_ones_own_sees_two_pictures_a_second() -> None:
    looking = Looking(lambda kind, type: Painter if type == "painter" else registry.load(kind, type),
                      extra={"mine": {"type": "painter"}})  # fmt: skip
    for n in range(50):
        looking.frame(n / 25, BLACK, SOMETHING if n == 14 else ())
    seen = [(round(event.started_at - START, 2), event.data["moved"]) for event in looking.events]
    assert seen == [(0.0, False), (0.52, False), (1.04, True), (1.56, False)]
    assert Counting.converted == 4


def test_without_a_rule_that_sees_no_picture_is_made() -> None:
    looking = Looking()
    for n in range(50):
        looking.frame(n / 5, BLACK)
    assert Counting.converted == 0
