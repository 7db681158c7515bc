"""All that makes alerts of events and brings them to the sinks, joined in one place."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from pipeline.alerts import outbox_rows
from pipeline.alerts.alert_history import last_spoken
from pipeline.alerts.alert_maker import AlertMaker
from pipeline.alerts.alert_memory import AlertMemory
from pipeline.alerts.alert_rule import AlertRule
from pipeline.alerts.alerting import Alerting
from pipeline.alerts.cooldowns import Cooldowns
from pipeline.alerts.delivery_options import DeliveryOptions
from pipeline.alerts.dispatch import Dispatcher
from pipeline.alerts.outbox import Outbox
from pipeline.alerts.profile import Profile
from pipeline.alerts.profiles import ProfileSwitch
from pipeline.alerts.settings import Settings
from pipeline.alerts.snoozes import Snoozes
from pipeline.core.clock import Clock
from pipeline.core.contracts import AlertSink
from pipeline.core.metrics import Metrics
from pipeline.store.media import MediaFolder
from pipeline.store.store import EventStore

log = logging.getLogger(__name__)


class Alerts:
    """Used on one event loop. Whoever handles events asks `judging` what each means, and stores that with it."""

    def __init__(
        self,
        rules: Sequence[AlertRule],
        sinks: Mapping[str, AlertSink],
        store: EventStore,
        media: MediaFolder,
        clock: Clock,
        metrics: Metrics,
        *,
        maker: AlertMaker | None = None,
        profiles: Mapping[str, Profile] = MappingProxyType({}),
        delivery: DeliveryOptions = DeliveryOptions(),  # noqa: B008 - frozen
    ) -> None:
        """`rules` name cameras only: groups are resolved before. The store's owner opens and closes it."""
        self.rules = rules
        self.memory = AlertMemory([rule.name for rule in rules], clock)
        settings = Settings(store)
        self.profiles = ProfileSwitch(profiles, settings, clock)
        self.snoozes = Snoozes(settings, clock)
        self._store = store
        self._clock = clock
        self._cooldowns = Cooldowns(clock)
        outbox = Outbox(store, media, clock, self._cooldowns.give_back)
        self.dispatcher = Dispatcher(sinks, outbox, clock, metrics, delivery)
        self.judging = Alerting(
            *(rules, clock, self.dispatcher, maker or AlertMaker(), self.memory),
            *(self._cooldowns, self.profiles, self.snoozes),
        )

    async def start(self) -> None:
        """Goes on where the run before ended: what waits is sent, and cooldowns, snoozes and the profile hold."""
        await self._remember_what_was_sent()
        await self._give_up_on_sinks_that_have_gone()
        await self.profiles.start()
        await self.snoozes.start()
        self.dispatcher.start()

    async def close(self) -> None:
        """Gives alerts in flight a moment; idempotent, and also for what was never started."""
        await self.dispatcher.close()

    async def _remember_what_was_sent(self) -> None:
        longest_s = max((rule.cooldown.seconds for rule in self.rules), default=0.0)
        since = self._clock.time() - longest_s
        spoken = await asyncio.to_thread(self._store.ask, lambda connection: last_spoken(connection, since))
        self._cooldowns.remember(self.rules, spoken)

    async def _give_up_on_sinks_that_have_gone(self) -> None:
        sinks, now = self.dispatcher.sinks, self._clock.time()
        lost = await asyncio.wrap_future(
            self._store.edit(lambda connection: outbox_rows.give_up_on_others(connection, sinks, now))
        )
        if lost:
            log.warning("%d alerts waited for sinks that are no longer there; the Alerts page lists them", lost)
