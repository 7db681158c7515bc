import pytest

from pipeline.models.window import Window


def window(*, gap_s: float | None, run_s: float | None, max_batch: int = 4) -> Window:
    made = Window(max_batch)
    if gap_s is not None:
        for arrival in range(50):
            made.arrived(arrival * gap_s)
    if run_s is not None:
        made.ran(run_s)
    return made


@pytest.mark.parametrize(
    ("gap_s", "run_s", "waiting", "hold_s"),
    [
        pytest.param(None, None, 1, 0.0, id="nothing is known yet"),
        pytest.param(0.001, None, 1, 0.0, id="no run was measured yet"),
        pytest.param(0.2, 0.02, 1, 0.0, id="the next one is too far off: five frames a second, one camera"),
        pytest.param(0.001, 0.02, 1, 0.003, id="three more within three milliseconds"),
        pytest.param(0.001, 0.02, 3, 0.001, id="one more within a millisecond"),
        pytest.param(0.001, 0.02, 4, 0.0, id="the batch is full"),
        pytest.param(0.004, 0.02, 1, 0.005, id="never longer than five milliseconds"),
        pytest.param(0.001, 0.004, 1, 0.002, id="never longer than half a run"),
    ],
)
def test_holds_only_for_company_that_is_expected(
    gap_s: float | None, run_s: float | None, waiting: int, hold_s: float
) -> None:
    assert window(gap_s=gap_s, run_s=run_s).hold_s(waiting) == pytest.approx(hold_s)


def test_a_cpu_never_holds() -> None:
    assert window(gap_s=0.0001, run_s=0.05, max_batch=1).hold_s(1) == 0.0


def test_cameras_that_went_away_stop_the_holding() -> None:
    made = window(gap_s=0.001, run_s=0.02)
    made.arrived(10.0)
    assert made.hold_s(1) == 0.0
