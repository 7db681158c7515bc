"""The `rules` stage: what happens to objects becomes events."""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.core.context import Context
from pipeline.core.contracts import Rule, StageSetup
from pipeline.core.errors import PluginError
from pipeline.core.objects import TrackedObject
from pipeline.core.options import Options as BaseOptions
from pipeline.stages.builtin_rules.heirs import Heirs, apart
from pipeline.stages.builtin_rules.ledger import Ledger
from pipeline.stages.builtin_rules.no_motion import NoMotion
from pipeline.stages.builtin_rules.presence import Presence
from pipeline.stages.builtin_rules.resting import Eyes, RestingRule, Said
from pipeline.stages.builtin_rules.tamper import Tamper

OF_OBJECTS = (
    "zone_enter",
    "zone_leave",
    "loitering",
    "line_cross",
    "zone_count",
    "wrong_way",
    "object_left",
    "object_removed",
)
"""Rules that every camera has; zones and lines say what they are to do."""


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
        no_motion: NoMotion.Options = NoMotion.Options()
        tamper: Tamper.Options = Tamper.Options()
        extra: dict[str, ExtraRule] = Field(default_factory=dict)

    def __init__(self, options: Options, setup: StageSetup) -> None:
        self.prompt = not options.extra
        self._heirs = Heirs()
        self._presence = Presence(setup.camera)
        self._ledger = Ledger()
        self._rules = [RestingRule(name, rule) for name, rule in _rules(options, setup)]
        self._eyes = Eyes() if any(rule.has_eyes for rule in self._rules) else None

    def process(self, ctx: Context) -> None:
        now = ctx.frame.captured_at
        self._heirs.update(ctx.objects, now, ctx.motion)
        vanished = self._heirs.vanished
        said: list[Said] = [*self._presence.update([*ctx.objects, *vanished], now)]
        given = {gets: _given(ctx.objects, vanished, *gets) for gets in {rule.gets for rule in self._rules}}
        seen = self._eyes.seen(ctx) if self._eyes else None
        errors: list[PluginError] = []
        for rule in self._rules:
            try:
                said += rule.say(given[rule.gets], seen, now)
            except PluginError as error:
                errors.append(error)
        for event in self._ledger.enter(said):
            ctx.emit(event)
        ctx.misses.update(self._ledger.news([*ctx.objects, *vanished]))
        if errors:
            raise errors[0]


def _given(
    objects: Sequence[TrackedObject], vanished: Sequence[TrackedObject], patient: bool, early: bool
) -> list[TrackedObject]:
    present = [thing for thing in objects if early or thing.confirmed]
    return apart([*present, *vanished] if patient else present)


def _rules(options: Rules.Options, setup: StageSetup) -> Iterable[tuple[str, Rule]]:
    for name in OF_OBJECTS:
        plugin: Any = setup.plugin("rules", name)
        yield name, plugin(plugin.Options(), setup.camera)
    if options.no_motion.seconds:
        yield "no_motion", setup.plugin("rules", "no_motion")(options.no_motion, setup.camera)
    if options.tamper.enabled:
        yield "tamper", setup.plugin("rules", "tamper")(options.tamper, setup.camera)
    for name, extra in options.extra.items():
        yield name, _built(name, extra, setup)


def _built(name: str, extra: ExtraRule, setup: StageSetup) -> Rule:
    plugin: Any = setup.plugin("rules", extra.type)
    try:
        options = plugin.Options.model_validate(extra.model_extra or {})
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors())
        raise PluginError(f"rules.extra.{name}: {wrong}") from error
    rule: Rule = plugin(options, setup.camera)
    return rule
