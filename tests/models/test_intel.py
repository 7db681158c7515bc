import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytest.importorskip("openvino")


@pytest.mark.parametrize(
    ("code", "sender"),
    [
        pytest.param(
            "from pipeline.models.intel import openvino; openvino(); from openvino.tools.ovc import telemetry",
            "openvino.tools.ovc.telemetry_stub",
            id="openvino",
        ),
        pytest.param(
            "from pipeline.models.intel import nncf; nncf(); from nncf.telemetry.wrapper import telemetry",
            "unittest.mock",
            id="nncf",
        ),
    ],
)
def test_nothing_is_sent_about_the_user(code: str, sender: str) -> None:
    if "nncf" in code:
        pytest.importorskip("nncf")
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nprint(type(telemetry).__module__)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    assert done.stdout.strip().splitlines()[-1] == sender
