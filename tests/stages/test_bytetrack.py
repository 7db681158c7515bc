"""ByteTrack in one table says what ultralytics' own says, by the clock."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import lap
import numpy as np
import pytest

from pipeline.stages.tracking.bytetrack import ByteTrack
from pipeline.stages.tracking.found import Found
from pipeline.stages.tracking.matching import assigned, doubtful_overlap, overlap
from pipeline.stages.tracking.motion import KalmanFilterXYAH
from pipeline.stages.tracking.states import begun, corrected, measured, predicted, xyxy
from pipeline.stages.tracking.trackers import ByClock

BOXES = np.array([(300.0, 155.0, 336.0, 245.0), (20.0, 30.0, 120.0, 80.0)])
SIGHTS = [BOXES + np.array(moved) for moved in ((0, 0, 0, 0), (4, 3, 6, 9), (11, 4, 10, 12))]
SETTINGS = {"fuse_score": True, "track_buffer": 90, "new_track_thresh": 0.0, "ticks_per_s": 30.0}


def close(theirs: Any, ours: Any) -> None:
    """`theirs`: a mean (8,) and a covariance (8, 8) for each track; `ours`: (5, N, 4)."""
    for at, (mean, covariance) in enumerate(theirs):
        sides, speeds = range(4), range(4, 8)
        own = [covariance[sides, sides], covariance[sides, speeds], covariance[speeds, speeds]]
        assert ours[:, at] == pytest.approx(np.array([mean[:4], mean[4:], *own]), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("ticks", [1, 2, 5, 29])
def test_states_go_as_in_ultralytics(ticks: int) -> None:
    kalman = KalmanFilterXYAH()
    first, *others = (measured(boxes) for boxes in SIGHTS)
    ours, theirs = begun(first), [kalman.initiate(sight) for sight in first]
    close(theirs, ours)
    for sights in others:
        ours = predicted(ours, ticks)
        for _ in range(ticks):
            theirs = [kalman.predict(*state) for state in theirs]
        close(theirs, ours)
        ours = corrected(ours, sights)
        theirs = [kalman.update(*state, sight) for state, sight in zip(theirs, sights, strict=True)]
        close(theirs, ours)


def test_boxes_come_back_as_they_were() -> None:
    assert xyxy(begun(measured(BOXES))) == pytest.approx(BOXES)


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (6, 4), (12, 12)])
def test_the_nearest_in_all_are_found_with_and_without_weighing_up(shape: tuple[int, int]) -> None:
    random, limit = np.random.default_rng(4), 0.8
    for crowded in (0.1, 0.9) * 50:
        distances = np.where(random.random(shape) < crowded, random.random(shape), 1.0)
        rows, columns = list(range(10, 10 + shape[0])), list(range(50, 50 + shape[1]))
        wanted = enumerate(lap.lapjv(distances, extend_cost=True, cost_limit=limit)[1].tolist())
        pairs = [(row + 10, column + 50) for row, column in wanted if column >= 0]
        assert list(assigned(distances, rows, columns, limit).items()) == pairs


def test_overlap_is_shared_area_by_area_of_both() -> None:
    here, there = np.array([(0.0, 0.0, 10.0, 10.0)]), np.array([(5.0, 0.0, 15.0, 10.0), (20.0, 0.0, 30.0, 10.0)])
    assert overlap(here[:, None], there)[0] == pytest.approx([1 / 3, 0])
    doubt, alike = np.array([[6.0, 0.0]]), np.array([[True, True]])
    assert doubtful_overlap(here, there, doubt, alike)[0] == pytest.approx([17 / 27, 2 / 42])
    assert not doubtful_overlap(here, there, doubt, ~alike).any()


def crowd(frames: int, own_limits: bool) -> Iterator[Found]:
    """Some walk, stand, overlap, are missed, are hardly seen, or change their class for a moment."""
    random = np.random.default_rng(7)
    count = 12
    centre, way = random.uniform(100, 500, (count, 2)), random.normal(0, 5, (count, 2))
    size = random.uniform((30, 60), (80, 160), (count, 2))
    kind, shown = random.integers(0, 2, count), random.random(count) < 0.8
    for _ in range(frames):
        way += random.normal(0, 1, way.shape)
        way[(centre < 0) & (way < 0) | (centre > 600) & (way > 0)] *= -1
        centre += way
        shown ^= random.random(count) < 0.03
        there = shown & (random.random(count) < 0.85)
        half = size * np.exp(random.normal(0, 0.05, size.shape)) / 2
        boxes = np.concatenate([centre - half, centre + half], axis=1)[there].astype(np.float32)
        scores = np.where(random.random(count) < 0.8, random.uniform(0.3, 1, count), 0.15)[there].astype(np.float32)
        first = scores >= 0.25
        yield Found(
            boxes,
            scores,
            np.where(random.random(count) < 0.05, 1 - kind, kind)[there],
            first=first,
            second=~first,
            begins=first & (scores > 0.4),
            match_thresh=random.choice([0.6, 0.8], len(boxes)) if own_limits else np.array(0.65),
        )


@pytest.mark.parametrize("ticks", [1, 6])
@pytest.mark.parametrize("own_ticks", [1, 3])
@pytest.mark.parametrize("own_limits", [False, True])
@pytest.mark.parametrize("fuse_score", [False, True])
def test_steps_are_those_of_ultralytics(ticks: int, own_ticks: int, own_limits: bool, fuse_score: bool) -> None:
    match = 0.8 if own_limits else 0.65
    settings = SimpleNamespace(**SETTINGS | {"own_ticks": own_ticks, "fuse_score": fuse_score, "match_thresh": match})
    ours, theirs = ByteTrack(settings), ByClock(settings)
    lost = 0
    for number, found in enumerate(crowd(250, own_limits)):
        if number % 100 == 99:
            ours.rest()
            theirs.rest()
        aged = ticks if number % 50 else 40 * ticks  # now and then nobody looks for a while
        steps = [tracker.step(found, None, ticks=ticks, aged=aged) for tracker in (theirs, ours)]
        assert steps[1] == steps[0], f"frame {number}"
        lost += len(steps[0].missed)
        if number % 20 == 19:
            forgotten = set(sorted(steps[0].missed)[::2])
            ours.forget(forgotten)
            theirs.forget(forgotten)
    assert lost > 250, "many are missed"
