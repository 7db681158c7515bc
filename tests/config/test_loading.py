"""From a file, a text or an address to a configuration."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from pipeline.config import CameraConfig, Config, load, loads, single_camera
from pipeline.config.loading import camera_name
from pipeline.core.camera import ObjectFilter
from pipeline.core.errors import ConfigError
from sinks.alerts.webhook import Webhook
from sources.rtsp import Rtsp
from sources.webcam import Webcam

ONE = "cameras: {lobby: {inputs: [{path: demo}]}}\n"


def lobby(text: str, **options: Any) -> CameraConfig:
    return loads(text, **options).cameras["lobby"]


def stage(camera: CameraConfig, name: str) -> dict[str, Any]:
    return dict(next(stage.options for stage in camera.stages if stage.name == name))


def test_a_camera_needs_no_more_than_an_input() -> None:
    config = loads(ONE)
    camera = config.cameras["lobby"]
    assert [stage.name for stage in camera.stages] == ["motion", "detect", "track", "rules", "annotate"]
    assert (camera.camera.name, camera.camera.friendly_name, camera.camera.fps) == ("lobby", "lobby", 5.0)
    assert camera.enabled
    assert camera.inputs[0].roles == ("detect", "record", "live")
    assert dict(config.models["general"].options) == {"weights": "yolov8n.pt"}
    assert (config.server.host, config.server.port) == ("127.0.0.1", 8080)
    assert config.store.url.get_secret_value() == "sqlite:///data/framewatch.db"
    assert not config.alerts and not config.sinks


@pytest.mark.parametrize(
    ("everywhere", "here", "options"),
    [
        pytest.param("", "", {}, id="nothing said"),
        pytest.param("detect: {fps: 7}", "", {"fps": 7}, id="global alone"),
        pytest.param("", "detect: {fps: 7}", {"fps": 7}, id="camera alone"),
        pytest.param("detect: {fps: 7}", "detect: {fps: 3}", {"fps": 3}, id="the camera wins"),
        pytest.param("detect: {fps: 7}", "detect: {model: general}", {"fps": 7, "model": "general"}, id="key by key"),
        pytest.param("detect: {fps: 7}", "detect:", {"fps": 7}, id="an empty section says nothing"),
        pytest.param("stages: {detect: {type: detect, fps: 7}}", "", {"fps": 7}, id="defined under stages"),
        pytest.param(
            "stages: {detect: {type: detect, fps: 7}}\ndetect: {fps: 8}", "", {"fps": 8}, id="section over definition"
        ),
    ],
)
def test_a_camera_overrides_a_stage_key_by_key(everywhere: str, here: str, options: dict[str, Any]) -> None:
    camera = lobby(f"""
{everywhere}
cameras:
  lobby:
    inputs: [{{path: demo}}]
    {here}
""")
    assert stage(camera, "detect") == options
    assert camera.camera.fps == options.get("fps", 5.0)


def test_maps_merge_and_lists_replace() -> None:
    camera = lobby("""
objects: {track: [person, car], filters: {person: {min_score: 0.6}, car: {min_area: 0.1}}}
live: {sync: exact}
pipeline: [detect, track]
cameras:
  lobby:
    inputs: [{path: demo}]
    objects: {track: [dog], filters: {person: {threshold: 0.8}}}
    live: {view: burned}
    pipeline: [detect]
""")
    assert camera.camera.objects.track == ("dog",)
    assert camera.camera.objects.filters == {
        "person": ObjectFilter(min_score=0.6, threshold=0.8),
        "car": ObjectFilter(min_area=0.1),
    }
    assert (camera.live.view, camera.live.sync) == ("burned", "exact")
    assert [stage.name for stage in camera.stages] == ["detect"]


def test_one_camera_does_not_change_another() -> None:
    cameras = loads("""
detect: {fps: 7}
cameras:
  lobby: {inputs: [{path: demo}], detect: {fps: 3}, priority: 2}
  yard: {inputs: [{path: demo}], enabled: false}
""").cameras
    assert (cameras["lobby"].camera.fps, cameras["yard"].camera.fps) == (3, 7)
    assert (cameras["lobby"].camera.priority, cameras["yard"].camera.priority) == (2, 1)
    assert not cameras["yard"].enabled


def test_inputs_share_the_roles() -> None:
    camera = lobby("""
cameras:
  lobby:
    inputs:
      - {path: "rtsp://admin:hunter2@10.0.0.5/main", roles: [record, live], transport: udp}
      - {path: 0, roles: [detect], type: webcam, width: 640}
