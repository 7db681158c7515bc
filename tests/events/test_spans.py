from msgspec.structs import replace

from pipeline.core.event import Event
from pipeline.events.spans import MOST, OpenSpans


def crowd(camera: str = "lobby", since: float = 100.0) -> Event:
    return Event.span("count_over", camera=camera, since=since, zone="hall", count=6)


def test_what_goes_on_ends_with_its_camera() -> None:
    spans, here, there = OpenSpans(), crowd(), crowd("yard")
    for event in (here, there, replace(here, state="update", data={"count": 8})):
        spans.hear(event)

    (ended,) = spans.lost("lobby", 130.0)

    assert (ended.id, ended.state, ended.ended_at, ended.data) == (here.id, "end", 130.0, {"count": 8})
    assert spans.lost("lobby", 140.0) == []
    assert [event.id for event in spans.close(90.0)] == [there.id]
    assert spans.close(90.0) == []


def test_an_end_is_never_before_the_beginning() -> None:
    spans = OpenSpans()
    spans.hear(crowd(since=100.0))
    assert [event.ended_at for event in spans.close(90.0)] == [100.0]


def test_what_has_ended_and_what_is_an_objects_is_left_alone() -> None:
    spans, event = OpenSpans(), crowd()
    spans.hear(event)
    spans.hear(replace(event, state="end", ended_at=120.0))
    spans.hear(replace(crowd(), object_id="a"))
    assert spans.close(200.0) == []


def test_rules_that_begin_without_end_fill_no_memory() -> None:
    spans = OpenSpans()
    for number in range(MOST + 3):
        spans.hear(crowd(since=float(number)))
    assert next(event.started_at for event in spans.close(0.0)) == 3.0
