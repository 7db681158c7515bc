"""Drawn streets for the pictures in the docs: nobody is in them. `street_detector.py` finds their people and cars."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

Colour = tuple[int, int, int]
"""Blue first."""
Picture = NDArray[np.uint8]

WIDTH, HEIGHT = 960, 540
FPS = 12
SECONDS = 20
_MARGIN_PX = 140
_SKIN, _DARK, _GLASS = (158, 178, 200), (66, 60, 58), (206, 196, 184)


@dataclass(frozen=True)
class Walker:
    """Goes `rounds` times through the picture in one clip, to the left where that is negative."""

    colour: Colour
    feet_y: int
    height: int
    rounds: int
    begin: float

    def draw(self, picture: Picture, share: float) -> None:
        x, size, feet = _x(self.begin, self.rounds, share), self.height, self.feet_y
        swing = round(0.16 * size * np.sin(2 * np.pi * 22 * abs(self.rounds) * share))
        hip, shoulder = feet - round(0.47 * size), feet - round(0.76 * size)
        for side in (swing, -swing):
            _line(picture, (x, hip), (x + side, feet), _DARK, round(0.09 * size))
        _box(
            picture, (x - round(0.12 * size), shoulder - round(0.04 * size)), (x + round(0.12 * size), hip), self.colour
        )
        _line(
            picture,
            (x, shoulder),
            (x - swing, hip),
            tuple(round(0.6 * part) for part in self.colour),
            round(0.07 * size),
        )
        cv2.circle(picture, (x, feet - round(0.89 * size)), round(0.08 * size), _SKIN, -1, cv2.LINE_AA)


@dataclass(frozen=True)
class Car:
    colour: Colour
    ground_y: int
    length: int
    rounds: int
    begin: float

    def draw(self, picture: Picture, share: float) -> None:
        x, length, ground = _x(self.begin, self.rounds, share), self.length, self.ground_y
        tall, half = round(0.2 * length), length // 2
        _box(picture, (x - half, ground - round(1.1 * tall)), (x + half, ground - tall // 4), self.colour)
        roof = [(-0.3, 1.0), (-0.2, 1.8), (0.18, 1.8), (0.32, 1.0)]
        _polygon(picture, [(x + round(along * length), ground - round(up * tall)) for along, up in roof], self.colour)
        window = [(-0.25, 1.1), (-0.17, 1.68), (0.15, 1.68), (0.25, 1.1)]
        _polygon(picture, [(x + round(along * length), ground - round(up * tall)) for along, up in window], _GLASS)
        for along in (-0.3, 0.3):
            wheel = (x + round(along * length), ground - tall // 4)
            cv2.circle(picture, wheel, round(0.085 * length), _DARK, -1, cv2.LINE_AA)
            cv2.circle(picture, wheel, round(0.035 * length), (150, 150, 150), -1, cv2.LINE_AA)


@dataclass(frozen=True)
class Street:
    sky: tuple[Colour, Colour]
    walls: tuple[Colour, ...]
    lawn: Colour
    passers: tuple[Walker | Car, ...]

    def pictures(self) -> Iterator[Picture]:
        background = self._background()
        for index in range(FPS * SECONDS):
            picture = background.copy()
            for passer in self.passers:
                passer.draw(picture, index / (FPS * SECONDS))
            yield picture

    def _background(self) -> Picture:
        shade = np.linspace(0, 1, HEIGHT)[:, None, None]
        top, bottom = (np.array(colour, float) for colour in self.sky)
        picture = np.broadcast_to(top + (bottom - top) * shade, (HEIGHT, WIDTH, 3)).round().astype(np.uint8).copy()
        for at in range(0, WIDTH, 120):
            cv2.ellipse(picture, (at + 40, 250), (95, 80), 0, 0, 360, _darker(self.lawn, 0.75), -1, cv2.LINE_AA)
        for at, wall in enumerate(self.walls):
            _house(picture, 30 + at * (WIDTH - 60) // len(self.walls), (WIDTH - 60) // len(self.walls) - 36, wall)
        _box(picture, (0, 300), (WIDTH, 345), self.lawn)
        _box(picture, (0, 345), (WIDTH, 380), (168, 172, 176))
        _box(picture, (0, 380), (WIDTH, 470), (98, 98, 102))
        for x in range(20, WIDTH, 130):
            _box(picture, (x, 423), (x + 66, 428), (205, 208, 210))
        _box(picture, (0, 470), (WIDTH, HEIGHT), (176, 180, 184))
        for x in range(-60, WIDTH, 96):
            _line(picture, (x + 60, 470), (x, HEIGHT), (158, 162, 166), 2)
        return picture


def _house(picture: Picture, left: int, width: int, wall: Colour) -> None:
    right, eaves, ground = left + width, 130, 305
    _box(picture, (left, eaves), (right, ground), wall)
    roof = [(left - 14, eaves), (left + width // 5, eaves - 62), (right - width // 5, eaves - 62), (right + 14, eaves)]
    _polygon(picture, roof, _darker(wall, 0.55))
    for x in range(left + 22, right - 44, 62):
        for y in (152, 222):
            _box(picture, (x, y), (x + 34, y + 42), (96, 92, 86))
            _box(picture, (x + 3, y + 3), (x + 31, y + 39), _GLASS)
            _line(picture, (x + 17, y), (x + 17, y + 42), (96, 92, 86), 2)
    door = left + width // 2
    _box(picture, (door - 18, 232), (door + 18, ground), _darker(wall, 0.4))


def _x(begin: float, rounds: int, share: float) -> int:
    return round((begin + rounds * share) % 1 * (WIDTH + 2 * _MARGIN_PX)) - _MARGIN_PX


def _darker(colour: Colour, by: float) -> Colour:
    blue, green, red = (round(part * by) for part in colour)
    return blue, green, red


def _box(picture: Picture, corner: tuple[int, int], other: tuple[int, int], colour: Colour) -> None:
    cv2.rectangle(picture, corner, other, colour, -1)


def _line(
    picture: Picture, start: tuple[int, int], end: tuple[int, int], colour: tuple[int, ...], width_px: int
) -> None:
    cv2.line(picture, start, end, colour, width_px, cv2.LINE_AA)


def _polygon(picture: Picture, corners: list[tuple[int, int]], colour: Colour) -> None:
    cv2.fillPoly(picture, [np.array(corners, np.int32)], colour, cv2.LINE_AA)


RED, BLUE, MAGENTA, GREEN, ORANGE = (40, 40, 220), (225, 90, 20), (190, 30, 200), (70, 175, 20), (10, 120, 240)

STREETS = {
    "gate": Street(
        ((214, 188, 160), (240, 232, 220)),
        ((166, 182, 196), (150, 160, 176), (178, 190, 190)),
        (112, 150, 126),
        (Car(ORANGE, 418, 190, -2, 0.6), Walker(RED, 505, 150, 1, 0.3), Walker(BLUE, 522, 165, -1, 0.75)),
    ),
    "drive": Street(
        ((150, 132, 128), (176, 176, 205)),
        ((126, 136, 156), (140, 140, 150)),
        (84, 116, 100),
        (Car(BLUE, 415, 200, 1, 0.45), Walker(MAGENTA, 522, 150, -1, 0.3)),
    ),
    "yard": Street(
        ((190, 176, 150), (226, 222, 206)),
        ((172, 172, 160), (150, 168, 170), (160, 176, 190), (176, 168, 160)),
        (104, 160, 120),
        (Walker(GREEN, 372, 110, -1, 0.4), Walker(ORANGE, 515, 160, 1, 0.1)),
    ),
}


def film(path: Path, street: Street) -> Path:
    """Writes the clip, whose end goes on into its beginning."""
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as output:
        video = output.add_stream("libx264", rate=FPS, options={"preset": "veryfast", "bf": "0", "g": str(2 * FPS)})
        assert isinstance(video, VideoStream)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index, picture in enumerate(street.pictures()):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            output.mux(video.encode(frame))
        output.mux(video.encode(None))
    return path
