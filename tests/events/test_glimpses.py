"""From frames to what was seen but never believed: told once it is over, with what it lacked."""

from collections.abc import Sequence
from typing import Any

import pytest

from pipeline.core.clock import ManualClock
from pipeline.core.glimpse import Glimpse
from pipeline.core.messages import FrameResult
from pipeline.core.objects import Box, Doubt, TrackedObject
from pipeline.core.refusal import Refusal
from pipeline.events.glimpses import LONGEST_S, MOST_DOUBTED, MOST_REFUSED, Glimpses

BOX: Box = (0.1, 0.1, 0.2, 0.4)
ELSEWHERE: Box = (0.7, 0.1, 0.8, 0.4)


def doubted(looks: int, score: float = 0.46, *, name: str = "walker", **given: Any) -> TrackedObject:
    """As the tracker tells of one whose every look had this score; 0.5 is wanted."""
    doubt = Doubt(looks, score, score if looks > 1 else 0.0, 0.5)
    plain: dict[str, Any] = {"label": "person", "score": score, "box": BOX, "first_seen_at": 100.0}
    return TrackedObject(id=name, confirmed=False, doubt=doubt, **(plain | given))


def believed(name: str = "walker", box: Box = BOX) -> TrackedObject:
    return TrackedObject(id=name, label="person", score=0.9, box=box, first_seen_at=100.0)


def refusal(score: float = 0.46, box: Box = BOX, **given: Any) -> Refusal:
    plain: dict[str, Any] = {"label": "person", "limit": "min_score", "got": score, "wanted": 0.5}
    return Refusal(score=score, box=box, **(plain | given))


