"""The `rules` stage: what happens to objects becomes events."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.core.context import Context
from pipeline.core.contracts import Rule, StageSetup
from pipeline.core.errors import PluginError
from pipeline.core.event import Event
from pipeline.core.objects import TrackedObject
from pipeline.core.options import Options as BaseOptions
from pipeline.core.plain import plain
from pipeline.stages.builtin_rules.line_cross import LineCross
from pipeline.stages.builtin_rules.loitering import Loitering
from pipeline.stages.builtin_rules.presence import Presence
from pipeline.stages.builtin_rules.zone_enter import ZoneEnter
from pipeline.stages.builtin_rules.zone_leave import ZoneLeave

__all__ = ["LineCross", "Loitering", "Rules", "ZoneEnter", "ZoneLeave"]

BUILT_IN: Mapping[str, Any] = {
    "zone_enter": ZoneEnter,
    "zone_leave": ZoneLeave,
    "loitering": Loitering,
    "line_cross": LineCross,
}
FAILURES_TO_REST = 3
REST_S = 60.0


class ExtraRule(BaseModel):
    """A rule's type, and beside it the options of its own class."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str


class Rules:
    """The built-in rules, and under names of your choice what `extra` adds:

        rules: {extra: {crowd: {type: ./my_rule.py:Crowd, limit: 5}}}

    Rules get the confirmed objects, with `zones` filled in. One that raises does not hide the events of the
    others: its error is raised when all have run. After three errors in a row it rests for a minute, so that
    it cannot have the whole stage switched off.
    """

    class Options(BaseOptions):
        extra: dict[str, ExtraRule] = Field(default_factory=dict)

    def __init__(self, options: Options, setup: StageSetup) -> None:
        self.prompt = not options.extra
        self._presence = Presence(setup.camera)
        built_in = {name: rule(rule.Options(), setup.camera) for name, rule in BUILT_IN.items()}
        added = {name: _built(name, extra, setup) for name, extra in options.extra.items()}
        self._rules = [RestingRule(name, rule) for name, rule in [*built_in.items(), *added.items()]]

    def process(self, ctx: Context) -> None:
        now = ctx.frame.captured_at
        self._presence.update(ctx.objects, now)
        confirmed = [thing for thing in ctx.objects if thing.confirmed]
        errors: list[PluginError] = []
        for rule in self._rules:
            try:
                events = rule.update(confirmed, now)
            except PluginError as error:
                errors.append(error)
                continue
            for event in events:
                ctx.emit(event)
        if errors:
            raise errors[0]


class RestingRule:
    """A rule that is left alone for a while when it fails again and again."""

    def __init__(self, name: str, rule: Rule) -> None:
        self.name = name
        self._rule = rule
        self._failures = 0
        self._rests_until = float("-inf")

    def update(self, objects: Sequence[TrackedObject], now: float) -> list[Event]:
        """Raises PluginError, which names the rule, with what the rule raised as its cause."""
        if now < self._rests_until:
            return []
        try:
            events = [plain(event, Event) for event in self._rule.update(objects, now)]
        except Exception as error:  # whatever a stranger's rule does
            self._failures += 1
            if self._failures >= FAILURES_TO_REST:
                self._rests_until = now + REST_S
            raise PluginError(f"rule {self.name}: {type(error).__name__}: {error}") from error
        self._failures = 0
        return events


def _built(name: str, extra: ExtraRule, setup: StageSetup) -> Rule:
    plugin: Any = setup.plugin("rules", extra.type)
    try:
        options = plugin.Options.model_validate(extra.model_extra or {})
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors())
        raise PluginError(f"rules.extra.{name}: {wrong}") from error
    rule: Rule = plugin(options, setup.camera)
    return rule
