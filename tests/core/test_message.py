import logging
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from pipeline.core.event import Alert, Event
from pipeline.core.message import DEFAULT_TEXT, DEFAULT_TITLE, Message, values_of, worded
from pipeline.core.sentence import SENTENCES
from pipeline.core.templates import TemplateFailed, check_template, fill_in

BERLIN = Message(time_zone="Europe/Berlin")


def alert(**of_event: object) -> Alert:
    plain = {"id": "e", "type": "zone_enter", "camera": "lobby_2", "started_at": 1_700_000_000.0}
    event = Event(**(plain | of_event))  # type: ignore[arg-type]
    return Alert(id="k", rule="night", event=event, camera_name="Lobby", time=BERLIN.at(event.started_at))


def said(given: Alert) -> tuple[str, str]:
    made = worded(given, title=DEFAULT_TITLE, text=DEFAULT_TEXT)
    return made.title, made.text


SAID = {
    "entered": ({"label": "person", "zone": "front_door"}, "Person entered front door"),
    "left": ({"type": "zone_leave", "label": "car", "zone": "yard"}, "Car left yard"),
    "crossed": (
        {"type": "line_cross", "label": "person", "line": "door", "direction": "left"},
        "Person crossed door to the left",
    ),
    "loitering": ({"type": "loitering", "label": "person", "zone": "yard"}, "Person is loitering in yard"),
    "an object": ({"type": "object", "label": "traffic_light"}, "Traffic light"),
    "a crowd": ({"type": "count_over", "zone": "queue", "data": {"count": 7}}, "Too many in queue: 7"),
    "nobody": ({"type": "count_under", "zone": "desk"}, "Too few in desk"),
    "a hand before it": ({"type": "tamper", "data": {"kind": "covered"}}, "Camera was tampered with: covered"),
    "a camera": ({"type": "camera_offline"}, "Camera went offline"),
    "and back": ({"type": "camera_online"}, "Camera is online again"),
    "a plugin's": ({"type": "too_many", "label": "dog"}, "Too many: dog"),
}


@pytest.mark.parametrize(("of_event", "sentence"), SAID.values(), ids=SAID)
def test_the_usual_title(of_event: dict[str, object], sentence: str) -> None:
    assert said(alert(**of_event))[0] == f"{sentence}, Lobby, 23:13"


def test_the_page_has_the_same_sentences() -> None:
    script = (Path(__file__).parents[2] / "sinks/web/static/wording.js").read_text()
    known = script.partition("const SENTENCES = {")[2].partition("\n};")[0]
    assert re.findall(r"^  (\w+): ", known, re.MULTILINE) == [name for name in SENTENCES if name != "test"]


def test_the_usual_text_says_what_is_known_and_no_more() -> None:
    much = alert(label="person", zone="entrance", score=0.871, attributes={"colour_of_car": "red", "masked": True})
    assert said(much)[1].splitlines() == [
        "Person entered entrance.",
        "Lobby, 14 November 2023, 23:13:20",
        "Certain to 87 %",
        "colour of car: red",
        "masked: True",
        "Rule: night",
    ]
    little = alert(type="camera_offline", data={"reason": "unreachable"})
    assert said(little)[1].splitlines() == [
        "Camera went offline.",
        "Lobby, 14 November 2023, 23:13:20",
        "Reason: unreachable",
        "Rule: night",
    ]


def test_every_name_can_be_used_and_what_is_not_known_is_left_out() -> None:
    title = "{{ camera }}/{{ zone }}/{{ attributes.colour }}/{{ event.data.reason }}/{{ event.attributes.colour }}|"
    assert worded(alert(), title=title).title == "lobby_2////|"
    assert fill_in("{{ event.started_at }} {{ test }} {{ id }}", values_of(alert())) == "1700000000.0 False k"


def test_a_sink_knows_all_of_a_burst() -> None:
    one = alert(label="person", zone="door")
    template = "{{ count }}: {% for each in events %}{{ each.label }} {{ each.attributes.colour }},{% endfor %}"
    assert worded(one, title=template).title == "1: person ,"
    other = Event(id="f", type="zone_enter", camera="yard", started_at=2.0, label="car", attributes={"colour": "red"})
    assert worded(replace(one, events=[one.event, other]), title=template).title == "2: person ,car red,"
    assert worded(replace(one, escalation=True), title="{% if escalation %}Again{% endif %}").title == "Again"


def test_a_title_is_one_line() -> None:
    assert worded(alert(), title="a\n  b\r\nBcc: c").title == "a b Bcc: c"


def test_an_alert_without_a_time_and_a_name_has_those_of_its_event() -> None:
    bare = replace(alert(), time=None, camera_name="")
    assert worded(bare, title="{{ camera_name }} {{ time.timestamp() }}").title == "lobby_2 1700000000.0"


FAILING = [
    "{{ score + 1 }}",
    "{{ event.data.x.y }}",
    "{{ what.__class__.__mro__ }}",
    "{{ time.nothing }}",
    "{{ 1 / 0 }}",
]


@pytest.mark.parametrize("template", FAILING)
def test_a_template_that_fails_costs_its_words_alone(template: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        made = worded(alert(label="person", zone="door"), title=template, text="Fine")
    assert (made.title, made.text) == ("Person entered door, Lobby, 23:13", "Fine")
    assert "alerts of rule 'night': the template failed: " in caplog.text
    with pytest.raises(TemplateFailed):
        fill_in(template, values_of(alert()))


@pytest.mark.parametrize(
    ("template", "wanted"),
    [
        ("{{ event.camra }}", r'in place of "event.camra" event\.camera'),
        ("{{ event['camra'] }}", r'in place of "event.camra" event\.camera'),
        (
            "a\n{{ event.xyzzy }}",
            r'in place of "event.xyzzy" \(line 2 of it\) one of attributes, box, camera, .*, zones',
        ),
        ("{% for x in event.data %}{{ y }}{% endfor %}", r'in place of "y" one of event, what'),
        ("{% import 'x' as y %}", "a template that stands alone"),
        ("{{ what is odder }}", "a Jinja template: No test named 'odder'"),
    ],
)
def test_what_cannot_work_is_said_beforehand(template: str, wanted: str) -> None:
    with pytest.raises(ValueError, match=wanted):
        check_template(
            template, ["what", "event"] if "event" in template else ["what"], {"event": Event.__struct_fields__}
        )


def test_nothing_of_a_template_runs_while_it_is_checked() -> None:
    for template in ("{{ 'a' * 10**12 }}", "{% set x = 'a' | center(10**12) %}{{ x }}", "{{ 1 / 0 }}"):
        check_template(template, ["what"], {})
