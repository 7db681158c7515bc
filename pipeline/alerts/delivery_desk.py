"""What people ask of deliveries: where they are, to send them again, to acknowledge them, and why."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from msgspec.structs import replace
from sqlalchemy import Connection

from pipeline.alerts import alert_history, held_back, outbox_rows
from pipeline.alerts.alert_rule import AlertRule
from pipeline.alerts.dispatch import Dispatcher
from pipeline.alerts.why import near_misses, why
from pipeline.core.acting import ACTOR
from pipeline.core.alerts import Delivery, DeliveryCounts, DeliveryState, Why
from pipeline.core.clock import Clock
from pipeline.core.event_edit import EditOutcome
from pipeline.store.audit import note
from pipeline.store.store import EventStore


class Reviewing(Protocol):
    async def review(self, ids: Sequence[str], reviewed: bool) -> EditOutcome: ...


class DeliveryDesk:
    """Used on the event loop; raises StoreError. What went wrong is told through `hide`, without secrets."""

    def __init__(
        self,
        rules: Sequence[AlertRule],
        store: EventStore,
        dispatcher: Dispatcher,
        editor: Reviewing,
        clock: Clock,
        hide: Callable[[str], str],
    ) -> None:
        self._rules = {rule.name: rule for rule in rules}
        self._store = store
        self._dispatcher = dispatcher
        self._editor = editor
        self._clock = clock
        self._hide = hide

    async def deliveries(
        self,
        *,
        states: Collection[DeliveryState] = (),
        sink: str | None = None,
        rule: str | None = None,
        limit: int = 50,
        before: int | None = None,
    ) -> list[Delivery]:
        """Newest first; `before` is the id of an earlier page's last."""

        def question(connection: Connection) -> list[Delivery]:
            return alert_history.found(connection, states=states, sink=sink, rule=rule, limit=limit, before=before)

        return self._shown(await asyncio.to_thread(self._store.ask, question))

    async def counts(self) -> list[DeliveryCounts]:
        """Of every sink that a rule names, or that something is left of."""
        sinks = list(dict.fromkeys(sink for rule in self._rules.values() for sink in rule.sinks))
        now = self._clock.time()
        return await asyncio.to_thread(self._store.ask, lambda connection: alert_history.counts(connection, sinks, now))

    async def send_again(self, *, ids: Collection[int] | None = None, sink: str | None = None) -> int:
        """Dead and dropped ones, by id or all of a sink; returns how many."""
        now, who = self._clock.time(), ACTOR.get()

        def again(connection: Connection) -> list[str]:
            """With the note of who wanted it, or not at all."""
            sinks = outbox_rows.send_again(connection, now, ids, sink)
            if sinks:
                note(connection, now, who, "alerts.sent_again", sorted({*sinks}))
            return sinks

        sinks = await asyncio.wrap_future(self._store.edit(again))
        self._dispatcher.wake(sinks)
        return len(sinks)

    async def acknowledge(self, alert: str) -> EditOutcome:
        """Somebody has seen to it: nobody else is told. Raises KeyError for an alert that nobody knows."""
        events = await asyncio.to_thread(self._store.ask, lambda connection: alert_history.events_of(connection, alert))
        if not events:
            raise KeyError(alert)
        return await self._editor.review(events, True)

    async def why(self, event_id: str, rule: str | None = None) -> Why:
        """Raises KeyError (with the name) for an event or a rule that is not there."""
        rules = [*self._rules.values()] if rule is None else [self._rules[rule]]
        event = await asyncio.to_thread(self._store.get, event_id)
        if event is None:
            raise KeyError(event_id)
        told = self._shown(
            await asyncio.to_thread(self._store.ask, lambda connection: alert_history.of_event(connection, event_id))
        )
        held = await asyncio.to_thread(self._store.ask, lambda connection: held_back.of_event(connection, event_id))
        return Why(event_id, [why(each, event, told, held) for each in rules], near_misses(event))

    def _shown(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        return [replace(each, error=each.error and self._hide(each.error)) for each in deliveries]
