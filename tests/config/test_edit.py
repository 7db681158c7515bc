"""Changes of a configuration's text: what changes is exactly what was asked for."""

from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from pipeline.config import loads, shipped
from pipeline.config.draft import rewritten
from pipeline.config.edit import areas_in, areas_snippet, camera_snippet, with_areas, with_camera
from pipeline.core.errors import ConfigError
from tests.docs import blocks

ROOT = Path(__file__).parents[2]
TEXTS = {
    **{
        path.name: path.read_bytes().decode()
        for folder in (shipped("demo.yaml").parent, Path(__file__).parent / "frigate")
        for path in sorted(folder.glob("*.yaml"))
    },
    **{
        f"{page.name}:{block.line}": block.text
        for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
        for block in blocks(page, "yaml")
    },
}
SQUARE = {"coordinates": [[0.1, 0.1], [0.5, 0.1], [0.5, 0.5]]}
NEW = {"inputs": [{"path": "rtsp://10.0.0.9/main"}]}

KEPT = """\
# everything of the house
cameras:
  lobby:   # by the door
      inputs: [{path: "rtsp://10.0.0.5/main"}]
      zones:
          # people come in here
          entrance:
              coordinates: [[.1, .5], [.6, .5], [.6, 1]]   # drawn in spring
              objects: ['person']   # no cars
              inertia: 4
          # where the bins are
          bins: {coordinates: "0.1,0.1,0.2,0.1,0.2,0.2", objects: [person, car]}
          # last comment of the zones
      # lines come later

  yard:
      inputs: [{path: 'rtsp://10.0.0.6/main'}]

alerts: []
"""


def plain(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text.replace("!secret ", ""))


def areas(text: str, camera: str) -> tuple[dict[str, Any], dict[str, Any]]:
    zones, lines = areas_in(text, camera)
    return dict(zones), dict(lines)


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in TEXTS.items()])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_an_edit_that_changes_nothing_changes_no_letter(text: str, ends: str) -> None:
    text = text.replace("\n", ends)
    for camera in plain(text)["cameras"]:
        assert with_areas(text, camera, *areas(text, camera)) == text


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in TEXTS.items()])
def test_a_camera_that_is_added_stands_alone(text: str) -> None:
    """Taken out again, it leaves the text as it was."""
    made = with_camera(text, "new-one", NEW)
    same = next((at for at, (old, new) in enumerate(zip(text, made, strict=False)) if old != new), len(text))

    assert made[same + len(made) - len(text) :] == text[same:]
    assert plain(made)["cameras"] == {**plain(text)["cameras"], "new-one": NEW}
    assert list(plain(made)["cameras"])[-1] == "new-one"


def test_what_stays_keeps_its_comments_and_its_look() -> None:
    zones, lines = areas(KEPT, "lobby")
    zones["entrance"]["inertia"] = 9
    zones["door"] = {**SQUARE, "objects": [], "loitering_time": 0.0}

    made = with_areas(KEPT, "lobby", zones, lines)

    expected = KEPT.replace("inertia: 4", "inertia: 9").replace(
        "          # last comment of the zones\n",
        "          # last comment of the zones\n          door:\n"
        "              coordinates: [[0.1, 0.1], [0.5, 0.1], [0.5, 0.5]]\n",
    )
    assert made == expected


def test_what_goes_takes_its_comments_along() -> None:
    zones, lines = areas(KEPT, "lobby")
    del zones["entrance"]

    made = with_areas(KEPT, "lobby", zones, lines)

    gone = KEPT.index("          # people come in here"), KEPT.index("          # where the bins are")
    assert made == KEPT[: gone[0]] + KEPT[gone[1] :]


def test_without_any_the_key_goes() -> None:
    made = with_areas(KEPT, "lobby", {}, {})

    assert "zones" not in plain(made)["cameras"]["lobby"]
    assert made.endswith(KEPT[KEPT.index("      # lines come later") :])


def test_a_key_that_is_not_given_goes_and_a_new_zone_says_no_defaults() -> None:
    zones, lines = areas(KEPT, "lobby")
    del zones["entrance"]["objects"]
    lines["gate"] = {"from": [0.1, 0.2], "to": [0.3, 0.123456], "direction": "any", "attributes": {}, "objects": ()}

    made = with_areas(KEPT, "lobby", zones, lines)

    assert "no cars" not in made
    assert plain(made)["cameras"]["lobby"]["lines"] == {"gate": {"from": [0.1, 0.2], "to": [0.3, 0.1235]}}


