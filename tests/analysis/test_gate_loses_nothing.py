"""The pipeline with its gate tells what it tells when every frame is looked at, for a fraction of the looks.

Real stages, real streams; the model knows the script.
"""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread
from typing import Any

import numpy as np
import pytest

from pipeline import registry
from pipeline.analysis.link import memory_link
from pipeline.analysis.plan import AnalysisPlan, CameraPlan, ModelPlan, StagePlan
from pipeline.analysis.plane import AnalysisPlane
from pipeline.core.camera import Camera
from pipeline.core.clock import ManualClock
from pipeline.core.event import Event
from pipeline.core.messages import Configure, EventOut, Finished, FrameResult, PacketIn, StreamLost, StreamOpened
from pipeline.core.packet import Packet, StreamInfo
from pipeline.events.lifecycle import ObjectLifecycle
from tests.analysis.pictures import START
from tests.analysis.script import FPS, SIZE, Actor, Picture, Script

Place = Callable[[float], tuple[float, float] | None]


def walks(since: float, speed: float, y: float = 0.6, x: float = -0.1) -> Place:
    return lambda t: (x + (t - since) * speed, y) if t >= since else None


def stands(x: float, since: float, until: float, y: float = 0.6) -> Place:
    return lambda t: (x, y) if since <= t < until else None


def comes_stays_goes(x: float, since: float, until: float, speed: float = 0.12) -> Place:
    """From the left edge to x, and off again the way it came."""

    def place(t: float) -> tuple[float, float] | None:
        if t < since:
            return None
        arrives = since + (x + 0.05) / speed
        return (min(x, -0.05 + (t - since) * speed) if t < max(arrives, until) else x - (t - until) * speed), 0.6

    return place


def rain(picture: Picture, t: float) -> Picture:
    if t > 10:
        drops = np.random.default_rng(round(t * 100))
        for x, y in drops.integers((0, 0), (SIZE[0], SIZE[1] - 14), (250, 2)):
            picture[y : y + 12, x] += 35
    return picture


ROOM: dict[str, Any] = {"coordinates": [[0.3, 0.3], [0.7, 0.3], [0.7, 0.9], [0.3, 0.9]], "loitering_time": 10}
DOOR: dict[str, Any] = {"from": [0.5, 0.2], "to": [0.5, 0.9]}

SCRIPTS: dict[str, tuple[Script, float]] = {
    "passers-by": (
        Script(
            70,
            [Actor(walks(10, 0.2)), Actor(walks(12, 0.15, 0.8)), Actor(walks(50, 0.25), shade=-40)],
            lines={"door": DOOR},
        ),
        0.3,
    ),
    "far away and slow": (Script(100, [Actor(walks(20, 0.01, 0.5, 0.2), size=(0.025, 0.1))]), 0.85),
    "hardly lighter than the wall": (Script(70, [Actor(walks(20, 0.1), shade=16, size=(0.06, 0.3))]), 0.25),
    "appears standing, and vanishes": (Script(120, [Actor(stands(0.5, 20, 80))], zones={"room": ROOM}), 0.42),
    "there from the beginning": (Script(60, [Actor(stands(0.5, 0, 99)), Actor(stands(0.3, 0, 40))]), 0.5),
    "stays for long in a zone that takes its time": (
        Script(90, [Actor(comes_stays_goes(0.5, 10, 60))], zones={"room": ROOM | {"inertia": 40}}),
        0.6,
    ),
    "a light is switched on, and somebody stands there": (
        Script(70, [Actor(stands(0.5, 30, 99))], light=lambda picture, t: picture + (50 if t >= 30 else 0)),
        0.2,
    ),
    "infrared, and back again": (
        Script(
            110,
            [Actor(stands(0.4, 40, 60)), Actor(walks(80, 0.2))],
            light=lambda picture, t: (255 - picture) * 0.7 if 40 <= t < 75 else picture,
        ),
        0.35,
    ),
    "rain, and one walks through it": (Script(110, [Actor(walks(80, 0.1))], light=rain), 0.25),
    "nobody": (Script(100, []), 0.03),
    "nobody, by night": (Script(100, [], noise=12), 0.1),
}
"""With the share of frames that may be looked at."""


@dataclass
class Told:
    events: list[Event]
    looked: int
    analysed: int


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_event_is_lost(name: str) -> None:
    script, share = SCRIPTS[name]
    packets = script.packets()
    every, gated = told(script, packets, gate=False), told(script, packets, gate=True)
    assert every.looked == every.analysed == len(packets) >= gated.analysed
    assert gated.looked <= share * len(packets)
    assert [_what(event) for event in gated.events] == [_what(event) for event in every.events]
    for mine, theirs in zip(gated.events, every.events, strict=True):
        assert mine.started_at == pytest.approx(theirs.started_at, abs=3 / FPS)
        assert mine.ended_at == pytest.approx(theirs.ended_at, abs=3 / FPS)
    assert sum(event.type == "object" for event in every.events) == len(script.actors)


def told(script: Script, packets: list[Packet], *, gate: bool) -> Told:
    camera = Camera.model_validate({"name": "yard", "fps": FPS, "zones": script.zones, "lines": script.lines})
    stages = tuple(StagePlan(name=name, type=name) for name in ("motion", "detect", "track", "rules"))
    plan = AnalysisPlan(
        models={"general": ModelPlan(type="knowing")},
        cameras={"yard": CameraPlan(camera=camera, stages=stages[not gate :], realtime=False, snapshots=False)},
    )
    results, events = _played(plan, script, packets)
    lives = ObjectLifecycle(ManualClock())
    events += [event for result in results for event in lives.update(result)] + lives.close()
    whole = [event for event in events if event.type != "object" or event.state == "end"]
    whole.sort(key=lambda event: (event.type, event.started_at, event.zones, event.box))
    return Told(whole, sum(result.looked for result in results), len(results))


def _played(plan: AnalysisPlan, script: Script, packets: list[Packet]) -> tuple[list[FrameResult], list[Event]]:
    def load(kind: str, type: str) -> Any:
        return script.model() if kind == "models" else registry.load(kind, type)

    media, analysis = memory_link()
    results, events = list[FrameResult](), list[Event]()

    def send() -> None:
        media.send(Configure(plan.model_dump(mode="json", by_alias=True)))
        media.send(StreamOpened("yard", StreamInfo("h264", *SIZE, fps=FPS)))
        for packet in packets:
            media.send(PacketIn("yard", packet))
        media.send(StreamLost("yard", ended=True))

    plane, sender = Thread(target=AnalysisPlane(analysis, load).run), Thread(target=send)
    plane.start()
    sender.start()
    try:
        while not isinstance(message := media.receive(), Finished):
            if isinstance(message, FrameResult):
                results.append(message)
            elif isinstance(message, EventOut):
                events.append(message.event)
    finally:
        sender.join(10)
        media.close()
        plane.join(10)
    return results, events


def _what(event: Event) -> tuple[Any, ...]:
    return event.type, event.label, event.zones, event.data.get("line"), round(event.started_at - START, -1) // 10
