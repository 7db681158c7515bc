from msgspec.structs import replace

from pipeline.app.serve import Teller
from pipeline.core.event import Event

ENTERED = Event(
    id="a", type="zone_enter", camera="yard", started_at=1.0, ended_at=1.0, state="end", label="person", zone="lawn"
)
AWAY = Event(id="b", type="camera_offline", camera="yard", started_at=2.0, state="new")


def test_the_terminal_is_told_each_event_once() -> None:
    said: list[str] = []
    tell = Teller(said.append)
    for event in (ENTERED, replace(ENTERED, has_snapshot=True), AWAY, replace(ENTERED, clip="ready")):
        tell(event)
    tell(replace(AWAY, state="end", ended_at=9.0))
    assert [line.split("  ", 1)[1] for line in said] == [
        "yard  person entered zone lawn",
        "yard  camera is offline",
        "yard  camera is back after 7 s",
    ]


def test_of_an_object_it_is_told_that_it_came() -> None:
    said: list[str] = []
    tell = Teller(said.append)
    came = Event(id="c", type="object", camera="yard", started_at=1.0, state="new", label="person", score=0.8)
    for event in (came, replace(came, state="update"), replace(came, state="end", ended_at=2.0)):
        tell(event)
    assert len(said) == 1
