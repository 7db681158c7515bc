"""What people switch of the alerts while the system runs."""

from collections.abc import Awaitable, Callable, Collection, Sequence

from pipeline.alerts.profiles import ProfileSwitch
from pipeline.alerts.snoozes import Kind, Snoozes
from pipeline.core.alerts import AlertSwitches
from pipeline.core.audit import AuditAction


class Switches:
    """Used on the event loop; raises StoreError. Names that nobody knows are KeyErrors."""

    def __init__(
        self,
        profiles: ProfileSwitch,
        snoozes: Snoozes,
        rules: Collection[str],
        cameras: Callable[[], Collection[str]],
        note: Callable[[AuditAction, Sequence[str]], Awaitable[None]],
    ) -> None:
        """`cameras` are those of the moment; `note` writes down what was switched."""
        self._profiles = profiles
        self._snoozes = snoozes
        self._note = note
        self._known: dict[Kind, Callable[[], Collection[str]]] = {"rule": lambda: rules, "camera": cameras}

    def switches(self) -> AlertSwitches:
        profiles, rules = self._profiles, self._known["rule"]()
        return AlertSwitches([*profiles.profiles], profiles.profile, self._snoozes.all(), [*rules])

    async def set_profile(self, name: str) -> None:
        await self._profiles.set_profile(name)
        await self._note("alerts.profile", [name])

    async def snooze(self, kind: Kind, name: str, until: float | None) -> None:
        """Until a time (UTC seconds); None ends it."""
        if name not in self._known[kind]():
            raise KeyError(name)
        await self._snoozes.snooze(kind, name, until)
        await self._note("alerts.woken" if until is None else "alerts.snoozed", [f"{kind} {name}"])
