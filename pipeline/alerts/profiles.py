"""Which alert rules are on: switched by people, by schedule, and by whatever else asks."""

from collections.abc import Callable, Mapping, Sequence

from pipeline.alerts.alert_rule import AlertRule
from pipeline.alerts.profile import Profile, by_schedule
from pipeline.alerts.settings import Settings
from pipeline.core.broadcast import Broadcast
from pipeline.core.clock import Clock

_CHOSEN, _SCHEDULED = "profile", "profile by schedule"


class ProfileSwitch:
    """The Profiles of a configuration. Without a choice, that of the schedule holds; else the first without one."""

    def __init__(self, profiles: Mapping[str, Profile], settings: Settings, clock: Clock) -> None:
        self._profiles = profiles
        self._settings = settings
        self._clock = clock
        self._told: Broadcast[str] = Broadcast()
        self._profile = self._scheduled = by_schedule(self._profiles, self._clock.time())

    @property
    def profiles(self) -> Sequence[str]:
        return [*self._profiles]

    @property
    def profile(self) -> str | None:
        return self._profile

    def subscribe(self, told: Callable[[str], None]) -> Callable[[], None]:
        return self._told.subscribe(told)

    def keeps_still(self, rule: AlertRule) -> str | None:
        """Why a rule is off, in words; None where it is on."""
        if not rule.when.profiles or self._profile in rule.when.profiles:
            return None
        return f"profile {' and '.join(rule.when.profiles)} is off, {self._profile} is on"

    async def start(self) -> None:
        """Takes up what was chosen before, unless a schedule has switched since. Raises StoreError."""
        kept = await self._settings.read()
        chosen = kept.get(_CHOSEN)
        if chosen in self._profiles and kept.get(_SCHEDULED) == self._scheduled:
            self._profile = chosen

    async def set_profile(self, name: str) -> None:
        if name not in self._profiles:
            raise KeyError(name)
        await self._settings.write(_SCHEDULED, self._scheduled)
        await self._settings.write(_CHOSEN, name)
        self._become(name)

    def tick(self) -> None:
        """To be called every second or so: schedules begin and end."""
        scheduled = by_schedule(self._profiles, self._clock.time())
        if scheduled != self._scheduled:
            self._scheduled = scheduled
            self._become(scheduled)

    def _become(self, name: str | None) -> None:
        changed, self._profile = name != self._profile, name
        if changed and name is not None:
            self._told.publish(name)
