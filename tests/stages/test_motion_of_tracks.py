"""The filters' shortcuts say what ultralytics' own way says."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from pipeline.stages.tracking.motion import ApartXYAH, ApartXYWH, KalmanFilterXYAH, KalmanFilterXYWH, predict

FILTERS = [pytest.param(KalmanFilterXYAH, ApartXYAH, id="XYAH"), pytest.param(KalmanFilterXYWH, ApartXYWH, id="XYWH")]
SIGHTS = np.array([(300.0, 200.0, 0.4, 90.0), (304.0, 203.0, 0.43, 94.0), (311.0, 204.0, 0.39, 99.0)])


def seen(kalman: Any) -> tuple[Any, Any]:
    """A state that has learned a speed, in size as well."""
    mean, covariance = kalman.initiate(SIGHTS[0])
    for sight in SIGHTS[1:]:
        mean, covariance = kalman.update(*kalman.predict(mean, covariance), sight)
    return mean, covariance


@pytest.mark.parametrize(("theirs", "ours"), FILTERS)
def test_a_sight_corrects_the_state_as_in_ultralytics(theirs: Any, ours: Any) -> None:
    for wanted, got in zip(seen(theirs()), seen(ours()), strict=True):
        assert got == pytest.approx(wanted, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("theirs", "ours"), FILTERS)
@pytest.mark.parametrize("ticks", [1, 2, 5, 29])
def test_many_ticks_at_once_are_as_many_predictions(theirs: Any, ours: Any, ticks: int) -> None:
    kalman = theirs()
    mean, covariance = seen(kalman)
    tracks = [SimpleNamespace(mean=mean, covariance=covariance, shared_kalman=kalman) for _ in range(2)]
    predict(tracks, ticks)
    for _ in range(ticks):
        mean, covariance = kalman.predict(mean, covariance)
    for track in tracks:
        assert track.mean == pytest.approx(mean, rel=1e-9)
        assert track.covariance == pytest.approx(covariance, rel=1e-9, abs=1e-12)
