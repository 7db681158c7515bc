"""How a rule is asked, whoever wrote it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.core.context import Context
from pipeline.core.contracts import Rule
from pipeline.core.errors import PluginError
from pipeline.core.event import Event
from pipeline.core.frame import Frame
from pipeline.core.near_miss import NearMiss
from pipeline.core.objects import TrackedObject
from pipeline.core.plain import plain

FAILURES_TO_REST = 3
REST_S = 60.0
SEE_EVERY_S = 0.5

Said = Event | NearMiss


@dataclass(frozen=True, slots=True)
class Seen:
    """A frame for rules that look at pictures; `moved`: whether anything has since the one before."""

    frame: Frame
    moved: bool | None


class Eyes:
    """Chooses the frames that rules see."""

    def __init__(self) -> None:
        self._seen_at = float("-inf")
        self._moved: bool | None = None

    def seen(self, ctx: Context) -> Seen | None:
        if ctx.motion is not None:
            self._moved = bool(self._moved) or bool(ctx.motion)
        now = ctx.frame.captured_at
        if 0 <= now - self._seen_at < SEE_EVERY_S:
            return None
        moved, self._moved, self._seen_at = self._moved, None, now
        return Seen(ctx.frame, moved)


class RestingRule:
    """A rule that is left alone for a while when it fails again and again."""

    def __init__(self, name: str, rule: Rule) -> None:
        self.name = name
        self.gets = bool(getattr(rule, "patient", False)), bool(getattr(rule, "early", False))
        """Whether it gets objects that have vanished, and those that nobody believes yet."""
        self._rule = rule
        self._see: Callable[..., Iterable[Any]] | None = getattr(rule, "see", None)
        self._failures = 0
        self._rests_until = float("-inf")

    @property
    def has_eyes(self) -> bool:
        return self._see is not None

    def say(self, objects: Sequence[TrackedObject], seen: Seen | None, now: float) -> list[Said]:
        """Raises PluginError, which names the rule, with what the rule raised as its cause."""
        if now < self._rests_until:
            return []
        try:
            said = [_plain(one) for one in self._said(objects, seen, now)]
        except Exception as error:  # whatever a stranger's rule does
            self._failures += 1
            if self._failures >= FAILURES_TO_REST:
                self._rests_until = now + REST_S
            raise PluginError(f"rule {self.name}: {type(error).__name__}: {error}") from error
        self._failures = 0
        return said

    def _said(self, objects: Sequence[TrackedObject], seen: Seen | None, now: float) -> Iterable[Any]:
        if self._see is not None and seen is not None:
            yield from self._see(seen.frame, seen.moved, now)
        yield from self._rule.update(objects, now)


def _plain(one: Any) -> Said:
    return plain(one, NearMiss) if isinstance(one, NearMiss) else plain(one, Event)
