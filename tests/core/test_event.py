from pipeline.core.event import Event
from pipeline.core.objects import TrackedObject

NOW = 1_700_000_000.0


def test_an_instant_is_over_when_it_begins() -> None:
    event = Event.instant("crowd", camera="lobby", at=NOW, count=7)
    assert (event.type, event.camera, event.started_at, event.ended_at, event.state) == (
        "crowd",
        "lobby",
        NOW,
        NOW,
        "end",
    )
    assert event.data == {"count": 7}
    assert event.object_id is None


def test_an_instant_about_an_object_says_what_the_object_was_like() -> None:
    thing = TrackedObject("a-1", "car", 0.8, (0.1, 0.2, 0.3, 0.4), NOW, zones=["gate"], attributes={"colour": "red"})
    event = Event.instant("line_cross", camera="lobby", at=NOW, about=thing, line="kerb", direction="left")
    assert (event.object_id, event.label, event.score, event.box) == ("a-1", "car", 0.8, (0.1, 0.2, 0.3, 0.4))
    assert (event.line, event.direction) == ("kerb", "left")
    thing.zones.append("later")
    thing.attributes["colour"] = "blue"
    assert (event.zones, event.attributes) == (["gate"], {"colour": "red"})


def test_each_instant_has_an_id_of_its_own() -> None:
    assert len({Event.instant("crowd", camera="lobby", at=NOW).id for _ in range(100)}) == 100
