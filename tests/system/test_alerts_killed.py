"""No alert is lost, whenever the process is killed."""

from pathlib import Path

import pytest

from tests.system.alerts_killed import alerts_killed

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

AFTER_S = (0.0, 0.05, 0.3, 0.52, 0.61, 0.7, 0.4, 0.8, 0.9, 0.1)
"""An alert waits half a second for a picture, and is sent then: before, meanwhile and after."""


async def test_no_alert_is_lost_by_kill_9_nor_told_with_another_key(tmp_path: Path) -> None:
    outcome = await alerts_killed(tmp_path, AFTER_S, away=(4, 5))
    assert len(outcome.told) > len(AFTER_S)
    assert outcome.missing_events == []
    assert outcome.missing_alerts == []
    assert outcome.with_several_keys == []
    assert outcome.out_of_order == []
