"""Why nothing came of somebody who was on the video: the whole system, from a film to its API."""

import asyncio
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from pipeline.app.log_memory import LogMemory
from pipeline.app.system import System
from pipeline.app.web import web
from pipeline.config import load
from tests.app.scenes import Actor, Scene

SCENE = Scene(
    4.6,
    truth=[],
    actors=[
        Actor("person", [(0.4, -0.08, 0.9), (3.4, 1.08, 0.9)]),
        Actor("car", [(0.4, -0.08, 0.5), (3.4, 1.08, 0.5)]),
        Actor("suitcase", [(0.4, 0.1, 0.3), (3.4, 0.5, 0.3)]),
    ],
)


def config(folder: Path) -> Path:
    shutil.copy(Path(__file__).with_name("scene_detector.py"), folder)
    sure_of = {"person": 0.46, "car": 0.46, "suitcase": 0.9}
    text = {
        "server": {"port": 0},
        "store": {"url": f"sqlite:///{folder}/events.db", "media": str(folder / "media")},
        "models": {"general": {"type": "./scene_detector.py:SceneDetector", "scores": sure_of}},
        "detect": {"max_disappeared": 3},
        "objects": {
            "track": ["person", "car", "suitcase"],
            "filters": {"person": {"min_score": 0.4, "threshold": 0.5}, "car": {"min_score": 0.5}},
        },
        "cameras": {
            "yard": {
                "inputs": [{"path": str(SCENE.film(folder / "scene.mp4")), "loop": True}],
                "zones": {
                    "room": {"coordinates": [[0.3, 0.4], [0.7, 0.4], [0.7, 1.0], [0.3, 1.0]]},
                    "shelf": {"coordinates": [[0.2, 0.1], [0.8, 0.1], [0.8, 0.38], [0.2, 0.38]], "inertia": 30},
                },
            }
        },
        "alerts": [
            {
                "name": "somebody",
                "when": {"event": "zone_enter", "zones": ["room"], "objects": ["person"]},
                "send": "log",
            },
            {"name": "the sure ones", "when": {"min_score": 0.6}, "send": "log"},
        ],
        "sinks": {"log": {"type": "jsonl", "path": str(folder / "log")}},
    }
    path = folder / "cameras.yaml"
    path.write_text(json.dumps(text))
    return path


async def asked(client: httpx.AsyncClient, what: str) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = (await client.get(f"/api/v1/{what}")).json()[what.partition("?")[0]]
    return found


async def test_a_person_at_046_where_05_is_wanted_is_no_event_and_the_api_says_why(tmp_path: Path) -> None:
    system = System(load(config(tmp_path)))
    server = web(system, LogMemory())
    await system.start()
    await server.start()
    try:
        async with httpx.AsyncClient(base_url=server.url) as client, asyncio.timeout(60):
            while not (persons := [one for one in await asked(client, "glimpses?label=person") if one["zones"]]):
                await asyncio.sleep(0.1)
            await system.switch("yard", False)
            while not (cars := await asked(client, "glimpses?label=car")):
                await asyncio.sleep(0.1)
            events = await asked(client, "events")
            answers = [(await client.get(f"/api/v1/events/{event['id']}/why")).json() for event in events]
    finally:
        await server.stop()
        await system.stop()

    assert {(event["type"], event["label"]) for event in events} == {("object", "suitcase")}
    person = persons[0]
    car = max(cars, key=lambda one: float(one["looks"]))
    assert (car["label"], car["why"]) == ("car", "score 0.46 below 0.5 (min_score)")
    assert (person["label"], person["why"]) == ("person", "score 0.46 below 0.5 (threshold)")
    assert (person["zones"], person["rules"]) == (["room"], ["somebody"])
    assert car["rules"] == []
    missed = next(miss for answer in answers for miss in answer["near_misses"])
    assert (missed["rule"], missed["where"]) == ("zone_enter", "shelf")
    assert re.fullmatch(r"inertia \d+ of 30", missed["why"])
    for one in (car, person):
        assert one["camera"] == "yard"
        assert one["looks"] >= 3
        assert one["last_seen_at"] - one["first_seen_at"] < 4
