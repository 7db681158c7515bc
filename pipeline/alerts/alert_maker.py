"""From an event and the rule that it matched to the alert that people read."""

from collections.abc import Callable
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from msgspec.structs import replace

from pipeline.alerts.alert_rule import AlertRule
from pipeline.core.event import Alert, Event
from pipeline.core.ids import new_id
from pipeline.core.message import worded
from pipeline.core.sentence import sentence

LinkTo = Callable[[str], str | None]
"""The address of an event, by its id, as people reach it; None where there is none."""


class AlertMaker:
    """Every alert is made here, so that each has its words, its link and its key."""

    def __init__(
        self,
        *,
        camera_name: Callable[[str], str] = str,
        link_to: LinkTo = lambda _event_id: None,
        page: str | None = None,
    ) -> None:
        """`camera_name` is what people call a camera; `page` the address of the Alerts page, for tests."""
        self._camera_name = camera_name
        self._link_to = link_to
        self._page = page

    def alert(self, rule: AlertRule, event: Event, *, escalation: bool = False) -> Alert:
        """Without its picture, which is looked for when it is sent."""
        key = f"framewatch:{event.id}/{rule.name}{'/escalation' if escalation else ''}"
        alert = Alert(id=str(uuid5(NAMESPACE_URL, key)), rule=rule.name, event=event, escalation=escalation)
        return self._worded(rule, alert, self._link_to(event.id))

    def test(self, rule: AlertRule, camera: str, now: float) -> Alert:
        """Says that it is a test, and what an alert of the rule would say; `camera` is where the rule names none."""
        said = f'This is a test of the alert rule "{rule.name}". Nothing has happened.'
        event = Event.instant("test", camera=next(iter(rule.when.cameras), camera), at=now, message=said)
        key = f"test-{new_id(now)}"
        alert = self._worded(rule, Alert(id=key, rule=rule.name, event=event, test=True), self._page)
        return replace(alert, title=f"Test: {alert.title}", text=f"{said}\n\n{alert.text}")

    def _worded(self, rule: AlertRule, alert: Alert, url: str | None) -> Alert:
        message, event = rule.message, alert.event
        known = replace(alert, url=url, camera_name=self._camera_name(event.camera), time=message.at(event.started_at))
        return worded(known, title=message.title, text=message.text)


def with_all_of_a_burst(alert: Alert) -> Alert:
    """Where it tells of several events, each has a line of its own; as it is where it tells of one."""
    if len(alert.events) < 2:
        return alert
    zone = alert.time.tzinfo if alert.time else None
    lines = [
        f"{datetime.fromtimestamp(event.started_at, zone):%H:%M:%S} {event.camera}: {sentence(event)}"
        for event in alert.events
    ]
    title = f"{alert.title} (and {len(lines) - 1} more)"
    return replace(alert, title=title, text="\n".join([alert.text, "", *lines]))
