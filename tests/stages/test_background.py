"""What a camera may show, as small grey pictures; everything is seeded, time is the stream's."""

from collections.abc import Callable
from math import exp
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.core.objects import Box
from pipeline.stages.background import WHOLE, Background

WIDTH, HEIGHT = 160, 90
FPS = 5.0
Grey = NDArray[np.float32]
Painter = Callable[[Grey, float], Grey]
"""What happens to the empty scene at a time in seconds."""

_RANDOM = np.random.default_rng(3)
_TEXTURE = cv2.GaussianBlur(_RANDOM.normal(0, 1, (HEIGHT, WIDTH)).astype(np.float32), (0, 0), 3)
_SCENE = 110 + 40 * _TEXTURE / _TEXTURE.std()


def played(paint: Painter, seconds: float, *, noise: float = 1.5, fps: float = FPS, **keys: Any) -> dict[float, int]:
    """How many boxes each moment shows; moments without any are missing."""
    background, random, told = Background(**keys), np.random.default_rng(1), {}
    for index in range(round(seconds * fps)):
        now = index / fps
        picture = paint(_SCENE.copy(), now) + random.normal(0, noise, _SCENE.shape)
        if boxes := background.look(np.clip(picture, 0, 255).astype(np.uint8), now):
            told[now] = len(boxes)
    return told


def still(picture: Grey, now: float) -> Grey:
    return picture


def block(picture: Grey, x: float, *, y: int = 40, width: int = 4, height: int = 10, contrast: float = 40) -> Grey:
    left = round(x)
    picture[y : y + height, max(0, left) : max(0, left + width)] += contrast
    return picture


def rain(picture: Grey, now: float, contrast: float) -> Grey:
    drops = np.random.default_rng(round(now * 1000))
    for x, y in drops.integers((0, 0), (WIDTH, HEIGHT - 7), (150, 2)):
        picture[y : y + 6, x] += contrast
    return picture


def after(told: dict[float, int], since: float, until: float = 1e9) -> list[float]:
    return [now for now in told if since <= now < until]


def test_a_new_scene_is_looked_at_for_a_while_and_then_left_alone() -> None:
    told = played(still, 60)
    assert after(told, 0, 2) == [index / FPS for index in range(10)]
    assert after(told, 2) == []


@pytest.mark.parametrize(
    ("noise", "quiet_after"),
    [pytest.param(1, 2, id="by day"), pytest.param(4, 2, id="grainy"), pytest.param(9, 40, id="by night")],
)
def test_sensor_noise_is_learnt(noise: float, quiet_after: float) -> None:
    assert after(played(still, 120, noise=noise), quiet_after) == []


