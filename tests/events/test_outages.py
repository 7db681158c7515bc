from pipeline.core.clock import ManualClock
from pipeline.events.outages import CameraOutages


def test_an_outage_spans_an_absence() -> None:
    clock = ManualClock(100.0)
    outages = CameraOutages(clock, grace_s=5)
    outages.offline("yard", "unreachable", 100.0)
    clock.advance(5)
    (begun,) = outages.due()
    assert (begun.type, begun.camera, begun.started_at, begun.state) == ("camera_offline", "yard", 100.0, "new")
    assert begun.data == {"reason": "unreachable"}
    assert outages.due() == [], "told once"

    outages.offline("yard", "unauthorised", 120.0)
    outages.offline("yard", "", 125.0)
    (ended,) = outages.online("yard", 160.0)
    assert (ended.id, ended.started_at, ended.ended_at, ended.state) == (begun.id, 100.0, 160.0, "end")
    assert ended.data == {"reason": "unauthorised"}, "the last reason that was given"
    assert outages.online("yard", 161.0) == []


def test_a_camera_that_is_back_says_so_and_one_that_was_taken_away_does_not() -> None:
    clock = ManualClock(100.0)
    outages = CameraOutages(clock, grace_s=0)
    for name in ("yard", "gate"):
        outages.offline(name, "unreachable", 100.0)
    assert len(outages.due()) == 2
    ended, back = outages.back("yard", 160.0)
    assert (ended.type, ended.state, back.type, back.state) == ("camera_offline", "end", "camera_online", "end")
    assert (back.camera, back.started_at, back.ended_at, back.data) == ("yard", 160.0, 160.0, {"offline_s": 60.0})
    assert outages.back("yard", 161.0) == []
    assert [event.type for event in outages.online("gate", 160.0)] == ["camera_offline"]


def test_a_hiccup_is_not_told() -> None:
    clock = ManualClock()
    outages = CameraOutages(clock, grace_s=5)
    outages.offline("yard", "timed out", clock.time())
    clock.advance(4.9)
    assert outages.due() == []
    assert outages.back("yard", clock.time()) == []
    clock.advance(10)
    assert outages.due() == []


def test_each_camera_for_itself_and_all_end_at_the_end() -> None:
    clock = ManualClock(100.0)
    outages = CameraOutages(clock, grace_s=0)
    outages.offline("yard", "unreachable", 100.0)
    outages.offline("gate", "unreachable", 101.0)
    assert [event.camera for event in outages.due()] == ["yard", "gate"]
    outages.offline("lobby", "timed out", 102.0)
    assert [(event.camera, event.ended_at) for event in outages.close(110.0)] == [("yard", 110.0), ("gate", 110.0)]
