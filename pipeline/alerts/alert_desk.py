"""What people ask of the alert rules: how they do, and whether they arrive."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from pipeline.alerts import alert_history
from pipeline.alerts.alert_maker import AlertMaker
from pipeline.alerts.alert_memory import AlertMemory
from pipeline.alerts.alert_rule import AlertRule
from pipeline.alerts.dispatch import Dispatcher
from pipeline.alerts.profiles import ProfileSwitch
from pipeline.alerts.snoozes import Snoozes
from pipeline.core.alerts import AlertStatus, LastDelivery, SinkName, SinkOutcome
from pipeline.core.clock import Clock
from pipeline.core.event_query import EventQuery
from pipeline.store.audit import AuditLog
from pipeline.store.store import EventStore

DAY_S = 86_400.0


Still = Callable[[str], Awaitable[bytes | None]]
"""What a camera sees now, as JPEG; None where there is no picture to be had."""


async def no_still(_camera: str) -> bytes | None:
    return None


@dataclass(frozen=True, slots=True)
class _Known:
    matched_24h: int
    last_matched_at: float | None
    delivered: tuple[int, float | None, str | None]
    last: list[LastDelivery]


class AlertDesk:
    """Used on the event loop. Of sinks it tells names and types, and what went wrong through `hide`."""

    def __init__(
        self,
        rules: Sequence[AlertRule],
        store: EventStore,
        dispatcher: Dispatcher,
        memory: AlertMemory,
        profiles: ProfileSwitch,
        snoozes: Snoozes,
        clock: Clock,
        *,
        sink_types: Mapping[str, str],
        hide: Callable[[str], str],
        maker: AlertMaker,
        camera: str = "",
        still: Still = no_still,
    ) -> None:
        """`hide` returns a text without secrets; tests of rules that name no camera speak of `camera`."""
        self._still = still
        self._camera = camera
        self._sink_types = sink_types
        self._hide = hide
        self._rules = {rule.name: rule for rule in rules}
        self._store = store
        self._dispatcher = dispatcher
        self._memory = memory
        self._profiles = profiles
        self._snoozes = snoozes
        self._clock = clock
        self._audit = AuditLog(store, clock)
        self._maker = maker

    @property
    def since(self) -> float:
        """When counting began (UTC seconds)."""
        return self._memory.since

    async def status(self) -> list[AlertStatus]:
        """Every rule, in the order of the configuration; raises StoreError."""
        known = await asyncio.to_thread(self._known)
        return [self._status(rule, known[name]) for name, rule in self._rules.items()]

    async def test(self, name: str) -> list[SinkOutcome]:
        """Sends a test through the rule's sinks, once each; raises KeyError where there is no such rule."""
        rule = self._rules[name]
        alert = self._maker.test(rule, self._camera, self._clock.time())
        alert = replace(alert, snapshot=await self._still(alert.event.camera))
        outcomes = await self._dispatcher.test(alert, rule.sinks)
        await self._audit.note("alerts.tested", [name])
        return [replace(outcome, error=self._shown(outcome.error)) for outcome in outcomes]

    def _known(self) -> dict[str, _Known]:
        """What the store knows of each rule."""
        return {name: self._known_of(rule) for name, rule in self._rules.items()}

    def _known_of(self, rule: AlertRule) -> _Known:
        after = self._clock.time() - DAY_S
        latest = self._store.list(EventQuery(rule=rule.name), limit=1).items
        matched_24h = self._store.count(EventQuery(rule=rule.name, after=after))
        delivered = self._store.ask(lambda connection: alert_history.delivered(connection, rule.name, after))
        last = self._store.ask(lambda connection: alert_history.last_of(connection, rule.name, rule.sinks))
        return _Known(matched_24h, latest[0].started_at if latest else None, delivered, last)

    def _shown(self, error: str | None) -> str | None:
        return None if error is None else self._hide(error)

    def _names(self, sinks: Sequence[str]) -> list[SinkName]:
        return [SinkName(name, self._sink_types.get(name, "")) for name in sinks]

    def _status(self, rule: AlertRule, known: _Known) -> AlertStatus:
        delivered_24h, last_delivered_at, last_delivered_event = known.delivered
        return AlertStatus(
            name=rule.name,
            when=rule.when.model_dump(mode="json", exclude_defaults=True),
            cooldown=rule.cooldown.seconds,
            cooldown_per=rule.cooldown.per,
            send=self._names(rule.send),
            matched_24h=known.matched_24h,
            last_matched_at=known.last_matched_at,
            delivered_24h=delivered_24h,
            last_delivered_at=last_delivered_at,
            last_delivered_event=last_delivered_event,
            deliveries=[replace(each, error=self._shown(each.error)) for each in known.last],
            left_out=self._memory.what_was_left_out(rule.name),
            group=rule.group,
            escalate_after=rule.escalate.after if rule.escalate else None,
            escalate_to=self._names(rule.escalate.send if rule.escalate else ()),
            is_on=self._profiles.keeps_still(rule) is None,
            snoozed_until=self._snoozes.until("rule", rule.name),
        )
