from typing import Any

import numpy as np
import pytest

from pipeline.core.camera import Camera
from pipeline.core.context import Context
from pipeline.core.frame import Frame
from pipeline.core.objects import Box
from pipeline.stages.motion import Motion
from tests.stages.scene import setup

LOBBY = Camera(name="lobby")


def moving(seconds: int, *, size: tuple[int, int] = (640, 360), **options: Any) -> list[tuple[Box, ...] | None]:
    """What is told of a dark square that goes to the right over light grey, once a second."""
    stage, (width, height), told = Motion(Motion.Options(**options), setup(LOBBY)), size, []
    for now in range(seconds):
        image = np.full((height, width, 3), 150, np.uint8)
        left = width // 8 + now * width // 20
        image[height // 3 : height // 2, left : left + width // 16] = 30
        ctx = Context(Frame.from_bgr(image, captured_at=float(now)), LOBBY, emit=lambda event: None)
        stage.process(ctx)
        told.append(ctx.motion)
    return told


@pytest.mark.parametrize("size", [(640, 360), (1280, 720), (240, 320), (64, 48)])
def test_it_says_where_something_moves(size: tuple[int, int]) -> None:
    for now, boxes in enumerate(moving(12, size=size)):
        if now >= 3:
            assert any(
                x1 <= (0.125 + now * 0.05) + 0.02 and x2 >= (0.125 + now * 0.05 + 0.0625) - 0.02
                for x1, _, x2, _ in boxes or ()
            )


def test_a_new_scene_is_motion_all_over() -> None:
    assert moving(2) == [((0.0, 0.0, 1.0, 1.0),)] * 2


def test_switched_off_nobody_says_what_moves() -> None:
    assert moving(5, enabled=False) == [None] * 5


@pytest.mark.parametrize("mask", ["0,0,1,0,1,1,0,1", ["0,0,1,0,1,1,0,1"], [[[0, 0], [1, 0], [1, 1], [0, 1]]]])
def test_behind_a_mask_nothing_moves(mask: Any) -> None:
    assert moving(6, mask=mask)[3:] == [()] * 3