class Watched:
    """Frames at five a second from 100 on."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.glimpses = Glimpses(self.clock)
        self.told: list[Glimpse] = []
        self.at = 100.0

    def frame(
        self,
        objects: Sequence[TrackedObject] = (),
        refused: Sequence[Refusal] = (),
        *,
        camera: str = "lobby",
        looked: bool = True,
    ) -> None:
        result = FrameResult(camera, 0, 0, self.at, 0.1, [*objects], [], looked=looked, refused=[*refused])
        self.told += self.glimpses.update(result)
        self.at = round(self.at + 0.2, 3)

    def pause(self, seconds: float) -> None:
        self.at += seconds
        self.frame()

    @property
    def why(self) -> list[str]:
        return [glimpse.why for glimpse in self.told]


def test_an_object_that_is_never_sure_enough() -> None:
    watched = Watched()
    watched.frame([doubted(1, 0.44, box=(0.0, 0.1, 0.02, 0.4))])
    watched.frame([doubted(2, 0.46, box=ELSEWHERE, zones=["door"])])
    watched.frame([doubted(2, 0.46, box=(0.8, 0.1, 0.9, 0.2), zones=["yard"])])
    assert watched.told == []
    watched.frame([doubted(2, 0.46, measured=False, lost=True)])
    watched.frame()
    (told,) = watched.told
    assert told == Glimpse(
        id=told.id,
        camera="lobby",
        label="person",
        first_seen_at=100.0,
        last_seen_at=100.4,
        looks=2,
        score=0.46,
        box=ELSEWHERE,
        zones=["door", "yard"],
        reason="threshold",
        why="score 0.46 below 0.5 (threshold)",
    )


@pytest.mark.parametrize(
    ("frames", "why"),
    [
        pytest.param([[doubted(1, 0.85)]], ["seen in 1 look, wanted 2"], id="sure, but seen once"),
        pytest.param([[doubted(1, 0.46)]], [], id="a flicker"),
        pytest.param([[doubted(1)], [doubted(2)], [believed()]], [], id="believed in the end"),
        pytest.param([[doubted(1)], [believed()], []], [], id="believed, then gone"),
        pytest.param([[doubted(1)], [doubted(2, origin="walker-0")]], [], id="goes on with one that has an event"),
        pytest.param(
            [[doubted(n, name="double"), believed()] for n in (1, 2, 3)], [], id="the double of one that is believed"
        ),
        pytest.param(
            [[doubted(n), believed("other", ELSEWHERE)] for n in (1, 2)],
            ["score 0.46 below 0.5 (threshold)"],
            id="beside one that is believed",
        ),
    ],
)
def test_of_objects(frames: list[list[TrackedObject]], why: list[str]) -> None:
    watched = Watched()
    for objects in frames:
        watched.frame(objects)
    watched.frame()
    assert watched.why == why


@pytest.mark.parametrize(
    ("frames", "why"),
    [
        pytest.param([[refusal()]] * 3, ["score 0.46 below 0.5 (min_score)"], id="unsure all the time"),
        pytest.param(
            [[refusal(0.4)], [refusal(0.48)], [refusal(0.41)]], ["score 0.48 below 0.5 (min_score)"], id="best"
        ),
        pytest.param([[refusal()]] * 2, [], id="a flicker"),
        pytest.param([[refusal()], [refusal(box=ELSEWHERE)], [refusal()]], [], id="flickers in two places"),
        pytest.param(
            [[refusal(), refusal(box=ELSEWHERE)]] * 3, ["score 0.46 below 0.5 (min_score)"] * 2, id="two at once"
        ),
        pytest.param([[refusal(limit="mask")]] * 3, ["stood in a mask"], id="in a mask"),
        pytest.param([[refusal()], [refusal(label="car")], [refusal(limit="mask")]], [], id="each time another kind"),
    ],
)
def test_of_detections_that_are_refused(frames: list[list[Refusal]], why: list[str]) -> None:
    watched = Watched()
    for refused in frames:
        watched.frame(refused=refused)
    watched.pause(5)
    assert watched.told == [], "it may be back"
    watched.pause(6)
    assert watched.why == why


def test_a_detection_that_lies_on_an_object_is_seen_already() -> None:
    watched = Watched()
    for _ in range(3):
        watched.frame([believed()], [refusal(), refusal(box=(0.12, 0.1, 0.18, 0.2)), refusal(label="dog")])
    watched.pause(20)
    assert watched.told == []


def test_one_that_comes_near_enough_to_be_an_object_is_followed_as_that() -> None:
    watched = Watched()
    for _ in range(3):
        watched.frame(refused=[refusal()])
    watched.frame([doubted(1)])
    watched.frame([believed()])
    watched.pause(20)
    assert watched.told == []


def test_what_goes_on_for_long_is_told_in_parts() -> None:
    watched = Watched()
    for looks in (1, 2, 3):
        watched.frame([doubted(looks)], [refusal(box=ELSEWHERE)])
    watched.at = 100.0 + LONGEST_S + 1
    watched.frame([doubted(4)], [refusal(box=ELSEWHERE)])
    assert [(glimpse.reason, glimpse.looks) for glimpse in watched.told] == [("threshold", 4), ("min_score", 3)]
    for looks in (5, 6):
        watched.frame([doubted(looks)])
    watched.frame()
    assert [(glimpse.reason, glimpse.looks) for glimpse in watched.told[2:]] == [("threshold", 1)]
    assert watched.told[2].first_seen_at > 100.0 + LONGEST_S


def test_what_stands_still_is_there_although_nobody_looks() -> None:
    watched = Watched()
    watched.frame([doubted(1)])
    watched.frame([doubted(2)])
    watched.at = 160.0
    watched.frame([doubted(2, measured=False, stationary=True)], looked=False)
    watched.frame()
    assert watched.told[0].last_seen_at == 160.0


def test_a_result_that_comes_again_or_late_changes_nothing() -> None:
    watched = Watched()
    watched.frame([doubted(1)])
    watched.frame([doubted(2)])
    watched.at -= 0.2
    watched.frame()
    assert watched.told == []


def test_what_is_open_ends_with_its_camera_in_silence_or_at_the_close() -> None:
    watched = Watched()
    for camera in ("lobby", "yard", "lane"):
        watched.frame([doubted(2)], camera=camera)
    assert [glimpse.camera for glimpse in watched.glimpses.lost("yard")] == ["yard"]
    watched.clock.advance(20)
    watched.frame([doubted(2)], camera="lane")
    watched.clock.advance(20)
    assert [glimpse.camera for glimpse in watched.glimpses.silent()] == ["lobby"]
    assert [glimpse.camera for glimpse in watched.glimpses.close()] == ["lane"]
    assert watched.glimpses.lost("nobody") == watched.glimpses.silent() == watched.glimpses.close() == []


def test_a_flood_is_bounded_and_counted() -> None:
    """Of every camera for itself."""
    watched = Watched()
    for camera in ("lobby", "yard"):
        crowd = [doubted(1, name=f"w-{n}") for n in range(MOST_DOUBTED + 10)]
        places: list[Box] = [(0.0, y / 20, 0.01, y / 20 + 0.01) for y in range(0, 20)]
        watched.frame(crowd, camera=camera)
        watched.frame(refused=[refusal(box=box, label=f"l-{n}") for n, box in enumerate(places)], camera=camera)
    assert watched.glimpses.left_out == 2 * (10 + 20 - MOST_REFUSED)
    assert watched.told == []