""")
    main, sub = camera.inputs
    assert (main.url, main.type, main.roles) == ("rtsp://10.0.0.5/main", "rtsp", ("record", "live"))
    assert main.options == Rtsp.Options(path=SecretStr("rtsp://admin:hunter2@10.0.0.5/main"), transport="udp")
    assert (sub.url, sub.type) == ("0", "webcam")
    assert sub.options == Webcam.Options(path=SecretStr("0"), width=640)
    assert camera.input("detect") is sub
    assert camera.input("live") is main
    assert lobby(ONE + "pipeline: []").stages == ()


def test_groups_stand_for_their_cameras() -> None:
    config = loads("""
cameras: {a: {inputs: [{path: demo}]}, b: {inputs: [{path: demo}]}, c: {inputs: [{path: demo}]}}
camera_groups: {outside: [b, c]}
alerts:
  - {name: one, when: {cameras: [a, outside, b]}, send: log}
  - {name: two, when: {cameras: outside}, send: [log]}
  - {name: any, send: log}
sinks: {log: {type: jsonl, path: alerts.jsonl}}
""")
    assert [rule.when.cameras for rule in config.alerts] == [("a", "b", "c"), ("b", "c"), ()]
    assert config.sinks["log"].type == "jsonl"


def test_values_come_from_the_environment_and_from_the_secrets(tmp_path: Path) -> None:
    (tmp_path / "secrets.yaml").write_text("hook_token: 0123\n")
    file = tmp_path / "fw.yaml"
    file.write_text(
        ONE
        + """
server: {port: "${PORT}"}
sinks:
  hook: {type: webhook, url: "https://${HOST}/$${HOST}", headers: {Authorization: !secret hook_token}}
"""
    )
    config = load(file, env={"PORT": "9000", "HOST": "h.example"})
    assert config.server.port == 9000
    options = config.sinks["hook"].options
    assert isinstance(options, Webhook.Options)
    assert options.url.get_secret_value() == "https://h.example/${HOST}"
    assert options.headers["Authorization"].get_secret_value() == "0123"
    assert config.base == tmp_path


def test_anchors_and_merge_keys_work() -> None:
    cameras = loads("""
cameras:
  lobby: &common {inputs: [{path: demo}], detect: {fps: 3}, friendly_name: Lobby}
  yard: {<<: *common, friendly_name: Yard}
  hall: {<<: [{detect: {fps: 9}}, *common]}
""").cameras
    assert [(camera.camera.friendly_name, camera.camera.fps) for camera in cameras.values()] == [
        ("Lobby", 3),
        ("Yard", 3),
        ("Lobby", 9),
    ]


def test_words_that_older_yaml_took_for_something_else_are_text() -> None:
    config = loads(
        ONE
        + """
alerts: [{name: on, when: {schedule: 22:00-06:00}, send: no}]
sinks: {no: {type: jsonl, path: 2026-01-01}}
"""
    )
    assert config.alerts[0].name == "on"
    assert config.alerts[0].when.schedule == ("22:00-06:00",)


def test_what_the_command_line_says_wins() -> None:
    config = loads(ONE + "server: {port: 1, external_url: http://x/}", overrides={"server": {"port": 2}})
    assert (config.server.port, config.server.external_url) == (2, "http://x")
    with pytest.raises(ConfigError) as caught:
        loads(ONE, overrides={"server": {"host": "0.0.0.0"}})
    assert str(caught.value).startswith('command line: server.host: got "0.0.0.0", wanted 127.0.0.1, or a token')


def test_a_class_in_a_file_is_named_for_any_working_directory(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from pipeline.core.options import Options as Base\n"
        "class Blur:\n    class Options(Base):\n        strength: int = 3\n"
        "    def process(self, ctx): ...\n    def update(self, objects, now): ...\n"
    )
    config = loads(
        ONE
        + """
