"""A test of an alert rule without a running system."""

import asyncio
from collections.abc import Sequence

from msgspec.structs import replace

from pipeline.alerts.alert_maker import AlertMaker
from pipeline.alerts.lane import words
from pipeline.app.alert_sinks import alert_sinks, hiding_secrets
from pipeline.config import Config
from pipeline.core.alerts import SinkOutcome
from pipeline.core.clock import SystemClock
from pipeline.core.contracts import AlertSink
from pipeline.core.event import Alert


async def send_test(config: Config, name: str) -> Sequence[SinkOutcome]:
    """Sends a message that says it is a test to each of the rule's sinks; raises KeyError for no such rule."""
    rule = {rule.name: rule for rule in config.alerts}[name]
    url = config.server.external_url
    alert = AlertMaker(page=url and f"{url}/#alerts").test(rule, next(iter(config.cameras), ""), SystemClock().time())
    sinks = alert_sinks(config)
    hide = hiding_secrets(config)
    try:
        timeout_s = config.delivery.timeout
        outcomes = await asyncio.gather(*(_tested(each, sinks[each], alert, timeout_s) for each in rule.sinks))
    finally:
        for sink in sinks.values():
            await sink.close()
    return [replace(outcome, error=outcome.error and hide(outcome.error)) for outcome in outcomes]


async def _tested(name: str, sink: AlertSink, alert: Alert, timeout_s: float) -> SinkOutcome:
    try:
        async with asyncio.timeout(timeout_s):
            await sink.send(alert)
    except Exception as error:
        return SinkOutcome(name, words(error))
    return SinkOutcome(name, None)
