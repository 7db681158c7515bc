"""Ultralytics' Kalman filters, with less work for the same figures.

A filter's state is a box and how it changes with each tick: (8,), four sides and their four speeds. Each side has its
own doubt, which only its own speed shares.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.models.ultra import ultralytics
from pipeline.stages.tracking.found import Floats

ultralytics()  # before the import below

from ultralytics.trackers.utils.kalman_filter import KalmanFilterXYAH, KalmanFilterXYWH  # noqa: E402

__all__ = ["ApartXYAH", "ApartXYWH", "KalmanFilterXYAH", "KalmanFilterXYWH", "predict"]

_SIDES, _SPEEDS = np.arange(4), np.arange(4, 8)


class _Apart:
    """No side says anything of another, as long as nobody turns the picture: then a division solves the equations."""

    def update(
        self, mean: Floats, covariance: Floats, measurement: Floats, confidence: float | None = None
    ) -> tuple[Floats, Floats]:
        expected, doubt = self.project(mean, covariance, confidence)  # type: ignore[attr-defined]
        gain = covariance[:, :4] / doubt.diagonal()
        return mean + gain @ (measurement - expected), covariance - gain @ covariance[:4]


class ApartXYAH(_Apart, KalmanFilterXYAH):  # type: ignore[misc]
    """For centre, proportion and height."""


class ApartXYWH(_Apart, KalmanFilterXYWH):  # type: ignore[misc]
    """For centre, width and height."""


def predict(tracks: Sequence[Any], ticks: int) -> None:
    """Moves the tracks `ticks` on, as so many predictions by their filter would.

    Each tick adds the filter's noise, which depends on the size that the box has by then, and of which the part in
    the speeds carries on to the sides with every further tick.
    """
    mean = np.stack([track.mean for track in tracks])
    covariance = np.stack([track.covariance for track in tracks])
    passed = np.arange(ticks)[:, None]
    between = np.repeat(mean[:, None], ticks, axis=1)  # (T, ticks, 8)
    between[..., :4] += passed * mean[:, None, 4:]
    sides, speeds = np.split(_noise(tracks[0].shared_kalman, between), 2, axis=-1)
    remain = passed[::-1]
    carried = (remain * speeds).sum(axis=1)
    mean[:, :4] += ticks * mean[:, 4:]
    covariance[:, :4] += ticks * covariance[:, 4:]
    covariance[:, :, :4] += ticks * covariance[:, :, 4:]
    covariance[:, _SIDES, _SIDES] += (sides + remain**2 * speeds).sum(axis=1)
    covariance[:, _SIDES, _SPEEDS] += carried
    covariance[:, _SPEEDS, _SIDES] += carried
    covariance[:, _SPEEDS, _SPEEDS] += speeds.sum(axis=1)
    for track, *state in zip(tracks, mean, covariance, strict=True):
        track.mean, track.covariance = state


def _noise(kalman: KalmanFilterXYAH, states: Floats) -> Floats:
    """The variances (…, 8) that one tick adds to each state (…, 8): what a prediction makes of no doubt at all."""
    flat = states.reshape(-1, 8)
    _, noise = kalman.multi_predict(flat, np.zeros((len(flat), 8, 8)))
    variances: Floats = noise.diagonal(axis1=1, axis2=2).reshape(states.shape)
    return variances
