import json
import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
import pipeline.models.catalogue, pipeline.models.pool, pipeline.models.yolo, pipeline.stages.detect
assert not {"torch", "ultralytics", "cv2", "openvino"} & set(sys.modules), "imported too early"
from pipeline.models.ultra import ultralytics
module = ultralytics()
from ultralytics.utils import AUTOINSTALL, ONLINE, SETTINGS
from ultralytics.utils.events import events
print(AUTOINSTALL, ONLINE, SETTINGS["sync"], events.enabled, module is ultralytics())
"""


def test_nothing_is_imported_early_installed_sent_or_written_elsewhere(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    environment = os.environ | {
        "FRAMEWATCH_CACHE": str(tmp_path / "cache"),
        "HOME": str(tmp_path / "home"),
        "PYTHONPATH": str(root),
    }
    for name in ("YOLO_CONFIG_DIR", "YOLO_AUTOINSTALL", "YOLO_OFFLINE", "YOLO_VERBOSE"):
        environment.pop(name, None)
    (tmp_path / "here").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path / "here", env=environment, capture_output=True, text=True
    )
    assert done.stdout == "False False False False True\n", done.stderr
    assert list((tmp_path / "here").iterdir()) == []
    assert not (tmp_path / "home" / ".config" / "Ultralytics").exists()
    settings = json.loads((tmp_path / "cache" / "ultralytics" / "Ultralytics" / "settings.json").read_text())
    assert settings["sync"] is False
