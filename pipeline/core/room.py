"""What takes room on the disk with the media, and can give some back."""

from typing import Protocol


class Reclaimable(Protocol):
    """One kind of media. Asked on the event loop; work on the disk is done on other threads."""

    async def size_bytes(self) -> int:
        """All of it; raises OSError."""
        ...

    async def oldest_at(self) -> float | None:
        """When the oldest began that may go (UTC seconds); None where nothing may. Raises OSError."""
        ...

    async def free(self, wanted_bytes: int) -> int:
        """Removes some of the oldest, about so many bytes and no more than takes a moment; returns how many it were.

        Raises OSError.
        """
        ...
