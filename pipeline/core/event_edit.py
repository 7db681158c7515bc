"""What came of it when somebody marked or deleted events."""

from typing import Literal

import msgspec

WhyLeft = Literal["unknown", "going on"]


class EditOutcome(msgspec.Struct, frozen=True):
    """The ids of the events that it was done to, and why it was not to others."""

    done: list[str]
    left: dict[str, WhyLeft] = {}
