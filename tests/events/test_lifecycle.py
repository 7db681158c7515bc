from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pipeline.core.clock import ManualClock
from pipeline.core.event import Event
from pipeline.core.messages import FrameResult
from pipeline.core.near_miss import missed
from pipeline.core.objects import TrackedObject
from pipeline.events.lifecycle import ObjectLifecycle


def seen(name: str = "walker", **given: Any) -> TrackedObject:
    plain: dict[str, Any] = {"label": "person", "score": 0.6, "box": (0.1, 0.1, 0.2, 0.4), "first_seen_at": 99.0}
    return TrackedObject(id=name, **(plain | given))


def result(at: float, *objects: TrackedObject, camera: str = "lobby") -> FrameResult:
    return FrameResult(camera, int(at), int(at * 90_000), at, 0.1, [*objects], [])


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def life(clock: ManualClock) -> ObjectLifecycle:
    return ObjectLifecycle(clock)


def test_from_the_first_belief_to_the_last_sight(life: ObjectLifecycle) -> None:
    assert life.update(result(99.0, seen(confirmed=False))) == []
    (begun,) = life.update(result(100.0, seen(zones=["hall"], attributes={"hat": True})))
    assert begun == Event(
        id="walker",
        type="object",
        camera="lobby",
        started_at=99.0,
        state="new",
        label="person",
        score=0.6,
        object_id="walker",
        box=(0.1, 0.1, 0.2, 0.4),
        zones=["hall"],
        attributes={"hat": True},
        data={"last_seen_at": 100.0},
    )
    assert life.update(result(101.0, seen())) == []
    assert life.update(result(102.0, seen(measured=False))) == []
    assert life.update(result(103.0, seen(measured=False, lost=True))) == []
    (ended,) = life.update(result(104.0))
    assert (ended.id, ended.state, ended.ended_at) == ("walker", "end", 101.0), "when it was last measured"
    assert (begun.state, begun.ended_at) == ("new", None), "what was told does not change"
    assert life.update(result(105.0)) == []


@pytest.mark.parametrize(
    ("given", "looked", "ended_at"),
    [
        pytest.param({"stationary": True}, False, 110.0, id="nothing moved: it was still there"),
        pytest.param({"stationary": True}, True, 100.0, id="looked for in vain"),
        pytest.param({"stationary": True, "lost": True}, False, 100.0, id="lost before"),
        pytest.param({}, False, 100.0, id="not at rest"),
    ],
)
def test_what_was_at_rest_while_nobody_looked(
    life: ObjectLifecycle, given: dict[str, Any], looked: bool, ended_at: float
) -> None:
    life.update(result(100.0, seen(stationary=True)))
    life.update(replace(result(110.0, seen(measured=False, **given)), looked=looked))
    (ended,) = life.update(result(111.0))
    assert ended.ended_at == ended_at


def test_an_object_that_is_never_believed_makes_no_event(life: ObjectLifecycle) -> None:
    assert life.update(result(100.0, seen(confirmed=False))) == []
    assert life.update(result(101.0)) == []
    assert life.close() == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param({}, False, id="nothing new"),
        pytest.param({"score": 0.64}, False, id="hardly a better score"),
        pytest.param({"score": 0.66}, True, id="a better score"),
        pytest.param({"score": 0.1}, False, id="a worse score"),
        pytest.param({"score": 0.9, "measured": False}, False, id="a predicted score is none"),
        pytest.param({"box": (0.5, 0.5, 0.6, 0.9)}, False, id="it moved"),
        pytest.param({"zones": ["hall"]}, True, id="a zone"),
        pytest.param({"label": "dog"}, True, id="a label"),
        pytest.param({"attributes": {"colour": "red"}}, True, id="an attribute"),
        pytest.param({"stationary": True}, False, id="it stands still"),
    ],
)
def test_an_update_is_what_a_person_cares_about(life: ObjectLifecycle, change: dict[str, Any], told: bool) -> None:
    life.update(result(100.0, seen()))
    updates = life.update(result(101.0, seen(**change)))
    assert [event.state for event in updates] == (["update"] if told else [])


def test_updates_come_at_most_once_a_second_and_none_is_forgotten(life: ObjectLifecycle) -> None:
    life.update(result(100.0, seen()))
    assert life.update(result(100.2, seen(zones=["hall"]))) == []
    assert life.update(result(100.9, seen(zones=["door"]))) == []
    (update,) = life.update(result(101.0, seen()))
    assert update.zones == ["hall", "door"]
    assert life.update(result(103.0, seen())) == []


def test_the_best_score_keeps_its_box(life: ObjectLifecycle) -> None:
    life.update(result(100.0, seen()))
    life.update(result(101.0, seen(score=0.9, box=(0.3, 0.3, 0.4, 0.6))))
    life.update(result(102.0, seen(score=0.7, box=(0.8, 0.3, 0.9, 0.6))))
    (ended,) = life.close()
    assert (ended.score, ended.box, ended.ended_at) == (0.9, (0.3, 0.3, 0.4, 0.6), 102.0)


