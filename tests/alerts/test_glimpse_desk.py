"""Which alert rules were not asked about what was never believed."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.alerts.alert_rule import AlertRule, When
from pipeline.alerts.glimpse_desk import GlimpseDesk, could_fit
from pipeline.core.glimpse import GlimpseQuery
from pipeline.store.glimpses import put
from pipeline.store.store import EventStore
from tests.store.test_glimpses import glimpse

NIGHT = datetime(2026, 3, 2, 3, 0).timestamp()


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    """One database will do here."""
    return f"sqlite:///{tmp_path}/data/framewatch.db"


@pytest.mark.parametrize(
    ("when", "fits"),
    [
        ({}, True),
        ({"event": "object", "cameras": ["yard"], "objects": ["person"]}, True),
        ({"cameras": ["lane"]}, False),
        ({"objects": ["car"]}, False),
        ({"event": "zone_enter", "zones": ["door"]}, True),
        ({"event": "zone_enter", "zones": ["lawn"]}, False),
        ({"event": ["tamper", "camera_offline", "camera_online"]}, False),
        ({"event": ["tamper", "loitering"]}, True),
        ({"event": "line_cross", "lines": ["fence"]}, True),
        ({"attributes": {"colour": ["red"]}}, True),
        ({"profiles": ["away"]}, True),
        ({"min_score": 0.5}, False),
        ({"schedule": "22:00-06:00"}, True),
        ({"schedule": "08:00-17:00"}, False),
    ],
)
def test_rules_that_could_fit(when: dict[str, Any], fits: bool) -> None:
    assert could_fit(When.model_validate(when), glimpse(1, first_seen_at=NIGHT)) == fits


async def test_a_rule_of_zones_is_not_asked_about_what_was_in_none(store: EventStore) -> None:
    rule = AlertRule.model_validate({"name": "night", "when": {"event": "zone_enter"}, "send": "phone"})
    store.edit(lambda connection: put(connection, [glimpse(1, zones=[]), glimpse(2)])).result(timeout=10)
    page = await GlimpseDesk([rule], store).glimpses(GlimpseQuery(), limit=5)
    assert [each.rules for each in page.items] == [["night"], []]
