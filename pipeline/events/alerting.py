"""From events to alerts."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.core.clock import Clock
from pipeline.core.event import Event
from pipeline.events.alert_maker import AlertMaker
from pipeline.events.alert_memory import AlertMemory
from pipeline.events.alert_rule import AlertRule
from pipeline.events.dispatch import Dispatcher
from pipeline.events.matching import Cooldowns, mismatch
from pipeline.events.media import MediaFolder

PICTURE_WITHIN_S = 0.5
"""An alert waits so long for the first picture of its object, which is made after the event."""
CAPACITY = 256


@dataclass(frozen=True, slots=True)
class _Draft:
    rule: AlertRule
    event: Event
    due_at: float


class Alerting:
    """Finds the rules that an event matches for the first time, and speaks for those that are not cooling down."""

    def __init__(
        self,
        rules: Sequence[AlertRule],
        clock: Clock,
        dispatcher: Dispatcher,
        media: MediaFolder,
        maker: AlertMaker,
        memory: AlertMemory,
    ) -> None:
        self._rules = rules
        self._clock = clock
        self._cooldowns = Cooldowns(clock)
        self._dispatcher = dispatcher
        self._media = media
        self._maker = maker
        self._drafts: deque[_Draft] = deque()
        self._memory = memory

    def rules_for(self, event: Event) -> list[AlertRule]:
        """The rules that match and are not among `event.rules` already; notes why the others do not."""
        return [rule for rule in self._rules if rule.name not in event.rules and self._matches(rule, event)]

    def _matches(self, rule: AlertRule, event: Event) -> bool:
        reason = mismatch(rule.when, event)
        if reason is None:
            self._memory.matched(rule.name, event)
        elif reason != "event" and reason != "camera" and event.state == "end":  # before that it may yet come to match
            self._memory.left_out(rule.name, reason, event)
        return reason is None

    async def add(self, rule: AlertRule, event: Event) -> None:
        """Sent as soon as it has its picture, in the order of the calls."""
        self._drafts.append(_Draft(rule, event, self._clock.monotonic() + PICTURE_WITHIN_S))
        await self.send_ready(all_of_them=len(self._drafts) > CAPACITY)

    async def send_ready(self, *, all_of_them: bool = False) -> None:
        """Hands over what has its picture, needs none, or has waited long enough."""
        while self._drafts:
            draft = self._drafts[0]
            picture = await asyncio.to_thread(self._picture, draft.event)
            can_wait = draft.event.object_id is not None and self._clock.monotonic() < draft.due_at
            if picture is None and can_wait and not all_of_them:
                return
            self._drafts.popleft()
            self._hand_over(draft, picture)

    def _hand_over(self, draft: _Draft, picture: bytes | None) -> None:
        rule, event = draft.rule, draft.event
        if not self._cooldowns.is_over(rule, event.camera):
            self._memory.left_out(rule.name, "cooldown", event)
            return
        if self._dispatcher.hand(self._maker.alert(rule, event, picture), rule.send):
            self._cooldowns.begin(rule, event.camera)
        else:
            self._memory.left_out(rule.name, "no sink", event)

    def _picture(self, event: Event) -> bytes | None:
        try:
            path = self._media.snapshot(event.object_id or event.id)
            return path.read_bytes() if path else None
        except OSError:  # gone since, or a disk that fails: an alert without its picture is better than none
            return None