def missing(at: float, why: str, *objects: TrackedObject) -> FrameResult:
    misses = [missed("zone_enter", seen(), why, zone="hall")] if why else []
    return replace(result(at, *objects), misses={"walker": misses})


def test_what_rules_nearly_told_is_in_the_event(life: ObjectLifecycle) -> None:
    (begun,) = life.update(missing(100.0, "inertia 1 of 3", seen()))
    (update,) = life.update(missing(102.0, "inertia 2 of 3", seen()))
    assert life.update(result(104.0, seen())) == [], "no news is no change"
    (after_all,) = life.update(missing(106.0, "", seen()))
    (ended,) = life.update(missing(108.0, "label person, wanted dog"))
    said = {"rule": "zone_enter", "zone": "hall"}
    assert begun.data == {"last_seen_at": 100.0, "near_misses": [said | {"why": "inertia 1 of 3"}]}
    assert update.data["near_misses"] == [said | {"why": "inertia 2 of 3"}]
    assert "near_misses" not in after_all.data
    assert ended.data["near_misses"] == [said | {"why": "label person, wanted dog"}], "said in its last moment"


@pytest.mark.parametrize("at", [102.0, 101.0, 95.0], ids=["repeated", "late", "very late"])
def test_a_repeated_or_late_result_changes_nothing(life: ObjectLifecycle, at: float) -> None:
    life.update(result(100.0, seen()))
    life.update(result(102.0, seen()))
    assert life.update(result(at)) == []
    assert life.update(result(103.0, seen())) == [], "it was there all the time"


def test_a_clock_that_was_set_back_does_not_stop_the_events(life: ObjectLifecycle) -> None:
    life.update(result(100.0, seen()))
    (ended,) = life.update(result(50.0))
    assert ended.ended_at == 100.0
    (begun,) = life.update(result(51.0, seen("other", first_seen_at=50.5)))
    assert begun.state == "new"


def test_a_clock_that_was_set_back_does_not_keep_updates_back(life: ObjectLifecycle) -> None:
    life.update(result(10_000.0, seen()))
    (told,) = life.update(result(6_400.0, seen(zones=["hall"])))
    assert (told.state, told.zones) == ("update", ["hall"])


def test_an_object_that_comes_back_goes_on_with_its_event(life: ObjectLifecycle) -> None:
    life.update(result(100.0, seen(zones=["hall"])))
    life.update(result(101.0))
    (back,) = life.update(result(102.0, seen()))
    assert (back.id, back.state, back.ended_at, back.zones) == ("walker", "update", None, ["hall"])
    (ended,) = life.update(result(103.0))
    assert ended.ended_at == 102.0


def test_cameras_have_nothing_to_do_with_each_other(life: ObjectLifecycle) -> None:
    life.update(result(100.0, seen()))
    life.update(result(50.0, seen("car"), camera="yard"))
    assert life.update(result(101.0, seen())) == []
    (ended,) = life.lost("yard")
    assert (ended.id, ended.camera) == ("car", "yard")
    assert life.lost("yard") == [] == life.lost("nowhere")
    assert [event.id for event in life.close()] == ["walker"]


def test_silence_ends_what_is_open(life: ObjectLifecycle, clock: ManualClock) -> None:
    life.update(result(100.0, seen()))
    clock.advance(30.0)
    assert life.silent() == []
    clock.advance(0.1)
    assert [event.state for event in life.silent()] == ["end"]
    assert life.silent() == []


def test_no_more_than_so_many_are_open(clock: ManualClock) -> None:
    life = ObjectLifecycle(clock, capacity=2)
    crowd = [seen(name) for name in "abcd"]
    assert [event.id for event in life.update(result(100.0, *crowd))] == ["a", "b"]
    assert life.update(result(101.0, *crowd)) == []
    assert life.refused == 2, "each object once, not each frame"
    told = life.update(result(102.0, *crowd[1:]))
    assert [(event.id, event.state) for event in told] == [("a", "end"), ("c", "new")]


Frames = st.lists(st.tuples(st.floats(0, 200), st.sets(st.sampled_from("abcd"))), max_size=30)


@given(frames=Frames)
def test_every_event_begins_once_and_ends_last(frames: list[tuple[float, set[str]]]) -> None:
    life = ObjectLifecycle(ManualClock(), capacity=3)
    told: dict[str, list[Event]] = {}
    for at, names in frames:
        for event in life.update(result(at, *(seen(name, first_seen_at=at) for name in sorted(names)))):
            told.setdefault(event.id, []).append(event)
    for event in life.close():
        told[event.id].append(event)
    for events in told.values():
        assert [event.state == "new" for event in events] == [True] + [False] * (len(events) - 1)
        assert events[-1].state == "end"
        assert all((event.ended_at is not None) == (event.state == "end") for event in events)
        assert all(event.ended_at is None or event.ended_at >= event.started_at for event in events)
