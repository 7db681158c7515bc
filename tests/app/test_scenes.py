"""What happens is told, and nothing else: the whole pipeline on scenes of which everything is known."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import framewatch
from tests.app.scenes import Actor, Scene, Truth

pytestmark = pytest.mark.timeout(120)

ROOM: dict[str, Any] = {"coordinates": [[0.3, 0.3], [0.7, 0.3], [0.7, 1.0], [0.3, 1.0]]}
TOLERANCE_S = 1.2
"""`inertia`, and the time between two looks."""


def passes(since: float, *, speed: float = 0.1, y: float = 0.8, label: str = "person") -> Actor:
    """From left to right through the whole picture."""
    return Actor(label, [(since, -0.08, y), (since + 1.16 / speed, 1.08, y)])


def comes_and_goes(x: float, since: float, until: float, *, y: float = 0.8, label: str = "person") -> Actor:
    """From the left edge to x, from where it leaves again at `until`."""
    way_s = (x + 0.08) / 0.12
    return Actor(label, [(since, -0.08, y), (since + way_s, x, y), (until, x, y), (until + way_s, -0.08, y)])


SCENES: dict[str, Scene] = {
    "two go through a room and over a line": Scene(
        26,
        actors=[passes(2, y=0.6), Actor("person", [(10, 1.08, 0.9), (21.6, -0.08, 0.9)])],
        zones={"room": ROOM},
        lines={"middle": {"from": [0.5, 1.0], "to": [0.5, 0.2]}},
        truth=[
            Truth("zone_enter", 2 + 3.8, "room"),
            Truth("line_cross", 2 + 5.8, "middle", "right"),
            Truth("zone_leave", 2 + 7.8, "room"),
            Truth("zone_enter", 10 + 3.8, "room"),
            Truth("line_cross", 10 + 5.8, "middle", "left"),
            Truth("zone_leave", 10 + 7.8, "room"),
        ],
    ),
    "one stays for long, another trembles on the edge": Scene(
        32,
        actors=[
            comes_and_goes(0.55, 2, 20, y=0.9),
            Actor("person", [(3, 0.5, 0.05), (8, 0.5, 0.3), (26, 0.5, 0.3), (31, 0.5, 0.05)], trembles_px=1),
        ],
        zones={"room": ROOM | {"loitering_time": 8}},
        truth=[
            Truth("zone_enter", 5.2, "room"),
            Truth("loitering", 5.8 + 8, "room"),
            Truth("zone_leave", 22.1, "room"),
        ],
    ),
    "a queue of four, where two are enough": Scene(
        44,
        actors=[comes_and_goes(0.65 - 0.09 * n, 2 + 2 * n, 24 + 2 * (3 - n)) for n in range(4)],
        zones={"room": ROOM | {"count": {"over": 2, "seconds": 3}}},
        truth=[
            *(Truth("zone_enter", 2 + 2 * n + 3.2, "room") for n in range(4)),
            *(Truth("zone_leave", 24 + 2 * (3 - n) + (0.35 - 0.09 * n) / 0.12, "room") for n in range(4)),
            Truth("count_over", 6 + 3.8, "room", until=26 + 1.9, data={"most": 4, "limit": 2}),
        ],
    ),
    "one drives the wrong way": Scene(
        30,
        actors=[
            passes(2, speed=0.15, label="car", y=0.5),
            Actor("car", [(8, 1.08, 0.75), (15.7, -0.08, 0.75)]),
            passes(16, speed=0.15, label="car", y=0.95),
        ],
        zones={"lane": ROOM | {"one_way": {"from": [0.3, 0.7], "to": [0.7, 0.7]}}},
        truth=[
            Truth("zone_enter", 2 + 2.5, "lane"),
            Truth("zone_leave", 2 + 5.2, "lane"),
            Truth("zone_enter", 8 + 2.5, "lane"),
            Truth("wrong_way", 8 + 3.8, "lane"),
            Truth("zone_leave", 8 + 5.2, "lane"),
            Truth("zone_enter", 16 + 2.5, "lane"),
            Truth("zone_leave", 16 + 5.2, "lane"),
        ],
    ),
    "somebody leaves a suitcase, and others pass by": Scene(
        48,
        actors=[
            comes_and_goes(0.42, 2, 9),
            Actor("suitcase", [(2, -0.02, 0.8), (2 + 0.5 / 0.12, 0.48, 0.8), (48, 0.48, 0.8)]),
            passes(34, speed=0.15, y=0.97),
        ],
        zones={"room": ROOM | {"objects": ["suitcase"], "left_behind": {"seconds": 10, "distance": 0.1}}},
        truth=[Truth("zone_enter", 5.2, "room"), Truth("object_left", 10.4 + 10, "room", data={"owner": True})],
    ),
    "a suitcase is hidden, then taken unseen; another is carried off": Scene(
        56,
        actors=[
            Actor("suitcase", [(0, 0.4, 0.8), (30, 0.4, 0.8)]),
            Actor("suitcase", [(0, 0.6, 0.6), (36, 0.6, 0.6), (41, 1.05, 0.6)]),
            Actor("person", [(12, -0.08, 0.82), (14, 0.4, 0.82), (18, 0.4, 0.82), (20, -0.08, 0.82)]),
            Actor("person", [(27, -0.08, 0.82), (29, 0.4, 0.82), (31, 0.4, 0.82), (33, -0.08, 0.82)]),
        ],
        zones={"room": ROOM | {"objects": ["suitcase"], "removed": {"seconds": 10}}},
        truth=[
            *(Truth("zone_enter", 0.6, "room") for _ in range(2)),
            Truth("object_removed", 31.5 + 8, "room"),
            Truth("zone_leave", 37.5, "room"),
            Truth("zone_leave", 29 + 5 + 15, "room"),
        ],
    ),
    "one is not seen for a while, and is the same": Scene(
        40,
        actors=[Actor("person", comes_and_goes(0.5, 2, 30).way, away=[(14, 21), (24, 24.6)])],
        zones={"room": ROOM | {"loitering_time": 5}},
        lines={"middle": {"from": [0.4, 1.0], "to": [0.4, 0.2]}},
        truth=[
            Truth("zone_enter", 5.2, "room"),
            Truth("line_cross", 6.0, "middle", "right"),
            Truth("loitering", 5.8 + 5, "room"),
            Truth("line_cross", 30.8, "middle", "left"),
            Truth("zone_leave", 31.7, "room"),
        ],
    ),
    "nobody comes, and something is held before the lens": Scene(
        60,
        rules={"no_motion": {"seconds": 10}, "tamper": {"enabled": True}},
        dark=(38, 50),
        truth=[
            Truth("no_motion", 2, until=38),
            Truth("tamper", 38, until=50, data={"kind": "covered"}),
        ],
    ),
}


@pytest.mark.parametrize("name", SCENES)
def test_what_happens_is_told_and_nothing_else(name: str, tmp_path: Path) -> None:
    scene = SCENES[name]
    told, objects = played(scene, tmp_path)
    assert len(objects) == len(scene.actors), "one event for each of them"
    hits = matched(scene.truth, told)
    precision, recall = len(hits) / max(1, len(told)), len(hits) / len(scene.truth)
    assert (precision, recall) == (1.0, 1.0), said(told)


def played(scene: Scene, folder: Path) -> tuple[list[Truth], list[framewatch.Event]]:
    """What rules told of a scene, as a truth would say it, and the events of its objects."""
    shutil.copy(Path(__file__).with_name("scene_detector.py"), folder)
    config = {
        "models": {"general": {"type": "./scene_detector.py:SceneDetector"}},
        "objects": {"track": ["person", "car", "suitcase"]},
        "rules": dict(scene.rules),
        "cameras": {
            "yard": {
                "inputs": [{"path": str(scene.film(folder / "scene.mp4")), "pace": "max"}],
                "zones": dict(scene.zones),
                "lines": dict(scene.lines),
            }
        },
    }
    (folder / "scene.yaml").write_text(json.dumps(config))
    began, events = float("inf"), dict[str, framewatch.Event]()
    for result in framewatch.stream(config=folder / "scene.yaml"):
        began = min(began, result.frame.captured_at)
        events.update({event.id: event for event in result.events})
    objects = [event for event in events.values() if event.type == "object"]
    return [_as_truth(event, began) for event in events.values() if event not in objects], objects


def _as_truth(event: framewatch.Event, began: float) -> Truth:
    until = None if event.object_id else (event.ended_at or event.started_at) - began
    data = event.data | ({"owner": bool(event.data["owner"])} if "owner" in event.data else {})
    where = event.zone or event.line or ""
    return Truth(event.type, event.started_at - began, where, event.direction or "", until, data)


def matched(truth: Sequence[Truth], told: Sequence[Truth]) -> list[Truth]:
    """Each truth with one thing that was told, and that with no other truth."""
    left, hits = list(told), []
    for true in sorted(truth, key=lambda one: one.at):
        fitting = [one for one in left if _fits(true, one)]
        if fitting:
            nearest = min(fitting, key=lambda one: abs(one.at - true.at))
            left.remove(nearest)
            hits.append(nearest)
    return hits


def _fits(true: Truth, told: Truth) -> bool:
    same = (true.type, true.where, true.direction) == (told.type, told.where, told.direction)
    times = [(true.at, told.at), *([(true.until, told.until or 0.0)] if true.until is not None else [])]
    in_time = all(abs(one - other) <= TOLERANCE_S for one, other in times)
    return same and in_time and true.data.items() <= told.data.items()


def said(told: Sequence[Truth]) -> str:
    return "\n".join(
        f"{one.at:6.2f} {one.type} {one.where} {one.direction} {one.until or ''} {dict(one.data)}"
        for one in sorted(told, key=lambda one: one.at)
    )


def test_a_match_is_one_to_one() -> None:
    truth = [Truth("zone_enter", 5.0, "room"), Truth("zone_enter", 5.4, "room")]
    assert len(matched(truth, [Truth("zone_enter", 5.2, "room")])) == 1
    assert matched(truth, [Truth("zone_enter", 5.2, "hall"), Truth("zone_leave", 5.2, "room")]) == []
    assert matched(truth, [Truth("zone_enter", 8.0, "room")]) == []
