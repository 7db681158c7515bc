"""What the page says of zones and lines that are not saved yet is what the rules say once they are."""

import json
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Page, Route

from pipeline.core.camera import Camera, Line, Zone
from pipeline.core.event import Event
from pipeline.core.objects import TrackedObject
from pipeline.stages.builtin_rules.line_cross import LineCross
from pipeline.stages.builtin_rules.presence import Presence
from pipeline.stages.builtin_rules.zone_enter import ZoneEnter
from sinks.web.page import STATIC
from tests.system.browser import browser, page

__all__ = ["browser", "page"]

pytestmark = pytest.mark.system

SITE = "http://page.test"
FRAMES = 400
FPS = 5.0
TRY = """async ({ areas, fps, frames }) => {
    const { Draft } = await import("/static/areas/draft.js");
    const { Trial } = await import("/static/areas/trial.js");
    const [draft, trial, told] = [new Draft(areas), new Trial(fps), []];
    const tell = (at) => ({ detail: { id, thing, side } }) =>
        told.push([at, draft.find(id).name, thing.id, side ?? ""]);
    trial.follow(draft.areas);
    frames.forEach((frame, at) => {
        const listener = tell(at);
        ["entered", "crossed"].forEach((type) => trial.addEventListener(type, listener));
        trial.result(frame);
        ["entered", "crossed"].forEach((type) => trial.removeEventListener(type, listener));
    });
    return told;
}"""


@pytest_asyncio.fixture
async def modules(page: Page) -> AsyncIterator[Page]:
    """A page that can import the dashboard's modules, and nothing else."""

    async def served(route: Route) -> None:
        path = route.request.url.removeprefix(SITE)
        if path.startswith("/static/"):
            await route.fulfill(path=STATIC / path.removeprefix("/static/"))
        else:
            await route.fulfill(body="<!doctype html><title>Modules</title>", content_type="text/html")

    await page.route("**/*", served)
    await page.goto(f"{SITE}/")
    yield page


AREAS: dict[str, Any] = {
    "zones": {
        "yard": {"coordinates": [[0.1, 0.2], [0.7, 0.1], [0.5, 0.5], [0.8, 0.9], [0.2, 1.0]]},
        "strip": {"coordinates": "0.0,0.5,1.0,0.5,1.0,0.53,0.0,0.53", "inertia": 1},
        "reds": {"coordinates": [[0.5, 0.0], [1, 0], [1, 1], [0.5, 1]], "attributes": {"colour": ["red", "blue"]}},
        "heads": {"coordinates": [[0.2, 0.1], [0.9, 0.2], [0.5, 0.6]], "anchor": "top_left"},
        "half": {"coordinates": [[0.1, 0.3], [0.9, 0.2], [0.7, 0.8]], "anchor": "none", "min_overlap": 0.5},
        "both": {
            "coordinates": [[0.3, 0.2], [0.9, 0.2], [0.4, 0.5], [0.6, 0.9]],
            "anchor": "center",
            "min_overlap": 0.3,
        },
        "cars": {"coordinates": [[0.3, 0.3], [0.9, 0.3], [0.6, 0.9]], "objects": ["car"], "inertia": 2},
    },
    "lines": {
        "down": {"from": [0.5, 0.0], "to": [0.5, 1.0]},
        "middles": {"from": [0.2, 0.3], "to": [0.9, 0.6], "anchor": "center"},
        "short": {"from": [0.3, 0.6], "to": [0.7, 0.4], "direction": "left"},
        "blue": {"from": [0.0, 0.45], "to": [1.0, 0.55], "direction": "right", "attributes": {"colour": "blue"}},
    },
}


@pytest.mark.parametrize("seed", range(4))
async def test_page_and_rules_agree(modules: Page, seed: int) -> None:
    frames = list(walks(Random(seed)))
    by_rules = told_by_rules(frames)
    messages = [{"t": at, "objects": json.loads(msgspec.json.encode(objects))} for at, objects in frames]

    by_page = await modules.evaluate(TRY, {"areas": AREAS, "fps": FPS, "frames": messages})

    assert sorted(map(tuple, by_page)) == sorted(by_rules)
    names = {name for _, name, _, _ in by_rules}
    assert names == {*AREAS["zones"], *AREAS["lines"]}, "every zone and line had something to say"


async def test_defaults_are_those_of_the_configuration(modules: Page) -> None:
    said = await modules.evaluate('async () => (await import("/static/areas/form.js")).DEFAULTS')

    square = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)]
    zone = Zone(coordinates=tuple(square)).model_dump(mode="json", exclude_unset=False)
    line = Line.model_validate({"from": square[0], "to": square[1]}).model_dump(mode="json", by_alias=True)
    assert said["zone"] == {key: zone[key] for key in ("objects", "attributes", "inertia", "loitering_time")}
    assert said["line"] == {key: line[key] for key in ("objects", "attributes", "direction")}


ROUND_TRIP = """async (areas) => {
    const { Draft } = await import("/static/areas/draft.js");
    const draft = new Draft(areas);
    const [first] = draft.areas;
    const moved = first.points.with(0, [0.33333, 1.2]);
    draft.move(first.id, moved, "drag");
    draft.move(first.id, moved.with(1, [0.5, 0.5]), "drag");
    const there = draft.written;
    draft.undo();
    return { there, back: draft.written, changed: draft.changed, undo: draft.canUndo, redo: draft.canRedo };
}"""


