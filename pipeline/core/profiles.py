"""Which alert rules are on: home, away, night, whatever the configuration calls it."""

from collections.abc import Callable, Sequence
from typing import Protocol


class Profiles(Protocol):
    """The profiles of a configuration and the one that holds now; used on the event loop."""

    @property
    def profiles(self) -> Sequence[str]:
        """Their names, in the order of the configuration; empty where there are none."""
        ...

    @property
    def profile(self) -> str | None:
        """The one that holds now; None where there are none."""
        ...

    async def set_profile(self, name: str) -> None:
        """Holds until somebody or a schedule switches again, over restarts too.

        Raises KeyError where there is no such profile, and StoreError where the choice could not be kept.
        """
        ...

    def subscribe(self, told: Callable[[str], None]) -> Callable[[], None]:
        """`told` gets the name of each profile that is switched to; the returned function ends that (idempotent)."""
        ...
