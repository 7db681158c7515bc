"""Where many tracks are and how they go: ByteTrack's Kalman filter, for all of them in one go.

A box is told by its centre x and y, its proportion (width / height) and its height, in pixels. None of these four says
anything of another: each has a filter of its own, and a division solves its equations. The states of N tracks are
(5, N, 4): the four, what they change by in a tick, the variance of the four, the covariance of both, and the variance
of the change. How large the noise is comes from DeepSORT (Wojke et al. 2017).
"""

from functools import cache

import numpy as np

from pipeline.stages.tracking.found import Floats

HEIGHT = 3
PLACE, CHANGE = (1 / 20) ** 2, (1 / 160) ** 2
"""Variances for a box one pixel high; they grow with the square of its height."""
_BY_HEIGHT = np.array([1.0, 1.0, 0.0, 1.0])
_SIGHT = PLACE * _BY_HEIGHT
PROPORTION, PROPORTION_CHANGE, PROPORTION_SIGHT = np.outer([1e-2, 1e-5, 1e-1], 1 - _BY_HEIGHT) ** 2
"""The proportion's variances know no height."""


def measured(xyxy: Floats) -> Floats:
    """Boxes (N, 4) as the filter sees them, (N, 4)."""
    size = xyxy[:, 2:] - xyxy[:, :2]
    return np.concatenate([xyxy[:, :2] + size / 2, size[:, :1] / size[:, 1:], size[:, 1:]], axis=1)


def xyxy(states: Floats) -> Floats:
    """Boxes (N, 4)."""
    place = states[0]
    centre, half = place[:, :2], place[:, 2:] / 2
    half[:, 0] *= place[:, HEIGHT]
    return np.concatenate([centre - half, centre + half], axis=1)


def begun(sights: Floats) -> Floats:
    """Of what was seen once, (N, 4)."""
    states = np.zeros((5, *sights.shape))
    by_height = _BY_HEIGHT * sights[:, HEIGHT:] ** 2
    states[0] = sights
    states[2] = 2**2 * PLACE * by_height + PROPORTION
    states[4] = 10**2 * CHANGE * by_height + PROPORTION_CHANGE
    return states


def predicted(states: Floats, ticks: int) -> Floats:
    """Those `ticks` later, as so many predictions one after the other would have them."""
    passed, moved, noise, proportion_noise = _passing(ticks)
    heights = states[0, :, HEIGHT] + states[1, :, HEIGHT] * passed  # (ticks, N)
    later: Floats = (moved @ states.reshape(5, -1)).reshape(states.shape)
    later += (noise @ heights**2)[..., None] * _BY_HEIGHT
    later += proportion_noise
    return later


@cache
def _passing(ticks: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Ticks passed before each, (ticks, 1); what becomes of a state by itself, (5, 5); the noise of each tick for a
    box one pixel high, (5, ticks), and that of the proportion in all, (5, 1, 4).

    A tick's noise in the change carries on to the place with every further tick.
    """
    remain, each, none = np.arange(float(ticks))[::-1], np.ones(ticks), np.zeros(ticks)
    moved = np.eye(5)
    moved[0, 1] = moved[3, 4] = ticks
    moved[2, 3:] = 2 * ticks, ticks**2
    added, carried = np.array([none, none, each, none, none]), np.array([none, none, remain**2, remain, each])
    proportion = np.outer(added.sum(axis=1), PROPORTION) + np.outer(carried.sum(axis=1), PROPORTION_CHANGE)
    return remain[::-1, None], moved, PLACE * added + CHANGE * carried, proportion[:, None]


def corrected(states: Floats, sights: Floats) -> Floats:
    """Those after they were seen at `sights`, (N, 4): Kalman's correction, each of the four for itself."""
    place, change, doubt, shared, change_doubt = states
    sight_doubt = place[:, HEIGHT:] ** 2 * _SIGHT + PROPORTION_SIGHT
    gain, change_gain = states[2:4] / (doubt + sight_doubt)
    off = sights - place
    return np.array(
        [
            place + gain * off,
            change + change_gain * off,
            doubt - gain * doubt,
            shared - gain * shared,
            change_doubt - change_gain * shared,
        ]
    )
