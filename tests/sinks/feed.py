"""A running system as a sink sees it, moved by tests."""

from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from pipeline.core.broadcast import Broadcast
from pipeline.core.camera import Camera
from pipeline.core.event import Event
from pipeline.core.feed import FeedCamera
from pipeline.core.line_count import LineCount
from pipeline.core.messages import FrameResult
from pipeline.core.objects import TrackedObject
from pipeline.core.status import CameraStatus, InputState

_FULL = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]


def camera(name: str = "lobby", *labels: str, **zones: list[str]) -> Camera:
    drawn = {zone: {"coordinates": _FULL, "objects": objects} for zone, objects in zones.items()}
    return Camera.model_validate({"name": name, "objects": {"track": labels or ("person",)}, "zones": drawn})


def thing(id: str, label: str = "person", *zones: str, lost: bool = False) -> TrackedObject:
    return TrackedObject(id, label, 0.9, (0.1, 0.1, 0.2, 0.2), 1.0, lost=lost, zones=[*zones])


def status_of(plan: Camera, state: InputState = "online") -> CameraStatus:
    return CameraStatus(
        name=plan.name,
        friendly_name=plan.friendly_name or plan.name,
        state=state,
        inputs=[],
        analysis="running",
        fps_in=25.0,
        fps_analysed=5.0,
        dropped={"channel": 0},
        latency_p50_ms=40.0,
        latency_p95_ms=80.0,
        live="overlay",
    )


class House:
    """Profiles: who is at home."""

    def __init__(self) -> None:
        self.profiles: Sequence[str] = ("home", "away")
        self.profile: str | None = "home"
        self._told: Broadcast[str] = Broadcast()

    async def set_profile(self, name: str) -> None:
        if name not in self.profiles:
            raise KeyError(name)
        self.profile = name
        self._told.publish(name)

    def subscribe(self, told: Callable[[str], None]) -> Callable[[], None]:
        return self._told.subscribe(told)


class Feed:
    """A SystemFeed over real broadcasts."""

    version = "1.2.3"

    def __init__(self, *plans: Camera, profiles: House | None = None) -> None:
        self.page: str | None = "https://watch.example"
        self.events: Broadcast[Event] = Broadcast()
        self.edits: Broadcast[None] = Broadcast()
        self.results: Broadcast[FrameResult] = Broadcast()
        self.profiles = profiles
        self.plans = {plan.name: plan for plan in plans}
        self.states = {plan.name: status_of(plan) for plan in plans}
        self.lines: dict[str, Mapping[str, LineCount]] = {}
        self.off: set[str] = set()
        self.pictures: dict[str, bytes] = {}
        self.left_out = 0

    def cameras(self) -> Sequence[FeedCamera]:
        running = {name: status for name, status in self.states.items() if name not in self.off}
        plans = self.plans.items()
        return [FeedCamera(plan, running.get(name), self.lines.get(name, {})) for name, plan in plans]

    async def picture(self, event: Event) -> bytes | None:
        return self.pictures.get(event.id)

    async def switch(self, camera: str, on: bool) -> None:
        if camera not in self.plans:
            raise KeyError(camera)
        (self.off.discard if on else self.off.add)(camera)

    def lost(self, count: int) -> None:
        self.left_out += count

    def goes(self, name: str, state: InputState) -> None:
        self.states[name] = replace(self.states[name], state=state)

    def shows(self, name: str, *things: TrackedObject) -> None:
        self.results.publish(FrameResult(name, 1, 0, 1.0, 0.1, [*things], []))