async def test_what_the_editor_does_not_know_stays_as_it_is(modules: Page) -> None:
    unknown = {
        "some_day": {"deep": [1, "two"]},
        "count": {"over": 5},
        "one_way": None,
        "coordinates": "0.1,0.1,0.9,0.1,0.5,0.9",
        "objects": ["person"],
    }
    areas: dict[str, Any] = {
        "zones": {"first": unknown, "odd": {"coordinates": "${WHERE}"}},
        "lines": {"door": {"to": [0, 1]}},
    }

    done = await modules.evaluate(ROUND_TRIP, areas)

    points = [[0.333, 1], [0.5, 0.5], [0.5, 0.9]]
    assert done["there"] == {**areas, "zones": {**areas["zones"], "first": {**unknown, "coordinates": points}}}
    assert (done["back"], done["changed"]) == (areas, False), "one drag is one step back"
    assert (done["undo"], done["redo"]) == (False, True)


LAYERS = """async (layers) => {
    const { Overlay } = await import("/static/overlay.js");
    const canvas = document.body.appendChild(document.createElement("canvas"));
    const object = { label: "person", score: 0.9, box: [0.4, 0.4, 0.6, 0.6], attributes: {}, seen: true };
    const mark = (layer) => ({ kind: "line", points: [[0.1, 0.1], [0.9, 0.1]], text: "", colour: [255, 0, 0], layer });
    const drawn = (content, without) => {
        const video = { videoWidth: 300, videoHeight: 150 };
        new Overlay(canvas).draw(video, content, { exact: false, without: new Set(without) });
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return data.some((value) => value > 0);
    };
    const marks = ["zones", "lines", "trails", ""].map((layer) => {
        const content = { objects: [], marks: [mark(layer)] };
        return [drawn(content, []), drawn(content, layers)];
    });
    const content = { objects: [object], marks: [] };
    const ways = [[], ["boxes"], ["labels"], ["boxes", "labels"]];
    return { marks, objects: ways.map((without) => drawn(content, without)) };
}"""


async def test_layers_that_are_switched_off_are_not_drawn(modules: Page) -> None:
    drawn = await modules.evaluate(LAYERS, ["zones", "lines", "trails"])

    assert drawn["marks"] == [[True, False], [True, False], [True, False], [True, True]], "what is in no layer stays"
    assert drawn["objects"] == [True, True, True, False]


WORDS = """async (text) => {
    const { attributesInWords, attributesOfWords } = await import("/static/areas/form.js");
    const read = attributesOfWords(text);
    return [read, attributesInWords(read)];
}"""


async def test_attributes_as_people_write_them(modules: Page) -> None:
    read, written = await modules.evaluate(WORDS, "colour: red,  blue\n\nparked: true\ndoors: 5\nempty:\n")

    assert read == {"colour": ["red", "blue"], "parked": True, "doors": 5, "empty": []}
    assert written == "colour: red, blue\nparked: true\ndoors: 5\nempty: "


def walks(random: Random) -> list[tuple[float, list[TrackedObject]]]:
    """Objects that wander, some of them now and then not seen, at a rate that is not quite even."""
    frames, now = [], 0.0
    places = {f"o{number}": [random.random(), random.random(), random.gauss(0, 0.06)] for number in range(6)}
    colours = ["red", "blue", "green", None]
    for _ in range(FRAMES):
        now += random.uniform(0.8, 1.2) / FPS
        objects = []
        for number, (name, place) in enumerate(places.items()):
            place[2] = max(-0.1, min(0.1, place[2] + random.gauss(0, 0.02)))
            place[0] = min(1.05, max(-0.05, place[0] + place[2]))
            place[1] = min(1.05, max(0.1, place[1] + random.gauss(0, 0.04)))
            if place[0] in (1.05, -0.05):
                place[2] = -place[2]
            x, y, size = place[0], place[1], 0.02 + 0.03 * number
            colour = colours[number % len(colours)]
            objects.append(
                TrackedObject(
                    name,
                    "car" if number % 2 else "person",
                    0.8,
                    (x - size / 2, y - 1.5 * size, x + size / 2, y),
                    0.0,
                    measured=random.random() > 0.15,
                    lost=random.random() < 0.05,
                    confirmed=random.random() > 0.02,
                    stationary=random.random() < 0.2,
                    attributes={} if colour is None else {"colour": colour},
                )
            )
        frames.append((now, [each for each in objects if random.random() > 0.01]))
    return frames


def told_by_rules(frames: list[tuple[float, list[TrackedObject]]]) -> list[tuple[int, str, str, str]]:
    camera = Camera.model_validate({"name": "yard", "fps": FPS, **AREAS})
    presence, entering = Presence(camera), ZoneEnter(ZoneEnter.Options(), camera)
    crossing = LineCross(LineCross.Options(), camera)
    told = []
    for at, (now, objects) in enumerate(frames):
        presence.update(objects, now)
        confirmed = [thing for thing in objects if thing.confirmed]
        said = [*entering.update(confirmed, now), *crossing.update(objects, now)]
        for event in [one for one in said if isinstance(one, Event)]:
            told.append((at, str(event.zone or event.line), str(event.object_id), event.direction or ""))
    return told
