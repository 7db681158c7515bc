"""What people ask of the alert rules: how they do, and whether they arrive."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from pipeline.core.alerts import AlertStatus, Delivery, SinkName, SinkOutcome
from pipeline.core.clock import Clock
from pipeline.core.event_query import EventQuery
from pipeline.events.alert_maker import AlertMaker
from pipeline.events.alert_memory import AlertMemory
from pipeline.events.alert_rule import AlertRule
from pipeline.events.dispatch import Dispatcher
from pipeline.events.store import EventStore

DAY_S = 86_400.0


class AlertDesk:
    """Used on the event loop. Of sinks it tells names and types, and what went wrong through `hide`."""

    def __init__(
        self,
        rules: Sequence[AlertRule],
        store: EventStore,
        dispatcher: Dispatcher,
        memory: AlertMemory,
        clock: Clock,
        *,
        sink_types: Mapping[str, str],
        hide: Callable[[str], str],
        maker: AlertMaker,
        camera: str = "",
    ) -> None:
        """`hide` returns a text without secrets; tests of rules that name no camera speak of `camera`."""
        self._camera = camera
        self._sink_types = sink_types
        self._hide = hide
        self._rules = {rule.name: rule for rule in rules}
        self._store = store
        self._dispatcher = dispatcher
        self._memory = memory
        self._clock = clock
        self._maker = maker

    @property
    def since(self) -> float:
        """When counting began (UTC seconds)."""
        return self._memory.since

    async def status(self) -> list[AlertStatus]:
        """Every rule, in the order of the configuration; raises StoreError."""
        matches = await asyncio.to_thread(self._matches)
        return [self._status(rule, *matches[name]) for name, rule in self._rules.items()]

    async def test(self, name: str) -> list[SinkOutcome]:
        """Sends a test through the rule's sinks, once each; raises KeyError where there is no such rule."""
        rule = self._rules[name]
        alert = self._maker.test(rule, self._camera, self._clock.time())
        outcomes = await self._dispatcher.test(alert, rule.send)
        return [replace(outcome, error=self._shown(outcome.error)) for outcome in outcomes]

    def _matches(self) -> dict[str, tuple[int, float | None]]:
        """By rule, how many events matched it in the last 24 hours, and when the latest began."""
        after = self._clock.time() - DAY_S
        return {
            name: (self._store.count(EventQuery(rule=name, after=after)), self._last_match(name))
            for name in self._rules
        }

    def _last_match(self, name: str) -> float | None:
        latest = self._store.list(EventQuery(rule=name), limit=1).items
        return latest[0].started_at if latest else None

    def _without_secrets(self, delivery: Delivery) -> Delivery:
        return replace(delivery, error=self._shown(delivery.error))

    def _shown(self, error: str | None) -> str | None:
        return None if error is None else self._hide(error)

    def _status(self, rule: AlertRule, matched_24h: int, last_matched_at: float | None) -> AlertStatus:
        delivered_24h, last_delivered_at, last_delivered_event = self._memory.delivered(rule.name)
        return AlertStatus(
            name=rule.name,
            when=rule.when.model_dump(mode="json", exclude_defaults=True),
            cooldown=rule.cooldown,
            send=[SinkName(name, self._sink_types.get(name, "")) for name in rule.send],
            matched_24h=matched_24h,
            last_matched_at=last_matched_at,
            delivered_24h=delivered_24h,
            last_delivered_at=last_delivered_at,
            last_delivered_event=last_delivered_event,
            deliveries=[self._without_secrets(delivery) for delivery in self._memory.deliveries(rule.name)],
            left_out=self._memory.what_was_left_out(rule.name),
        )