def test_points_that_mean_the_same_stay_as_a_person_wrote_them() -> None:
    zones, lines = areas(KEPT, "lobby")
    zones["bins"]["coordinates"] = [[0.1, 0.1], [0.2, 0.1], [0.2, 0.2]]
    zones["entrance"]["coordinates"] = ((0.1, 0.5), (0.6, 0.5), (0.6, 1.0))

    assert with_areas(KEPT, "lobby", zones, lines) == KEPT


Z = {"z": {"x": 1}}
BELOW = "\n      z:\n        x: 1"
BOTH = "{a: {zones: {y: {x: 1}, z: {x: 2}}}}"
LISTED = "\n  a:\n    zones:\n      z:\n        x:"


@pytest.mark.parametrize(
    ("before", "zones", "after"),
    [
        pytest.param("{a: {b: [1]}}", Z, "{a: {b: [1], zones: {z: {x: 1}}}}", id="all in braces"),
        pytest.param(BOTH, {"z": {"x": 2}}, "{a: {zones: {z: {x: 2}}}}", id="the first of braces"),
        pytest.param(BOTH, {"y": {"x": 1}}, "{a: {zones: {y: {x: 1}}}}", id="the last of braces"),
        pytest.param("{a: {zones: {y: {x: 1}, }}}", Z, "{a: {zones: {z: {x: 1}, }}}", id="all of braces, a comma more"),
        pytest.param("\n  a:\n    zones:\n    b: 1", Z, f"\n  a:\n    zones:{BELOW}\n    b: 1", id="no value"),
        pytest.param(
            "\n  a:\n    zones:   # none\n    b: 1",
            Z,
            f"\n  a:\n    zones:   # none{BELOW}\n    b: 1",
            id="a comment where the value would be",
        ),
        pytest.param("\n  a:\n    zones: ~\n", Z, f"\n  a:\n    zones:{BELOW}\n", id="null"),
        pytest.param("\n  a:\n    zones: {}\n", Z, f"\n  a:\n    zones:{BELOW}\n", id="empty braces"),
        pytest.param(
            '{a: {"zones": {z: {"x":1}}}}',
            {"z": {"x": "a: b"}},
            '{a: {"zones": {z: {"x": "a: b"}}}}',
            id="quoted names",
        ),
        pytest.param(
            f"{LISTED}\n        - 1\n        - 2\n", {"z": {"x": [3]}}, f"{LISTED} [3]\n", id="a list in lines"
        ),
        pytest.param(
            "\n  a:\n    zones: {z: {x: 1}}  # last line",
            {**Z, "w": {"x": 2}},
            "\n  a:\n    zones: {z: {x: 1}, w: {x: 2}}  # last line",
            id="no line end at the end",
        ),
    ],
)
def test_every_way_to_write_it(before: str, zones: Mapping[str, Any], after: str) -> None:
    assert with_areas(f"cameras: {before}", "a", zones, {}) == f"cameras: {after}"


SHARED = """\
cameras:
  first: &first
    inputs: [{path: demo}]
    zones: &zones
      entrance: {coordinates: [[.1, .5], [.6, .5], [.6, 1]]}
  second:
    <<: *first
    friendly_name: The second
  third:
    inputs: [{path: demo}]
    zones: *zones
  fourth: {inputs: [{path: demo}], zones: {gate: &gate {coordinates: [[.1, .5], [.6, .5], [.6, 1]]}, other: *gate}}
"""
ENTRANCE = {"entrance": {"coordinates": [[0.1, 0.5], [0.6, 0.5], [0.6, 1]]}}


