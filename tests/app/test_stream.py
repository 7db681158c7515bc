"""Both planes in this process, on a file, with a detector that knows the truth."""

import json
import subprocess
from pathlib import Path
from threading import Thread

import av
import pytest

import framewatch
from pipeline.app.process import frames_in, offline, process
from pipeline.app.stream import Stream
from pipeline.config import load
from pipeline.core.errors import ConfigError, ModelError, SourceError
from tests.system.clips import MARK_SIDE_PX, mark_at, moving_mark

DETECTOR = Path(__file__).parents[1] / "system" / "mark_detector.py"
CONFIG = f"""
models: {{general: {{type: "{DETECTOR}:MarkDetector"}}}}
cameras:
  yard:
    inputs: [{{path: CLIP, pace: max}}]
    zones: {{middle: {{coordinates: "0.3,0,0.7,0,0.7,1,0.3,1", inertia: 1}}}}
    lines: {{centre: {{from: [0.5, 0], to: [0.5, 1]}}}}
"""
SIZE = (640, 360)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return moving_mark(tmp_path_factory.mktemp("clip") / "mark.mp4", seconds=4, size=SIZE)


@pytest.fixture
def config(tmp_path: Path, clip: Path) -> Path:
    path = tmp_path / "yard.yaml"
    path.write_text(CONFIG.replace("CLIP", str(clip)))
    return path


def test_boxes_are_where_the_mark_is(config: Path) -> None:
    results = list(framewatch.stream(config=config))
    assert 15 <= len(results) <= 21
    measured = 0
    for result in results:
        x, y = mark_at(result.frame.seq - 1, SIZE)
        for thing in result.objects:
            if thing.measured:
                measured += 1
                centre = (thing.box[0] + thing.box[2]) / 2 * SIZE[0], (thing.box[1] + thing.box[3]) / 2 * SIZE[1]
                assert centre == pytest.approx((x, y), abs=MARK_SIDE_PX / 4)
    assert measured > 10


def test_the_input_to_detect_on_is_read(config: Path, clip: Path) -> None:
    one = f"[{{path: {clip}, pace: max}}]"
    both = f"[{{path: /nowhere/main.mp4, roles: [record, live]}}, {{path: {clip}, pace: max, roles: [detect]}}]"
    assert one in config.read_text()
    config.write_text(config.read_text().replace(one, both))
    assert len(list(framewatch.stream(config=config))) > 10


def test_what_happens_is_told_with_the_frame_and_the_end(config: Path) -> None:
    events = [event for result in framewatch.stream(config=config, camera="yard") for event in result.events]
    assert {"object", "zone_enter", "zone_leave", "line_cross"} <= {event.type for event in events}
    assert events[-1].state == "end"


def test_process_loses_no_frame(clip: Path, config: Path, tmp_path: Path) -> None:
    out, lines = tmp_path / "out" / "annotated.mp4", tmp_path / "events.jsonl"
    progress: list[int] = []
    summary = process(offline(clip, config, None), out, lines, progress.append)
    assert summary.frames == frames_in(clip) == 100
    assert progress == list(range(1, 101))
    told = [json.loads(line) for line in lines.read_text().splitlines()]
    assert len(told) == summary.events
    assert summary.objects == len({event["id"] for event in told if event["type"] == "object"}) > 0
    assert {event["camera"] for event in told} == {"yard"}
    with av.open(str(out)) as video:
        pictures = list(video.decode(video=0))
    times = [float(picture.time or 0) for picture in pictures]
    assert times == sorted(set(times))
    assert (len(pictures), pictures[0].width, pictures[0].height) == (100, *SIZE)
    assert _duration_s(out) == pytest.approx(4.0, abs=0.1)
    assert not list(out.parent.glob(".*"))


def test_odd_sizes_lose_a_row_and_a_column(tmp_path: Path, config: Path) -> None:
    odd = tmp_path / "odd.mp4"
    source = "testsrc2=size=321x181:rate=10:duration=1"
    ffmpeg = ["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv444p", str(odd)]
    subprocess.run(ffmpeg, check=True)
    process(offline(odd, config, None), tmp_path / "out.mp4", None)
    with av.open(str(tmp_path / "out.mp4")) as video:
        assert [(picture.width, picture.height) for picture in video.decode(video=0)] == [(320, 180)] * 10


def test_what_cannot_be_read_leaves_no_file(config: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"this is no video")
    with pytest.raises(SourceError):
        process(offline(broken, config, None), tmp_path / "out.mp4", None)
    assert not (tmp_path / "out.mp4").exists()


def test_a_model_that_is_not_there(clip: Path, tmp_path: Path) -> None:
    config = tmp_path / "none.yaml"
    config.write_text(
        "models: {general: {type: yolo, weights: /nowhere/none.pt}}\n"
        f'cameras: {{yard: {{inputs: [{{path: "{clip}", pace: max}}]}}}}\n'
    )
    with pytest.raises(ModelError, match=r"/nowhere/none\.pt"):
        list(framewatch.stream(config=config))


RAISES = """
from framewatch import Options

class Raises:
    class Options(Options):
        pass

    def __init__(self, options, setup):
        raise KeyError("my_table")

    def process(self, ctx): ...
"""


def test_a_stage_that_cannot_be_built_is_told_and_nothing_waits(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "raises.py").write_text(RAISES)
    config = tmp_path / "raises.yaml"
    config.write_text(
        'pipeline: [mine]\nstages: {mine: {type: "./raises.py:Raises"}}\n'
        f'cameras: {{yard: {{inputs: [{{path: "{clip}", pace: max}}]}}}}\n'
    )
    with pytest.raises(ModelError, match="camera yard, stage mine: KeyError: 'my_table'"):
        list(framewatch.stream(config=config))


def test_one_that_was_closed_before_it_began_yields_nothing(clip: Path, config: Path) -> None:
    stream = offline(clip, config, None)
    stream.close()
    assert not list(stream)


def test_closed_from_another_thread(config: Path, clip: Path) -> None:
    config.write_text(CONFIG.replace("CLIP", str(clip)).replace("pace: max", "pace: realtime, loop: true"))
    stream = Stream(load(config), load(config).cameras["yard"])
    threads: list[Thread] = []
    for _ in stream:
        if not threads:
            threads.append(Thread(target=stream.close))
            threads[0].start()
    threads[0].join(10)
    assert not threads[0].is_alive()


def test_the_camera_must_be_named_where_there_are_several(clip: Path, tmp_path: Path) -> None:
    config = tmp_path / "two.yaml"
    config.write_text("cameras: {a: {inputs: [{path: demo}]}, b: {inputs: [{path: demo}]}}\n")
    with pytest.raises(ConfigError, match="one of a, b"):
        framewatch.stream(config=config)


def test_an_address_or_a_configuration() -> None:
    with pytest.raises(TypeError, match="either"):
        framewatch.stream()


def _duration_s(path: Path) -> float:
    command = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(path)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
