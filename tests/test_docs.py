"""What README and docs show is true: every configuration loads, every plugin of the template works."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.config import loads
from tests.docs import Block, blocks
from tests.system.clips import moving_mark

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
VALUES = {
    "CHAT_TOKEN": "open-sesame",
    "HOOK_SECRET": "open-sesame",
    "LAMP_TOKEN": "open-sesame",
    "NTFY_URL": "ntfy://open-sesame",
    "SMTP_PASSWORD": "open-sesame",
    "SMTP_USER": "framewatch",
    "TELEGRAM_TOKEN": "123456789:open-sesame",
    "CAMERA_URL": "rtsp://camera.example/main",
    "DB_PASSWORD": "open-sesame",
    "FRIGATE_RTSP_PASSWORD": "open-sesame",
    "HOOK_URL": "https://hooks.example/1",
    "FRAMEWATCH_TOKEN": "a-long-token",
    "MEDIA_PASSWORD": "open-sesame",
    "MEDIA_USER": "framewatch",
    "MQTT_PASSWORD": "open-sesame",
    "TURN_PASSWORD": "open-sesame",
}


@pytest.mark.parametrize(
    "block",
    [pytest.param(block, id=f"{page.name}:{block.line}") for page in PAGES for block in blocks(page, "yaml")],
)
def test_every_configuration_loads(block: Block, tmp_path: Path) -> None:
    shutil.copy(ROOT / "docs/template/my_plugins.py", tmp_path)
    assert loads(block.text, base=tmp_path, env=VALUES).cameras


def test_links_lead_somewhere() -> None:
    import re

    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return moving_mark(tmp_path_factory.mktemp("clip") / "mark.mp4", seconds=2, size=(640, 360))


RUN = """
import asyncio, framewatch
from pathlib import Path
from pipeline import registry
from pipeline.config import load

config = load(Path("c.yaml"))
results = list(framewatch.stream(config="c.yaml"))
print([mark.text for mark in results[-1].marks if mark.kind == "text"])
crowds = [event for result in results for event in result.events if event.type == "crowd"]
sink = config.sinks["log"]
made = registry.load("sinks", sink.type)(sink.options)
asyncio.run(made.send(framewatch.Alert(id="1", rule="too many", event=crowds[0])))
"""

CONFIG = """
models: {{general: {{type: "{detector}:MarkDetector"}}}}
pipeline: [detect, track, rules, count]
stages: {{count: {{type: "{prefix}{stage}"}}}}
rules: {{extra: {{crowd: {{type: "{prefix}{rule}", limit: 0}}}}}}
cameras: {{yard: {{inputs: [{{path: "{clip}", pace: max}}]}}}}
alerts: [{{name: too many, when: {{event: crowd}}, send: [log]}}]
sinks: {{log: {{type: "{prefix}{sink}", path: crowds.txt}}}}
"""


@pytest.mark.parametrize(
    ("packaged", "prefix", "stage", "rule", "sink"),
    [
        pytest.param(False, "./my_plugins.py:", "CountPeople", "Crowd", "AppendToFile", id="a file"),
        pytest.param(True, "", "count_people", "crowd", "append_to_file", id="an installed package"),
    ],
)
def test_the_template_works(
    packaged: bool, prefix: str, stage: str, rule: str, sink: str, clip: Path, tmp_path: Path
) -> None:
    path = [str(ROOT)]
    if packaged:
        path.append(str(_installed(tmp_path)))
    else:
        shutil.copy(ROOT / "docs/template/my_plugins.py", tmp_path)
    detector = ROOT / "tests/system/mark_detector.py"
    text = CONFIG.format(detector=detector, clip=clip, prefix=prefix, stage=stage, rule=rule, sink=sink)
    (tmp_path / "c.yaml").write_text(text)
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "['person: 1']"
    assert (tmp_path / "crowds.txt").read_text() == "too many: crowd on yard\n"


def _installed(folder: Path) -> Path:
    source, target = folder / "source", folder / "site"
    shutil.copytree(ROOT / "docs/template", source)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--target", str(target), str(source)], check=True, timeout=100)
    return target