@pytest.mark.parametrize(
    ("camera", "zones", "said"),
    [
        pytest.param("first", {**ENTRANCE, "mine": SQUARE}, "second, third would take over", id="others would change"),
        pytest.param("second", {}, "comes from elsewhere", id="what is merged cannot be taken away"),
        pytest.param("third", {"mine": SQUARE}, "zones of an alias", id="an alias"),
        pytest.param("fourth", {"other": SQUARE}, "other of an alias", id="an alias that changes"),
        pytest.param("fourth", {"other": ENTRANCE["entrance"]}, "a part that others refer to", id="an anchor in use"),
    ],
)
def test_what_is_shared_is_not_changed(camera: str, zones: Mapping[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said.replace("(", r"\(")) as refused:
        with_areas(SHARED, camera, zones, {})
    assert refused.value.problems[0].key == f"cameras.{camera}"
    assert refused.value.problems[0].line == next(
        at for at, line in enumerate(SHARED.splitlines(), 1) if line.strip().startswith(camera)
    )


def test_what_is_merged_may_be_overridden() -> None:
    made = with_areas(SHARED, "second", {"entrance": SQUARE}, {})

    cameras = loads(made).cameras
    assert cameras["second"].camera.zones["entrance"].coordinates[0] == (0.1, 0.1)
    assert cameras["first"].camera.zones["entrance"].coordinates[0] == (0.1, 0.5)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("yard", ":16: cameras.yard: got a camera that is there already", id="taken"),
        pytest.param("a b", 'the name "a b", wanted letters, digits', id="no name"),
        pytest.param("", 'the name "", wanted letters', id="empty"),
    ],
)
def test_a_name_that_cannot_be_had(name: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        with_camera(KEPT, name, NEW)


def test_no_such_camera() -> None:
    with pytest.raises(ConfigError, match=r'no camera "lobbi" in the file, wanted .*did you mean "lobby"'):
        with_areas(KEPT, "lobbi", {}, {})


def test_a_text_that_is_wrong_already_is_said() -> None:
    with pytest.raises(ConfigError, match="the same name twice"):
        with_camera("cameras:\n  a: {}\n  a: {}\n", "b", NEW)


@pytest.mark.parametrize("text", ["", "# nothing\n", "pipeline: [motion]\n", "cameras:\n", "cameras: {}\n", "{}\n"])
def test_the_first_camera(text: str) -> None:
    made = with_camera(text, "first", NEW)

    assert plain(made)["cameras"] == {"first": NEW}
    assert made.startswith(text.removesuffix("{}\n").rstrip())


def test_a_text_from_the_page_is_no_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "open-sesame")
    made = with_camera("", "new", {"inputs": [{"path": "rtsp://10.0.0.9/${TOKEN}"}], "friendly_name": "!secret x"})

    new = loads(made).cameras["new"]
    assert new.inputs[0].url == "rtsp://10.0.0.9/${TOKEN}"
    assert new.camera.friendly_name == "!secret x"


def test_lines_to_copy_are_what_would_be_written() -> None:
    text = 'cameras:\n  new:\n    inputs:\n      - {path: "rtsp://10.0.0.9/main"}\n'
    assert camera_snippet("new", NEW) == text
    assert with_camera("", "new", NEW) == text
    assert plain(areas_snippet("lobby", {"a": {**SQUARE, "objects": []}}, {})) == {
        "cameras": {"lobby": {"zones": {"a": SQUARE}}}
    }


names = st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True)
numbers = st.integers(-9, 9) | st.floats(-5, 5).map(lambda value: round(value, 3))
ruamels = st.characters(blacklist_categories=["Cs"], blacklist_characters="\x85")
"""It writes that one so that it does not read it again."""
texts = st.text(ruamels, max_size=8)
scalars = st.none() | st.booleans() | numbers | texts
values = st.recursive(
    scalars | st.lists(scalars, max_size=3), lambda inner: st.dictionaries(names, inner, max_size=3), max_leaves=6
)
trees = st.dictionaries(names, values, max_size=4)


def in_lines(tree: Mapping[str, Any], flow: bool) -> str:
    yaml, out = YAML(typ="safe", pure=True), StringIO()
    yaml.default_flow_style = flow
    yaml.representer.ignore_aliases = lambda _: True
    yaml.dump(tree, out)
    return out.getvalue()


@settings(max_examples=150, deadline=None)
@given(trees, trees, st.booleans())
def test_any_map_becomes_any_other(now: dict[str, Any], wanted: dict[str, Any], flow: bool) -> None:
    """What ruamel writes, changed, and read by ruamel again."""
    made = rewritten(in_lines(now, flow), now, wanted)

    assert (plain(made) or {}) == wanted
