"""From events to alerts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from pipeline.alerts import held_back, outbox_rows
from pipeline.alerts.alert_maker import AlertMaker
from pipeline.alerts.alert_memory import AlertMemory
from pipeline.alerts.alert_rule import AlertRule
from pipeline.alerts.cooldowns import Cooldowns
from pipeline.alerts.dispatch import Dispatcher
from pipeline.alerts.held_back import HeldBack
from pipeline.alerts.matching import mismatch
from pipeline.alerts.outbox_rows import Draft
from pipeline.alerts.profiles import ProfileSwitch
from pipeline.alerts.snoozes import Snoozes
from pipeline.core.alerts import WhyLeftOut
from pipeline.core.clock import Clock
from pipeline.core.event import Alert, Event

PICTURE_WITHIN_S = 0.5
"""An alert waits so long for the first picture of its object, which is made after the event."""
GROUP_GRACE_S = 0.25
"""A group is sent so long after its time: what came at the last moment is in the store by then."""


@dataclass(slots=True)
class Plan:
    """What a change of an event means for the alerts; written with it, in the same transaction."""

    event: Event
    rules: list[AlertRule] = field(default_factory=list)
    """Those that it matches for the first time."""
    drafts: list[Draft] = field(default_factory=list)
    joined: list[Draft] = field(default_factory=list)
    """Alerts that wait already and tell of this event too."""
    held: list[HeldBack] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.drafts or self.joined or self.held)

    def write(self, connection: Connection) -> None:
        outbox_rows.put(connection, self.drafts)
        for draft in self.joined:
            outbox_rows.extend(connection, draft, self.event)
        held_back.note(connection, self.event.id, self.held)


@dataclass(frozen=True, slots=True)
class _Group:
    until: float
    drafts: list[Draft]


class Alerting:
    """Finds the rules that an event matches for the first time, and speaks for those that may."""

    def __init__(
        self,
        rules: Sequence[AlertRule],
        clock: Clock,
        dispatcher: Dispatcher,
        maker: AlertMaker,
        memory: AlertMemory,
        cooldowns: Cooldowns,
        profiles: ProfileSwitch,
        snoozes: Snoozes,
    ) -> None:
        self._rules = rules
        self._clock = clock
        self._dispatcher = dispatcher
        self._maker = maker
        self._memory = memory
        self._cooldowns = cooldowns
        self._profiles = profiles
        self._snoozes = snoozes
        self._groups: dict[str, _Group] = {}

    def judge(self, event: Event) -> Plan:
        """The rules that match and are not among `event.rules` already; notes why the others do not."""
        plan = Plan(event)
        for rule in self._rules:
            if rule.name not in event.rules:
                self._judge(rule, plan)
        return plan

    def _judge(self, rule: AlertRule, plan: Plan) -> None:
        missing = mismatch(rule.when, plan.event)
        if missing is None and (words := self._profiles.keeps_still(rule)) is not None:
            self._hold_back(plan, rule, "profile", words)
        elif missing is None:
            self._memory.matched(rule.name, plan.event)
            plan.rules.append(rule)
        elif missing.reason not in ("event", "camera") and plan.event.state == "end":  # it may yet come to match
            self._memory.left_out(rule.name, missing.reason, plan.event)

    def fill(self, plan: Plan, event: Event, has_picture: Callable[[str], bool]) -> None:
        """What is to be sent of the rules that matched; `event` knows of them by now."""
        plan.event = event
        for rule in plan.rules:
            self._fill(plan, rule, has_picture(event.object_id or event.id) or event.object_id is None)

    def _fill(self, plan: Plan, rule: AlertRule, is_pictured: bool) -> None:
        now, event = self._clock.time(), plan.event
        if (until := self._snoozes.of(rule.name, event)) is not None:
            self._hold_back(plan, rule, "snoozed", f"snoozed until {datetime.fromtimestamp(until):%Y-%m-%d %H:%M}")
        elif (group := self._groups.get(rule.name)) is not None and now < group.until:
            plan.joined += group.drafts
        elif (left_s := self._cooldowns.left_s(rule, event)) > 0:
            whole_s = rule.cooldown.seconds
            self._hold_back(plan, rule, "cooldown", f"cooldown: {left_s:.0f} s of {whole_s:g} left")
        elif not (sinks := self._dispatcher.open_ones(rule.send)):
            self._hold_back(plan, rule, "no sink", "no sink was open")
        else:
            self._draft(plan, rule, sinks, now if is_pictured else now + PICTURE_WITHIN_S)

    def _hold_back(self, plan: Plan, rule: AlertRule, reason: WhyLeftOut, words: str) -> None:
        if not self._memory.is_left_out(rule.name, plan.event):
            plan.held.append(HeldBack(rule.name, reason, words, self._clock.time()))
        self._memory.left_out(rule.name, reason, plan.event)

    def _draft(self, plan: Plan, rule: AlertRule, sinks: Sequence[str], send_at: float) -> None:
        now, event = self._clock.time(), plan.event
        alert = self._maker.alert(rule, event)
        queue = event.object_id or event.id
        if rule.group:
            alert.events, queue, send_at = [event], alert.id, now + rule.group + GROUP_GRACE_S
        drafts = [_draft(rule, alert, sinks, now, send_at, queue)]
        if (escalate := rule.escalate) and (next_ones := self._dispatcher.open_ones(escalate.send)):
            later = self._maker.alert(rule, event, escalation=True)
            later.events = [*alert.events]
            drafts.append(_draft(rule, later, next_ones, now + escalate.after, now + escalate.after, later.id))
        if rule.group:
            self._groups[rule.name] = _Group(now + rule.group, drafts)
        plan.drafts += drafts
        self._cooldowns.begin(rule, event, alert.id)

    def committed(self, plan: Plan) -> None:
        """It is in the store: off it goes."""
        now = self._clock.time()
        for draft in plan.drafts:
            if draft.queue == (plan.event.object_id or plan.event.id) and draft.send_at > now:
                self._dispatcher.hold(draft.queue, draft.sinks, draft.send_at)
            self._dispatcher.wake(draft.sinks)
        for draft in plan.joined:
            self._dispatcher.wake(draft.sinks)

    def lost(self, plan: Plan) -> None:
        """The store has refused it; it is told all the same."""
        for draft in plan.drafts:
            self._groups.pop(draft.alert.rule, None)
            self._dispatcher.put_loose(draft)
        for draft in plan.joined:
            if not draft.alert.escalation:
                self._dispatcher.put_loose(outbox_rows.alone(draft, plan.event, draft.sinks))


def _draft(rule: AlertRule, alert: Alert, sinks: Sequence[str], at: float, send_at: float, queue: str) -> Draft:
    begins = max(at, send_at) if alert.escalation else at
    return Draft(
        alert=alert,
        sinks=sinks,
        created_at=begins,
        send_at=send_at,
        expires_at=None if rule.max_age is None else max(begins, send_at) + rule.max_age,
        queue=queue,
    )