def blocks_off(picture: Grey, now: float, block_px: int = 8) -> Grey:
    """What a constant bit rate leaves of noise: blocks that are a little off, and each drawn anew every two seconds."""
    rows, columns = -(-HEIGHT // block_px), -(-WIDTH // block_px)
    places = range(rows * columns)
    drawn = [int((now + 2 * np.random.default_rng(place).random()) // 2) for place in places]
    off = [np.random.default_rng((place, turn)).normal(0, 3.2) for place, turn in zip(places, drawn, strict=True)]
    whole = np.kron(np.reshape(off, (rows, columns)), np.ones((block_px, block_px)))
    return picture + whole[:HEIGHT, :WIDTH].astype(np.float32)


def test_what_an_encoder_makes_of_noise_is_learnt_and_hides_nobody() -> None:
    def walked(picture: Grey, now: float) -> Grey:
        picture = blocks_off(picture, now)
        return block(picture, (now - 50) * 20, width=6, height=16) if now >= 50 else picture

    told = played(walked, 58)
    assert len(after(told, 15, 50)) <= 0.01 * 35 * FPS
    assert len(after(told, 50.4, 57.6)) >= 0.95 * 7.2 * FPS


@pytest.mark.parametrize("contrast", [pytest.param(14, id="by day"), pytest.param(30, id="in infrared light")])
def test_rain_closes_the_gate_again_and_what_walks_through_it_is_seen(contrast: float) -> None:
    def shower(picture: Grey, now: float) -> Grey:
        picture = rain(picture, now, contrast) if now > 20 else picture
        return block(picture, (now - 100) * 10, width=5, height=16, contrast=50) if now >= 100 else picture

    told = played(shower, 115)
    assert len(after(told, 60, 100)) <= 0.02 * 40 * FPS
    assert len(after(told, 100.4, 115)) >= 0.95 * 14.6 * FPS


@pytest.mark.parametrize(
    "paint",
    [
        pytest.param(lambda picture, now: picture + (60 if now > 30 else 0), id="a light is switched on"),
        pytest.param(lambda picture, now: picture * (0.4 if now > 30 else 1), id="a light is switched off"),
        pytest.param(lambda picture, now: (255 - picture) * 0.8 if now > 30 else picture, id="cut to infrared"),
        pytest.param(lambda picture, now: picture + 70 * (1 - exp(-max(0, now - 30))), id="exposure follows"),
    ],
)
def test_another_light_is_another_scene(paint: Painter) -> None:
    told = played(paint, 60)
    assert after(told, 2, 30) == []
    assert len(after(told, 30, 32.6)) >= 10
    assert after(told, 38) == []


def test_while_the_scene_is_new_the_whole_picture_is_told() -> None:
    background = Background()
    dark, light = np.full((HEIGHT, WIDTH), 40, np.uint8), np.full((HEIGHT, WIDTH), 160, np.uint8)
    shown = [(dark, 0.0), (dark, 1.0), (dark, 2.0), (dark, 3.0), (light, 4.0)]
    told = [(background.look(picture, now), background.is_new) for picture, now in shown]
    assert told == [((WHOLE,), True), ((WHOLE,), True), ((), False), ((), False), ((WHOLE,), True)]


@pytest.mark.parametrize(
    ("moves", "why"),
    [
        pytest.param({"width": 4, "height": 10, "contrast": 40}, "a person far away", id="small"),
        pytest.param({"width": 8, "height": 24, "contrast": 15}, "hardly lighter than the wall", id="faint"),
        pytest.param({"width": 4, "height": 10, "contrast": -40}, "darker", id="dark"),
    ],
)
@pytest.mark.parametrize("speed", [pytest.param(20.0, id="running"), pytest.param(0.4, id="creeping")])
def test_whatever_moves_is_seen_from_its_first_second_to_its_last(
    moves: dict[str, int], why: str, speed: float
) -> None:
    crosses_s = min(60.0, WIDTH / speed)
    told = played(lambda p, now: block(p, (now - 10) * speed + 1, **moves) if now >= 10 else p, 10 + crosses_s)
    seen = after(told, 11, 9 + crosses_s)
    assert len(seen) >= 0.9 * (crosses_s - 2) * FPS, why
    assert after(told, 2, 10) == []


def test_what_comes_and_stands_is_told_for_seconds_and_again_when_it_goes() -> None:
    told = played(lambda p, now: block(p, 80, contrast=60) if 10 <= now < 60 else p, 100)
    assert after(told, 2, 10) == []
    assert len(after(told, 10, 15)) == 25
    assert after(told, 40, 60) == []
    assert len(after(told, 60, 65)) == 25
    assert after(told, 90) == []


def test_slow_light_is_no_motion() -> None:
    assert after(played(lambda p, now: p + now * 0.3, 200), 2) == []


@pytest.mark.parametrize("fps", [1.0, 5.0, 25.0])
def test_it_goes_by_the_streams_time_at_any_rate(fps: float) -> None:
    told = played(lambda p, now: block(p, 80, contrast=60) if now >= 10 else p, 60, fps=fps)
    assert after(told, 3, 10) == []
    assert max(told) == pytest.approx(10 + 16, abs=6)


def test_the_box_is_where_it_moves() -> None:
    background = Background()
    scene = np.full((HEIGHT, WIDTH), 90, np.uint8)
    for now in range(5):
        background.look(scene, float(now))
    moved = scene.copy()
    moved[30:50, 40:48] = 200
    (box,) = background.look(moved, 5.0)
    assert box == pytest.approx((40 / 160, 30 / 90, 48 / 160, 50 / 90), abs=0.012)


def test_a_mask_is_where_nobody_looks() -> None:
    tree: tuple[tuple[float, float], ...] = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
    background, boxes = Background(mask=(tree,)), dict[int, tuple[Box, ...]]()
    for now in range(40):
        picture = np.full((HEIGHT, WIDTH), 90, np.uint8)
        picture[30:60, 4 * now : 4 * now + 8] = 200
        boxes[now] = background.look(picture, float(now))
    assert not any(boxes[now] for now in range(3, 18))
    assert all(boxes[now] for now in range(21, 39))


def test_the_light_of_a_masked_part_changes_no_scene() -> None:
    sky: tuple[tuple[float, float], ...] = ((0.0, 0.0), (1.0, 0.0), (1.0, 0.9), (0.0, 0.9))
    background = Background(mask=(sky,))
    picture = np.full((HEIGHT, WIDTH), 90, np.uint8)
    for now in range(5):
        background.look(picture, float(now))
    picture = picture.copy()
    picture[:80] = 200
    assert background.look(picture, 5.0) == ()


@pytest.mark.parametrize(
    ("keys", "seen"),
    [
        pytest.param({}, True, id="the defaults"),
        pytest.param({"threshold": 250}, False, id="threshold"),
        pytest.param({"contour_area": 200}, False, id="contour_area"),
    ],
)
def test_the_keys(keys: dict[str, Any], seen: bool) -> None:
    told = played(lambda p, now: block(p, now * 4), 20, **keys)
    assert bool(after(told, 3)) == seen


def test_a_dull_picture_needs_smaller_differences() -> None:
    def at_night(picture: Grey, now: float) -> Grey:
        return block(60 + (picture - 110) * 0.15, now * 4, contrast=9)

    assert after(played(at_night, 20, noise=0.5), 3)
    assert not after(played(at_night, 20, noise=0.5, improve_contrast=False), 3)


@pytest.mark.parametrize(
    ("then", "shape"),
    [
        pytest.param(1000.0, (HEIGHT, WIDTH), id="after a long gap"),
        pytest.param(1.0, (HEIGHT, WIDTH), id="the clock went back"),
        pytest.param(7.0, (80, 160), id="the camera changed its size"),
    ],
)
def test_another_scene_for_another_reason(then: float, shape: tuple[int, int]) -> None:
    background = Background()
    for now in range(7):
        background.look(np.full((HEIGHT, WIDTH), 90, np.uint8), float(now))
    assert background.look(np.full(shape, 90, np.uint8), then) == (WHOLE,)


@pytest.mark.parametrize("fps", [pytest.param(1.0, id="sampled slowly"), pytest.param(0.5, id="key frames alone")])
def test_who_walks_through_rain_is_seen_though_pictures_are_rare(fps: float) -> None:
    def shower(picture: Grey, now: float) -> Grey:
        picture = rain(picture, now, 14) if now > 20 else picture
        return block(picture, (now - 100) * 20, width=5, height=16, contrast=50) if now >= 101 else picture

    told = played(shower, 108, fps=fps)
    assert len(after(told, 101, 107)) >= 6 * fps


def test_those_who_went_by_hide_nobody_who_follows() -> None:
    def one_after_another(picture: Grey, now: float) -> Grey:
        bright = now < 40
        return block(picture, (now % 4) * 40, contrast=90 if bright else 30) if now >= 10 else picture

    told = played(one_after_another, 60, fps=2)
    assert len(after(told, 40.5, 59.5)) >= 0.9 * 19 * 2


def test_what_is_adopted_is_the_background_at_once() -> None:
    """A thing that stays in the picture is told until somebody says that nothing happens."""
    background, empty = Background(), np.full((90, 160), 90, np.uint8)
    for second in range(6):
        background.look(empty, 100.0 + second)
    full = empty.copy()
    full[20:60, 40:60] = 200
    assert background.look(full, 106.0)
    background.adopt(full, 107.0)
    assert not background.look(full, 108.0)
    assert background.look(empty, 109.0)
