"""Alert rules, and the groups of cameras that they may name."""

from collections.abc import Collection, Mapping

from pipeline.alerts.alert_rule import AlertRule
from pipeline.alerts.profile import Profile
from pipeline.config.attributes import check_attributes
from pipeline.config.config import CameraConfig
from pipeline.config.event_types import check_events
from pipeline.config.names import known, listed, named, once_each, one_or_many
from pipeline.config.node import Node
from pipeline.config.problems import Problems
from pipeline.config.wording import kind, one_of, shown


class Alerts:
    """Reads alert rules; everything they name must be there. Looks at names as written, so that a mistake
    inside a camera does not hide one in an alert."""

    def __init__(
        self, root: Node, checked: Mapping[str, CameraConfig], video: Collection[str], problems: Problems
    ) -> None:
        """`video` are the sinks that take no alerts."""
        self._root = root
        self._video = video
        self._checked = checked
        self._problems = problems
        self._cameras = root.get("cameras").names
        self._groups = self._read_groups(root.get("camera_groups"))

    def read(self) -> tuple[AlertRule, ...]:
        node = self._root.get("alerts")
        if node.value is not None and not isinstance(node.value, list) and not node.broken:
            self._problems.add(node, got=kind(node), wanted="a list of rules")
        once_each([rule.get("name") for rule in node.items if rule.get("name").value is not None], self._problems)
        rules = [self._rule(rule) for rule in node.items]
        return tuple(rule for rule in rules if rule)

    def profiles(self) -> dict[str, Profile]:
        read = {
            name: self._problems.validated(Profile, node)
            for name, node in named(self._root.get("profiles"), self._problems).items()
        }
        return {name: profile for name, profile in read.items() if profile}

    def _rule(self, node: Node) -> AlertRule | None:
        rule = self._problems.validated(AlertRule, node)
        self._check_sinks(node.get("send"))
        self._check_sinks(node.get("escalate").get("send"))
        when = node.get("when")
        known(when.get("profiles"), self._root.get("profiles").names, self._problems)
        known(when.get("cameras"), list(dict.fromkeys([*self._cameras, *self._groups])), self._problems)
        chosen = self._members([name for _, name in one_or_many(when.get("cameras"))])
        self._check_events(when.get("event"), chosen)
        self._check_scene(when, "zones", chosen)
        self._check_scene(when, "lines", chosen)
        self._check_labels(when.get("objects"), chosen)
        self._check_attributes(when.get("attributes"), chosen)
        return rule and rule.model_copy(update={"when": rule.when.model_copy(update={"cameras": chosen})})

    def _check_sinks(self, send: Node) -> None:
        sinks = self._root.get("sinks").names
        known(send, sinks, self._problems)
        for item, name in one_or_many(send):
            if name in self._video:
                choices = [sink for sink in sinks if sink not in self._video]
                self._problems.add(item, got=f"{shown(item)}, which takes video", wanted=one_of(choices))

    def _check_scene(self, when: Node, key: str, cameras: tuple[str, ...]) -> None:
        """A zone or line must be on at least one of the cameras that the rule is for."""
        scenes = [self._cameras[name].get(key).names for name in cameras or self._cameras]
        choices = list(dict.fromkeys(name for scene in scenes for name in scene))
        where = f"which is no {key[:-1]} of {', '.join(cameras) or 'any camera'}"
        for item, name in one_or_many(when.get(key)):
            if name not in choices:
                self._problems.add(item, got=f"{shown(item)}, {where}", wanted=one_of(choices, name))

    def _check_events(self, events: Node, cameras: tuple[str, ...]) -> None:
        chosen = cameras or tuple(self._cameras)
        if set(chosen) <= self._checked.keys():
            where = ", ".join(cameras) or "any camera"
            check_events(
                events, [stage for name in chosen for stage in self._checked[name].stages], where, self._problems
            )

    def _check_labels(self, objects: Node, cameras: tuple[str, ...]) -> None:
        """What no camera of a rule tracks can never alert; cameras that are wrong themselves may track anything."""
        chosen = cameras or tuple(self._cameras)
        if not set(chosen) <= self._checked.keys():
            return
        tracked = dict.fromkeys(label for name in chosen for label in self._checked[name].camera.objects.track)
        for item, label in one_or_many(objects):
            if label not in tracked:
                where = f"objects.track of {', '.join(cameras) or 'any camera'}"
                self._problems.add(item, got=f"{shown(item)}, which is never tracked", wanted=f"a label in {where}")

    def _check_attributes(self, attributes: Node, cameras: tuple[str, ...]) -> None:
        chosen = cameras or tuple(self._cameras)
        if not set(chosen) <= self._checked.keys():
            return
        check_attributes(attributes, [stage for name in chosen for stage in self._checked[name].stages], self._problems)

    def _members(self, names: list[str]) -> tuple[str, ...]:
        """Cameras, with groups replaced by theirs."""
        each = [member for name in names for member in self._groups.get(name, [name])]
        return tuple(dict.fromkeys(name for name in each if name in self._cameras))

    def _read_groups(self, node: Node) -> Mapping[str, list[str]]:
        groups = {}
        for name, entry in named(node, self._problems).items():
            if name in self._cameras:
                self._problems.add(entry, got=f'"{name}", which is a camera', wanted="a name that no camera has")
            members = listed(entry, self._problems)
            if entry.value in (None, []) and not entry.broken:
                self._problems.add(entry, got="no camera", wanted="at least one")  # an empty list would mean any
            for member in members:
                known(member, self._cameras, self._problems)
            groups[name] = [str(member.value) for member in members]
        return groups
