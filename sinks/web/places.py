"""How many may watch live at a time, however their pictures are sent."""

from pipeline.core.errors import UnavailableError


class Places:
    """Used on the event loop."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0

    def check(self) -> None:
        """Raises UnavailableError where none is free."""
        if self._taken >= self._most:
            raise UnavailableError(f"{self._most} viewers are watching, and no more are allowed")

    def take(self) -> None:
        self._taken += 1

    def give_back(self) -> None:
        self._taken -= 1
