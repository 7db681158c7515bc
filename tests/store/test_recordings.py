"""The table of recordings, in every database."""

from pipeline.core.event import Event
from pipeline.core.footage import KINDS, Kind, Segment, Span
from pipeline.store.store import EventStore


def segment(begin: float, end: float, *kinds: Kind, camera: str = "yard") -> Segment:
    name = f"{camera}-{begin:g}"
    return Segment(name, camera, begin, end, f"recordings/{name}.mp4", 3_000_000_000, frozenset(kinds))


def kinds(store: EventStore) -> dict[str, list[str]]:
    return {found.id: sorted(found.kinds) for found in store.recordings.between(None, 0, 1e11)}


def test_what_is_noted_is_found_by_its_time(store: EventStore) -> None:
    noted = [segment(at, at + 10, "continuous") for at in (1000.0, 1010.0, 1020.0)]
    other = segment(1000.0, 1010.0, *KINDS, camera="attic")
    store.recordings.add([*noted, other])
    assert store.recordings.between("yard", 1005.0, 1010.0) == noted[:1]
    assert store.recordings.between("yard", 1005.0, 1010.1) == noted[:2]
    assert store.recordings.between("yard", 1030.0, 1100.0) == []
    assert store.recordings.between("attic", 0.0, 1e11) == [other]
    assert {found.camera for found in store.recordings.between(None, 1000.0, 1001.0)} == {"yard", "attic"}
    assert store.recordings.bytes() == 12_000_000_000, "more than 32 bits"
    assert sorted(store.recordings.cameras()) == ["attic", "yard"]
    assert store.recordings.paths()["attic-1000"] == "recordings/attic-1000.mp4"
    store.recordings.remove(["yard-1010", "nothing"])
    assert store.recordings.between("yard", 0.0, 1e11) == [noted[0], noted[2]]


def test_what_follows_without_a_gap_is_one_stretch(store: EventStore) -> None:
    store.recordings.add(
        [
            segment(1000.0, 1010.0, "continuous"),
            segment(1010.02, 1020.0, "continuous"),
            segment(1020.0, 1030.0, "alert", "continuous"),
            segment(1031.0, 1040.0, "alert", "continuous"),
            segment(1040.0, 1050.0, "continuous"),
            segment(1005.0, 1015.0, "motion", camera="attic"),
            segment(1015.0, 1025.0, "motion", camera="attic"),
        ]
    )
    size = 3_000_000_000
    assert store.recordings.spans(None, 0.0, 1e11) == [
        Span("yard", 1000.0, 1020.0, ["continuous"], 2 * size),
        Span("attic", 1005.0, 1025.0, ["motion"], 2 * size),
        Span("yard", 1020.0, 1030.0, ["continuous", "alert"], size),
        Span("yard", 1031.0, 1040.0, ["continuous", "alert"], size),
        Span("yard", 1040.0, 1050.0, ["continuous"], size),
    ]
    assert store.recordings.spans("attic", 1016.0, 1e11) == [Span("attic", 1015.0, 1025.0, ["motion"], size)]
    assert store.recordings.spans("shed", 0.0, 1e11) == []


def test_reasons_are_added_and_none_is_lost(store: EventStore) -> None:
    store.recordings.add([segment(1000.0, 1010.0, "motion"), segment(1010.0, 1020.0)])
    store.recordings.mark(["yard-1000"], ["alert"])
    store.recordings.mark(["yard-1000", "yard-1010"], ["continuous", "alert"])
    assert kinds(store) == {"yard-1000": ["alert", "continuous", "motion"], "yard-1010": ["alert", "continuous"]}


def test_what_becomes_an_alert_is_kept_as_one_where_it_was_a_detection(store: EventStore) -> None:
    spans = [(1000.0, "detection"), (1010.0, "continuous"), (1020.0, "detection"), (1030.0, "detection")]
    store.recordings.add([segment(at, at + 10, kind) for at, kind in spans])  # type: ignore[arg-type]
    store.recordings.alert_between("yard", 1005.0, 1030.0)
    assert kinds(store) == {
        "yard-1000": ["alert", "detection"],
        "yard-1010": ["continuous"],
        "yard-1020": ["alert", "detection"],
        "yard-1030": ["detection"],
    }


def test_what_is_too_old_and_what_is_oldest(store: EventStore) -> None:
    before = {"continuous": 2000.0, "motion": 1500.0, "detection": 1000.0, "alert": 500.0}
    old = [
        segment(1900.0, 1910.0, "continuous"),
        segment(1400.0, 1410.0, "continuous", "motion"),
        segment(400.0, 410.0, "alert"),
    ]
    kept = [segment(600.0, 610.0, "alert", "continuous"), segment(1600.0, 1610.0, "motion")]
    store.recordings.add([*old, *kept, segment(100.0, 110.0, "continuous", camera="attic")])
    expired = store.recordings.expired("yard", before, ["pinned"], 10)  # type: ignore[arg-type]
    assert expired == sorted(old, key=lambda found: found.started_at)
    assert [found.started_at for found in store.recordings.oldest({"yard": ["pinned"]}, 3)] == [100.0, 400.0, 600.0]


def test_events_that_have_lost_their_clip(store: EventStore) -> None:
    def event(name: str, at: float, lasts: float = 0.0, **given: object) -> Event:
        plain = {"camera": "yard", "clip": "ready", "state": "end"} | given
        return Event(id=name, type="object", started_at=at, ended_at=at + lasts, **plain)  # type: ignore[arg-type]

    store.recordings.add([segment(1010.0, 1020.0, "detection"), segment(3000.0, 3010.0, "detection")])
    events = [
        event("before", 1005.0),
        event("begins before", 1005.0, 6.0),
        event("within", 1012.0),
        event("after", 1025.0),
        event("elsewhere", 1005.0, camera="attic"),
        event("none", 1005.0, clip="none"),
    ]
    for saved in [store.save(each) for each in events]:
        saved.result()
    found = store.recordings.without_clip("yard", 1000.0, 1030.0)
    assert sorted(lost.id for lost in found) == ["after", "before"]


def test_events_that_wait_for_their_clip(store: EventStore) -> None:
    waits = Event(
        id="waits", type="zone_enter", camera="yard", started_at=1.0, ended_at=1.0, state="end", clip="pending"
    )
    goes_on = Event(id="goes on", type="object", camera="yard", started_at=1.0, clip="pending")
    has = Event(id="has", type="zone_enter", camera="yard", started_at=1.0, ended_at=1.0, state="end", clip="ready")
    for saved in [store.save(each) for each in (waits, goes_on, has)]:
        saved.result()
    assert store.awaiting_clips() == [waits]
