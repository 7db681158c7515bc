import csv
import io
import json
from datetime import UTC
from typing import Any

import msgspec
import pytest

from pipeline.core.event import Event
from pipeline.store.export import COLUMNS, one_line, row, write_csv, write_jsonl

FOUR_PM = 1_764_000_131.25  # 2025-11-24 16:02:11 UTC


def event(**given: Any) -> Event:
    plain: dict[str, Any] = {"id": "e1", "type": "object", "camera": "driveway", "started_at": FOUR_PM}
    return Event(**(plain | {"label": "person", "score": 0.834} | given))


INSTANT: dict[str, Any] = {"state": "end", "ended_at": FOUR_PM}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        pytest.param({}, "person appeared (0.83)", id="object: new"),
        pytest.param({"state": "update"}, "person is there (0.83)", id="object: update"),
        pytest.param({"state": "update", "zones": ["a", "b"]}, "person is there, was in a, b (0.83)", id="its zones"),
        pytest.param({"type": "zone_enter", "zone": "entrance"}, "person entered zone entrance (0.83)", id="enter"),
        pytest.param({"type": "zone_leave", "zone": "entrance"}, "person left zone entrance (0.83)", id="leave"),
        pytest.param({"type": "loitering", "zone": "door"}, "person loiters in zone door (0.83)", id="loitering"),
        pytest.param({"type": "line_cross", "line": "gate"}, "person crossed line gate (0.83)", id="line"),
        pytest.param(
            {"type": "line_cross", "line": "gate", "direction": "left"},
            "person crossed line gate to the left (0.83)",
            id="line with direction",
        ),
        pytest.param(
            {"type": "count_over", "zone": "hall", "label": None, "score": None, "data": {"most": 7}},
            "too many in zone hall: 7",
            id="a crowd",
        ),
        pytest.param({"type": "wrong_way", "zone": "lane"}, "person went the wrong way in zone lane (0.83)", id="way"),
        pytest.param({"type": "object_left", "zone": "hall"}, "person was left in zone hall (0.83)", id="left"),
        pytest.param({"type": "object_removed", "zone": "hall"}, "person was taken from zone hall (0.83)", id="taken"),
        pytest.param(
            {"type": "no_motion", "label": None, "score": None, "started_at": FOUR_PM - 65} | INSTANT,
            "nothing moved for 1 min 5 s",
            id="no motion",
        ),
        pytest.param(
            {"type": "tamper", "label": None, "score": None, "data": {"kind": "blurred"}},
            "camera was blurred",
            id="tamper",
        ),
        pytest.param(
            {"type": "camera_offline", "label": None, "score": None, "data": {"reason": "unreachable"}},
            "camera is offline: unreachable",
            id="offline",
        ),
        pytest.param(
            {"type": "camera_online", "label": None, "score": None, "data": {"offline_s": 61.4}},
            "camera is online again",
            id="online",
        ),
        pytest.param({"type": "queue_long", "label": None, "score": None}, "queue long", id="a plugin's type"),
        pytest.param({"type": "fell", "zone": "stairs"} | INSTANT, "person fell stairs (0.83)", id="an instant of it"),
        pytest.param(
            {"label": "car", "attributes": {"colour": "red", "colour_score": 0.9}},
            "car (red) appeared (0.83)",
            id="a car",
        ),
        pytest.param({"label": None, "score": None}, "object appeared", id="no label, no score"),
    ],
)
def test_one_line(given: dict[str, Any], words: str) -> None:
    assert one_line(event(**given), UTC) == f"16:02:11  driveway  {words}"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "0 s"), (12, "12 s"), (60, "1 min"), (125, "2 min 5 s"), (7_200, "2 h"), (7_325, "2 h 2 min 5 s")],
)
def test_an_end_says_how_long_it_was(seconds: float, words: str) -> None:
    gone = event(state="end", started_at=FOUR_PM - seconds, ended_at=FOUR_PM)
    assert one_line(gone, UTC) == f"16:02:11  driveway  person left after {words} (0.83)"
    back = event(type="camera_offline", state="end", started_at=FOUR_PM - seconds, ended_at=FOUR_PM, score=None)
    assert one_line(back, UTC) == f"16:02:11  driveway  camera is back after {words}"


def test_a_row_fits_its_columns() -> None:
    cells = dict(zip(COLUMNS, row(event(severity="alert", rules=["night", "door"]), UTC), strict=True))
    assert cells == {
        "time": "2025-11-24 16:02:11",
        "camera": "driveway",
        "type": "object",
        "what": "person appeared (0.83)",
        "severity": "alert",
        "rules": "night, door",
        "id": "e1",
    }


def test_json_lines_are_events_again() -> None:
    events = [event(), event(id="e2", box=(0.1, 0.2, 0.3, 0.4), attributes={"colour": "rot"}, label="Fußgänger")]
    file = io.BytesIO()
    write_jsonl(events, file)
    lines = file.getvalue().splitlines()
    assert [msgspec.json.decode(line, type=Event) for line in lines] == events
    first = json.loads(lines[0])
    assert (first["started_at"], first["ended_at"], first["zones"]) == (FOUR_PM, None, [])


def test_csv_has_a_column_for_each_field() -> None:
    file = io.StringIO(newline="")
    awkward = event(label='dog, "brown"', zones=["a", "b"], box=(0.1, 0.2, 0.3, 0.4), attributes={"n": 1})
    write_csv([awkward, event()], file)
    file.seek(0)
    first, second = csv.DictReader(file)
    assert set(first) == set(Event.__struct_fields__)
    assert first["label"] == 'dog, "brown"'
    assert (first["zones"], first["box"], first["attributes"]) == ("a b", "0.1 0.2 0.3 0.4", '{"n":1}')
    assert (float(first["started_at"]), second["ended_at"], second["zones"], second["attributes"]) == (
        FOUR_PM,
        "",
        "",
        "",
    )


def test_csv_of_nothing_is_its_header() -> None:
    file = io.StringIO(newline="")
    write_csv([], file)
    assert file.getvalue().startswith("id,type,camera,started_at,ended_at,state,label,score,")
