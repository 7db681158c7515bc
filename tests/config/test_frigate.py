"""Frigate's configuration → ours: what is taken over, what is listed, and that all of it loads."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from pipeline.config import loads
from pipeline.config.frigate import Converted, convert
from pipeline.config.frigate.addresses import address, variables
from pipeline.core.errors import ConfigError

HERE = Path(__file__).parent / "frigate"
FILES = sorted(HERE.glob("*.yml"))
SECRETS = ("p%40ss", "pa#ss", "mqtt-secret", "onvif-secret", "channel0_main")
CAMERA = "cameras: {yard: {ffmpeg: {inputs: [{path: 'rtsp://10.0.0.5/main', roles: [detect]}]}"


def converted(text: str, folder: Path) -> Converted:
    (folder / "config.yml").write_text(text)
    made = convert(folder / "config.yml")
    assert loads(made.text, env=dict.fromkeys(variables(made.text), "1")).cameras
    return made


def plain(made: Converted) -> Any:
    return YAML(typ="safe", pure=True).load(made.text)


def camera(folder: Path, own: str = "", top: str = "") -> Any:
    """What becomes of a camera with these keys beside its input."""
    return plain(converted(f"{top}\n{CAMERA}{own and ', '}{own}}}}}\n", folder))["cameras"]["yard"]


def listed(made: Converted) -> str:
    return "".join(f"{note.line}: {note.key}: {note.text}\n" for note in made.notes)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_whole_files(path: Path) -> None:
    made = convert(path)
    assert made.text == path.with_suffix(".expected.yaml").read_text()
    assert listed(made) == path.with_suffix(".expected.txt").read_text()
    assert len(loads(made.text, env=dict.fromkeys(variables(made.text), "1")).cameras) == made.cameras


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_list_holds_no_credentials(path: Path) -> None:
    said = "\n".join(map(str, convert(path).notes))
    assert [secret for secret in SECRETS if secret in said] == []


@pytest.mark.parametrize(
    ("own", "key", "expected"),
    [
        pytest.param("enabled: false", "enabled", False, id="a camera that is off"),
        pytest.param("enabled: true", "enabled", None, id="what holds anyway is not written"),
        pytest.param("detect: {enabled: false}", "pipeline", [], id="detection is off"),
        pytest.param(
            "detect: {fps: 10}",
            "detect",
            {"fps": 10, "max_disappeared": 50, "stationary": {"interval": 100}},
            id="counts of frames that follow from fps",
        ),
        pytest.param(
            "detect: {fps: 10, max_disappeared: 25, stationary: {interval: 50}}",
            "detect",
            {"fps": 10},
            id="counts that were written",
        ),
        pytest.param("detect: {stationary: {threshold: 100}}", "track", {"stationary_after": 20}, id="at rest"),
        pytest.param("motion: {threshold: 50}", "motion", {"threshold": 50}, id="motion"),
        pytest.param("motion: {improve_contrast: 'off'}", "motion", {"improve_contrast": False}, id="off is false"),
        pytest.param("motion: {threshold: 30}", "motion", None, id="a default"),
        pytest.param("motion: {mask: ''}", "motion", None, id="no mask"),
        pytest.param(
            "motion: {mask: '0,0,1,0,1,1'}", "motion", {"mask": [[[0, 0], [1, 0], [1, 1]]]}, id="a mask as a text"
        ),
        pytest.param(
            "motion: {mask: ['0,0,1,0,1,1', '0,0,.5,0,.5,.5']}",
            "motion",
            {"mask": [[[0, 0], [1, 0], [1, 1]], [[0, 0], [0.5, 0], [0.5, 0.5]]]},
            id="masks as a list",
        ),
        pytest.param(
            "motion: {mask: {a: {coordinates: '0,0,1,0,1,1'}, b: {enabled: false, coordinates: '0,0,1,0,1,1'}}}",
            "motion",
            {"mask": [[[0, 0], [1, 0], [1, 1]]]},
            id="masks with names",
        ),
        pytest.param(
            "detect: {width: 200, height: 100}, motion: {mask: '0,0,100,0,100,50'}",
            "motion",
            {"mask": [[[0, 0], [0.5, 0], [0.5, 0.5]]]},
            id="a mask in pixels",
        ),
        pytest.param("motion: {mask: '0,0,100,0,100,50'}", "motion", None, id="pixels of nobody knows which picture"),
        pytest.param(
            "record: {enabled: true}",
            "record",
            {"enabled": True, "alerts": {"retain": {"days": 10}}, "detections": {"retain": {"days": 10}}},
            id="recording, with the days that Frigate has",
        ),
        pytest.param(
            "record: {continuous: {days: 2}, motion: {days: 4}, detections: {post_capture: 3, retain: {days: 0}},"
            " alerts: {pre_capture: 90, retain: {days: 14, mode: motion}}}",
            "record",
            {
                "continuous": {"days": 2},
                "motion": {"days": 4},
                "alerts": {"pre_capture": 60, "retain": {"mode": "motion"}},
                "detections": {"post_capture": 3, "retain": {"days": 0}},
            },
            id="what is kept for how long",
        ),
        pytest.param(
            "record: {retain: {days: 3, mode: motion}, alerts: {retain: {days: 14}}, detections: {retain: {days: 7}}}",
            "record",
            {"motion": {"days": 3}},
            id="recording as before 0.17",
        ),
        pytest.param("objects: {track: [person]}", "objects", None, id="the default label"),
        pytest.param("objects: {track: [dog, package]}", "objects", {"track": ["dog"]}, id="a label of no model"),
        pytest.param(
            "detect: {width: 200, height: 100}, objects: {filters: {person: {min_area: 500, max_area: 0.5}}}",
            "objects",
            {"filters": {"person": {"min_area": 0.025, "max_area": 0.5}}},
            id="an area in pixels, and one as a share",
        ),
        pytest.param(
            "objects: {filters: {person: {min_area: 500, max_area: 24000000}}}",
            "objects",
            {"filters": {"person": {"min_area": 500}}},
            id="pixels stay where the size is not known",
        ),
        pytest.param(
            "zones: {a: {coordinates: '0,0,1,0,1,1', inertia: 3, objects: person, loitering_time: 4}}",
            "zones",
            {"a": {"coordinates": [[0, 0], [1, 0], [1, 1]], "objects": ["person"], "loitering_time": 4}},
            id="a zone",
        ),
        pytest.param(
            "zones: {a: {coordinates: ['0,0', '1,0', '1,1']}}",
            "zones",
            {"a": {"coordinates": [[0, 0], [1, 0], [1, 1]]}},
            id="a zone's points as a list",
        ),
        pytest.param("zones: {a: {coordinates: '0,0,1,0,1,1', objects: [cat]}}", "zones", None, id="never entered"),
        pytest.param("friendly_name: '${a}'", "friendly_name", "$${a}", id="no reference of ours"),
    ],
)
def test_a_camera(own: str, key: str, expected: Any, tmp_path: Path) -> None:
    assert camera(tmp_path, own).get(key) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param("preset-record-generic", False, id="the preset without"),
        pytest.param("preset-record-generic-audio-aac", True, id="the preset that encodes it"),
        pytest.param("preset-record-generic-audio-copy", True, id="the preset that copies it"),
        pytest.param("-f segment -c:v copy -c:a aac", True, id="arguments of one's own"),
        pytest.param("[-f, segment, -c, copy, -an]", False, id="arguments without"),
    ],
)
def test_sound_in_recordings(arguments: str, expected: bool, tmp_path: Path) -> None:
    shared = f"record: {{enabled: true}}\nffmpeg: {{output_args: {{record: {arguments}}}}}\n"
    assert plain(converted(f"{shared}{CAMERA}}}}}", tmp_path))["record"].get("audio", False) is expected
    other = "preset-record-generic" if expected else "preset-record-generic-audio-aac"
    made = plain(converted(f"{shared}{CAMERA.removesuffix('}')}, output_args: {{record: {other}}}}}}}}}", tmp_path))
    assert made["cameras"]["yard"]["record"] == {"audio": not expected}


@pytest.mark.parametrize(
    ("top", "own", "key", "expected"),
    [
        pytest.param("motion: {threshold: 50}", "", "motion", None, id="shared is not repeated"),
        pytest.param(
            "motion: {threshold: 50}", "motion: {threshold: 30}", "motion", {"threshold": 30}, id="back to the default"
        ),
        pytest.param(
            "objects: {track: [person, dog]}",
            "objects: {track: [dog]}",
            "objects",
            {"track": ["dog"]},
            id="lists replace",
        ),
        pytest.param("detect: {enabled: false}", "", "pipeline", [], id="off for all"),
        pytest.param("detect: {enabled: false}", "detect: {enabled: true}", "pipeline", None, id="but not for one"),
        pytest.param("ffmpeg: {hwaccel_args: preset-intel-qsv-h264}", "", "hwaccel", None, id="shared decoder"),
        pytest.param("motion: {mask: '0,0,1,0,1,1'}", "motion: {mask: ''}", "motion", {"mask": []}, id="no mask"),
    ],
)
def test_a_camera_overrides_what_all_share(top: str, own: str, key: str, expected: Any, tmp_path: Path) -> None:
    assert camera(tmp_path, own, top).get(key) == expected


STREAMS = """
go2rtc:
  streams:
    yard: [onvif://10.0.0.5, "ffmpeg:rtsp://u:${PW}@10.0.0.5/main#video=h264"]
    sub: rtsp://10.0.0.5/sub
    loop: ["ffmpeg:loop#video=h264", "ffmpeg:back"]
    back: "ffmpeg:loop"
    other: "ffmpeg:sub#video=h264"
"""


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        pytest.param(
            "{path: 'rtsp://10.0.0.5/main', roles: [record]}",
            [{"path": "rtsp://10.0.0.5/main", "roles": ["detect", "record", "live"]}],
            id="the only input detects",
        ),
        pytest.param(
            "{path: 'rtsp://a/1', roles: [record, audio]}, {path: 'rtsp://a/2', roles: [detect]}",
            [{"path": "rtsp://a/1", "roles": ["record"]}, {"path": "rtsp://a/2", "roles": ["detect", "live"]}],
            id="two inputs",
        ),
        pytest.param(
            "{path: 'rtsp://a/1', roles: [record]}, {path: 'rtsp://a/1', roles: [detect]}",
            [{"path": "rtsp://a/1", "roles": ["detect", "record", "live"]}],
            id="each address once",
        ),
        pytest.param(
            "{path: 'rtsp://a/1', roles: [detect], input_args: '-rtsp_transport udp'}",
            [{"path": "rtsp://a/1", "roles": ["detect", "live"], "transport": "udp"}],
            id="UDP",
        ),
        pytest.param(
            "{path: 'rtsp://127.0.0.1:8554/sub?video=copy', roles: [detect]}",
            [{"path": "rtsp://10.0.0.5/sub", "roles": ["detect", "live"]}],
            id="a restream",
        ),
        pytest.param(
            "{path: 'rtsp://127.0.0.1:8554/other', roles: [detect]}",
            [{"path": "rtsp://10.0.0.5/sub", "roles": ["detect", "live"]}],
            id="a restream of a restream",
        ),
        pytest.param(
            "{path: 'rtsp://192.168.1.2:8554/sub', roles: [detect]}",
            [{"path": "rtsp://10.0.0.5/sub", "roles": ["detect", "live"]}],
            id="a restream by this machine's address",
        ),
        pytest.param(
            "{path: 'rtsp://127.0.0.1:8554/gone', roles: [detect]}",
            [{"path": "rtsp://127.0.0.1:8554/gone", "roles": ["detect", "live"]}],
            id="a restream of something else",
        ),
        pytest.param("{path: /media/a.mp4, roles: [detect]}", [{"path": "/media/a.mp4"}], id="a file"),
    ],
)
def test_inputs(inputs: str, expected: list[dict[str, Any]], tmp_path: Path) -> None:
    text = f"{STREAMS}cameras: {{gate: {{ffmpeg: {{inputs: [{inputs}]}}}}}}"
    made = plain(converted(text, tmp_path))["cameras"]["gate"]["inputs"]
    assert made == [{"roles": ["detect", "live"], **each} for each in expected]


def test_the_stream_that_is_shown_live_is_go2rtcs_of_the_same_name(tmp_path: Path) -> None:
    assert camera(tmp_path, top=STREAMS)["inputs"] == [
        {"path": "rtsp://10.0.0.5/main", "roles": ["detect"]},
        {"path": "rtsp://u:${PW}@10.0.0.5/main", "roles": ["live"]},
    ]


def test_a_camera_decodes_otherwise_than_the_others(tmp_path: Path) -> None:
    inputs = "{path: rtsp://a/1, roles: [detect], hwaccel_args: preset-vaapi}"
    other = "{path: rtsp://a/2, roles: [record], hwaccel_args: preset-nvidia}"
    text = f"ffmpeg: {{hwaccel_args: preset-nvidia}}\ncameras: {{gate: {{ffmpeg: {{inputs: [{inputs}, {other}]}}}}}}"
    made = converted(text, tmp_path)
    assert (plain(made)["hwaccel"], plain(made)["cameras"]["gate"]["hwaccel"]) == ("cuda", "auto")
    assert "inputs[1].hwaccel_args: not taken over: only the input that is analysed is decoded" in listed(made)


def test_a_variable_with_a_value_of_its_own(tmp_path: Path) -> None:
    streams = "go2rtc: {streams: {yard: 'rtsp://u:${PW:hush}@10.0.0.5/main'}}"
    made = converted(f"{streams}\n{CAMERA}}}}}", tmp_path)
    assert plain(made)["cameras"]["yard"]["inputs"][-1]["path"] == "rtsp://u:${PW}@10.0.0.5/main"
    assert "changed: a variable has no value here" in listed(made)
    assert "hush" not in made.text + listed(made)


def test_a_stream_that_leads_to_itself_is_told(tmp_path: Path) -> None:
    inputs = "[{path: rtsp://127.0.0.1:8554/loop, roles: [record]}, {path: rtsp://a/1, roles: [detect]}]"
    made = converted(f"{STREAMS}cameras: {{gate: {{ffmpeg: {{inputs: {inputs}}}}}}}", tmp_path)
    assert "inputs[0]: not taken over: go2rtc.streams.loop has no source" in listed(made)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("auto", None),
        ("preset-nvidia", "cuda"),
        ("-hwaccel cuda", "cuda"),
        ("[-c:v, h264_cuvid]", "cuda"),
        ("preset-intel-qsv-h265", "qsv"),
        ("preset-vaapi", None),
        ("[]", "none"),
        ("''", "none"),
    ],
)
def test_decoders(arguments: str, expected: str | None, tmp_path: Path) -> None:
    made = plain(converted(f"ffmpeg: {{hwaccel_args: {arguments}}}\n{CAMERA}}}}}", tmp_path))
    assert made.get("hwaccel") == expected


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        pytest.param("host: b", {"host": "b", "topic_prefix": "frigate"}, id="Frigate's own prefix"),
        pytest.param("host: b, topic_prefix: cams", {"host": "b", "topic_prefix": "cams"}, id="another"),
        pytest.param(
            "host: b, user: u, password: 'a@b:${c}'",
            {"host": "b", "topic_prefix": "frigate", "username": "u", "password": "a@b:$${c}"},
            id="a password as it is",
        ),
        pytest.param(
            "host: b, user: '{FRIGATE_U}', password: '{FRIGATE_PW}'",
            {"host": "b", "topic_prefix": "frigate", "username": "${FRIGATE_U}", "password": "${FRIGATE_PW}"},
            id="from the environment",
        ),
        pytest.param(
            "host: b, tls_ca_certs: ca.crt, tls_insecure: true",
            {"host": "b", "topic_prefix": "frigate", "tls": {"ca": "ca.crt", "insecure": True}, "port": 1883},
            id="TLS, at Frigate's port",
        ),
        pytest.param("enabled: false, host: b", None, id="off"),
        pytest.param("", None, id="empty"),
    ],
)
def test_the_broker(own: str, expected: Any, tmp_path: Path) -> None:
    made = converted(f"mqtt: {{{own}}}\n{CAMERA}}}}}", tmp_path)
    sinks = plain(made).get("sinks")
    assert sinks == (expected and {"home": {"type": "mqtt", **expected}})
    assert "a@b" not in listed(made)


@pytest.mark.parametrize(
    ("written", "shell", "expected"),
    [
        pytest.param("rtsp://u:{FRIGATE_PW}@h/1", False, "rtsp://u:${FRIGATE_PW}@h/1", id="a variable"),
        pytest.param("rtsp://{FRIGATE_U}:{FRIGATE_PW}@h", False, "rtsp://${FRIGATE_U}:${FRIGATE_PW}@h", id="two"),
        pytest.param("rtsp://u:a@b#c@h/1", False, "rtsp://u:a%40b%23c@h/1", id="a password is escaped"),
        pytest.param("rtsp://u:a%40b@h/1", False, "rtsp://u:a%40b@h/1", id="but not twice"),
        pytest.param("rtsp://u:a%zz@h/1", False, "rtsp://u:a%25zz@h/1", id="a lone percent sign"),
        pytest.param("rtsp://u:${x}@h/1", False, "rtsp://u:$${x}@h/1", id="a shell's variable means nothing"),
        pytest.param("rtsp://u:${x}@h/1", True, "rtsp://u:${x}@h/1", id="to go2rtc it does"),
        pytest.param("rtsp://10.0.0.5:554/x?a=b@c", False, "rtsp://10.0.0.5:554/x?a=b@c", id="no login at all"),
    ],
)
def test_addresses(written: str, shell: bool, expected: str) -> None:
    assert address(written, shell=shell) == expected


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        pytest.param("a: [", ["config.yml:1: got no YAML"], id="no YAML"),
        pytest.param("[]", ["config.yml:1: got a list, wanted a map of keys"], id="no map"),
        pytest.param("", ["config.yml: cameras: got no camera, wanted at least one"], id="nothing"),
        pytest.param("cameras: 1", ["config.yml:1: cameras: got a number, wanted a map of keys"], id="no cameras"),
        pytest.param(
            "cameras:\n  a: {}",
            [
                "config.yml:2: cameras.a.ffmpeg.inputs: got no inputs, "
                "wanted a list of at least one input, each with a path and roles"
            ],
            id="no inputs",
        ),
        pytest.param(
            "cameras:\n  a:\n    ffmpeg:\n      inputs:\n        - {path: rtsp://u:pw@h/1, roles: [detekt]}",
            ['config.yml:5: cameras.a.ffmpeg.inputs[0].roles[0]: got "detekt", wanted one of detect, record, audio'],
            id="no role",
        ),
        pytest.param(
            f"motion:\n  threshold: 300\n{CAMERA}, detect: {{fps: many}}, enabled: maybe}}}}",
            [
                "config.yml:2: motion.threshold: got 300, wanted at most 255",
                'config.yml:3: cameras.yard.enabled: got "maybe", wanted true or false',
                'config.yml:3: cameras.yard.detect.fps: got "many", wanted a number',
            ],
            id="all at once, where they are written",
        ),
        pytest.param(
            "cameras: {a: {ffmpeg: {inputs: [{path: 'rtsp://a/1', roles: [detect]}, "
            "{path: 'rtsp://a/2', roles: [detect]}]}}}",
            ['config.yml:1: cameras.a.ffmpeg.inputs[1].roles[0]: got the role "detect", wanted it once'],
            id="a role twice",
        ),
        pytest.param(
            f"mqtt: {{host: b, port: x, password: 5}}\n{CAMERA}}}}}",
            [
                'config.yml:1: mqtt.port: got "x", wanted a whole number',
                "config.yml:1: mqtt.password: got a number, wanted text",
            ],
            id="a broker that cannot be",
        ),
        pytest.param(
            f"mqtt: {{host: b, password: pw}}\n{CAMERA}}}}}",
            ["config.yml:1: mqtt.password: got a password without a user, wanted both"],
            id="nobody's password",
        ),
        pytest.param(
            f"{CAMERA}, zones: {{a: {{coordinates: '0,0,1'}}}}}}}}",
            [
                'config.yml:1: cameras.yard.zones.a.coordinates: got "0,0,1", '
                'wanted coordinates like "0.1,0.5,0.6,0.5,0.6,1"'
            ],
            id="half a point",
        ),
        pytest.param(
            "cameras: {a: {ffmpeg: {inputs: [{path: rtmp://u:pw@h/1, roles: [detect]}]}}}",
            ["config.yml:1: cameras: got no camera with an input that Framewatch can open, wanted at least one"],
            id="nothing to open",
        ),
    ],
)
def test_bad_files(text: str, messages: list[str], tmp_path: Path) -> None:
    (tmp_path / "config.yml").write_text(text)
    with pytest.raises(ConfigError) as raised:
        convert(tmp_path / "config.yml")
    said = [str(problem).removeprefix(f"{tmp_path}/") for problem in raised.value.problems]
    assert [line[: len(wanted)] for line, wanted in zip(said, messages, strict=True)] == messages
    assert "pw" not in str(raised.value)


TOP_KEYS = [
    *("go2rtc", "go2rtc.streams", "go2rtc.streams.a", "logger", "logger.default", "version", "anything"),
    *("camera_groups", "camera_groups.g", "camera_groups.g.cameras", "detect", "ffmpeg.inputs", "cameras"),
]
KEYS = [
    *("detect", "motion", "objects", "live", "ffmpeg", "friendly_name", "enabled", "anything", "zones.z.inertia"),
    *("ffmpeg.inputs", "ffmpeg.inputs.0", "ffmpeg.inputs.0.path", "ffmpeg.inputs.0.roles", "ffmpeg.hwaccel_args"),
    *("ffmpeg.input_args", "detect.enabled", "detect.width", "detect.fps", "detect.max_disappeared"),
    *("detect.stationary", "detect.stationary.interval", "detect.stationary.threshold", "motion.enabled"),
    *("motion.threshold", "motion.frame_height", "motion.mask", "motion.mask.m", "motion.mask.m.coordinates"),
    *("objects.track", "objects.filters", "objects.filters.person", "objects.filters.person.min_area"),
    *("objects.filters.person.mask", "zones", "zones.z", "zones.z.coordinates", "zones.z.objects"),
    *("live.streams", "live.streams.s", "live.stream_name"),
]
VALUES: list[Any] = [None, True, -1, 1e308, 10**400, "", "1,2", [[]], {"x": None}, [{"x": 1}]]


@pytest.mark.parametrize("key", [*TOP_KEYS, *(f"cameras.yard.{key}" for key in KEYS)])
def test_whatever_is_written_there_is_said_and_never_a_fault(key: str, tmp_path: Path) -> None:
    """It loads, or it is a problem with a line: nothing else is raised."""
    for value in VALUES:
        own: dict[str, Any] = {"ffmpeg": {"inputs": [{"path": "rtsp://a/1", "roles": ["detect"]}]}}
        root: dict[str, Any] = {"cameras": {"yard": {**own, "zones": {"z": {"coordinates": "0,0,1,0,1,1"}}}}}
        inner: Any = root
        *above, last = key.split(".")
        for step in above:
            inner = inner[0] if step == "0" else inner.setdefault(step, {})
        inner[0 if last == "0" else last] = value
        with (tmp_path / "config.yml").open("w") as file:
            YAML(typ="safe", pure=True).dump(root, file)
        try:
            convert(tmp_path / "config.yml")  # which loads what it has made
        except ConfigError as error:
            assert all(problem.line for problem in error.problems), value
