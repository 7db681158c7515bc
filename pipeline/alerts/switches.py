"""What people switch of the alerts while the system runs."""

from collections.abc import Callable, Collection, Sequence

from pipeline.alerts.profiles import ProfileSwitch
from pipeline.alerts.snoozes import Kind, Snoozes
from pipeline.core.alerts import AlertSwitches


class Switches:
    """Used on the event loop; raises StoreError. Names that nobody knows are KeyErrors."""

    def __init__(
        self,
        profiles: ProfileSwitch,
        snoozes: Snoozes,
        rules: Sequence[str],
        cameras: Callable[[], Collection[str]],
    ) -> None:
        """`cameras` is asked each time: they come and go."""
        self._profiles = profiles
        self._snoozes = snoozes
        self._rules = rules
        self._cameras = cameras

    def switches(self) -> AlertSwitches:
        profiles = self._profiles
        return AlertSwitches([*profiles.profiles], profiles.profile, self._snoozes.all(), [*self._rules])

    async def set_profile(self, name: str) -> None:
        await self._profiles.set_profile(name)

    async def snooze(self, kind: Kind, name: str, until: float | None) -> None:
        """Until a time (UTC seconds); None ends it."""
        if name not in (self._rules if kind == "rule" else self._cameras()):
            raise KeyError(name)
        await self._snoozes.snooze(kind, name, until)