pipeline: [detect, blur, rules]
stages: {blur: {type: ./mine.py:Blur, strength: 5}}
rules: {extra: {mine: {type: ./mine.py:Blur}}}
""",
        base=tmp_path,
    )
    _, blur, rules = config.cameras["lobby"].stages
    assert (blur.type, blur.options) == (f"{tmp_path}/mine.py:Blur", {"strength": 5})
    assert rules.options == {"extra": {"mine": {"type": f"{tmp_path}/mine.py:Blur"}}}


def test_a_text_from_a_stranger_runs_no_file(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("raise SystemExit('ran')")
    text = ONE + "stages: {blur: {type: ./mine.py:Blur, strength: 5}}\npipeline: [blur]"
    assert loads(text, base=tmp_path, import_files=False).cameras["lobby"].stages[0].options == {"strength": 5}


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        pytest.param(lambda path: None, "got a file that cannot be read (no such file or directory)", id="missing"),
        pytest.param(lambda path: path.mkdir(), "got a file that cannot be read (is a directory)", id="a folder"),
        pytest.param(lambda path: path.write_bytes(b"\xff"), "got a file that is not UTF-8 text", id="binary"),
        pytest.param(lambda path: path.write_bytes(b"#" * 1_000_001), "got a very long file", id="huge"),
    ],
)
def test_a_file_that_cannot_be_read(make: Any, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "fw.yaml"
    make(path)
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}: {problem}, wanted ")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("rtsp://user:pw@10.0.0.5:554/main", "10-0-0-5"),
        ("rtsp://user:p#w@lobby.example/main", "lobby-example"),
        ("https://[::1]/mjpeg", "1"),
        ("rtsp://[bad/", "camera"),
        ("films/by the door.mp4", "by-the-door"),
        ("0", "webcam"),
        ("/dev/video3", "webcam"),
        ("demo", "demo"),
        ("...", "camera"),
    ],
)
def test_a_camera_is_named_after_its_address(url: str, name: str) -> None:
    assert camera_name(url) == name


def test_one_address_is_a_whole_configuration() -> None:
    config = single_camera("rtsp://admin:$${pw}@10.0.0.5/main", overrides={"server": {"port": 9000}})
    camera = config.cameras["10-0-0-5"]
    assert camera.inputs[0].url == "rtsp://10.0.0.5/main"
    assert camera.inputs[0].options == Rtsp.Options(path=SecretStr("rtsp://admin:$${pw}@10.0.0.5/main"))
    assert config.server.port == 9000
    assert list(single_camera("demo", name="street").cameras) == ["street"]


def test_a_wrong_address_is_a_problem_of_the_command_line() -> None:
    with pytest.raises(
        ConfigError, match=r'^command line: cameras\.camera\.inputs\[0\]\.path: got "", wanted some text$'
    ):
        single_camera("")


def secrets_of(config: Config) -> str:
    """Everything that a log line could make of a configuration."""
    parts: list[object] = [config, *config.cameras.values(), *config.models.values(), *config.sinks.values()]
    return " ".join(f"{part} {part!r}" for part in parts)


def test_no_secret_is_in_what_is_printed() -> None:
    config = loads("""
cameras: {lobby: {inputs: [{path: "rtsp://admin:hunter2@10.0.0.5/main?key=hunter2"}]}}
server: {auth: {mode: token, token: hunter2}}
store: {url: "sqlite:///data/hunter2.db"}
sinks: {hook: {type: webhook, url: "https://h/hunter2", headers: {Authorization: hunter2}}}
""")
    assert "hunter2" not in secrets_of(config)


def test_the_only_model_is_a_classifier() -> None:
    with pytest.raises(ConfigError) as caught:
        loads("models: {general: {type: yolo-cls}}\ncameras: {lobby: {inputs: [{path: demo}]}}")
    assert 'detect.model: got "general" (the default), which does not detect, wanted a model that can detect' in str(
        caught.value
    )


def test_how_pictures_are_decoded_is_said_for_all_cameras_and_for_one() -> None:
    config = loads("""
decode: keyframes
hwaccel: none
cameras:
  street: {inputs: [{path: demo}]}
  door: {inputs: [{path: demo}], decode: full}
  yard: {inputs: [{path: demo}], hwaccel: cuda}
""")
    said = {name: (camera.decoding.decode, camera.decoding.hwaccel) for name, camera in config.cameras.items()}
    assert said == {"street": ("keyframes", "none"), "door": ("full", "none"), "yard": ("keyframes", "cuda")}


def test_what_rules_that_are_not_built_in_tell_may_be_named() -> None:
    config = loads("""
cameras:
  lobby: {inputs: [{path: demo}], rules: {tamper: {enabled: true}, extra: {crowd: {type: zone_count}}}}
alerts: [{name: any, when: {event: [crowd, tamper]}, send: log}]
sinks: {log: {type: jsonl, path: log}}
""")
    assert config.alerts[0].when.event == ("crowd", "tamper")
