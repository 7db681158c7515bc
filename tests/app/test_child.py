"""The analysis process, as the supervisor starts it, with a stage that loads for ever."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.analysis.plan import AnalysisPlan, CameraPlan, StagePlan
from pipeline.analysis.process import ChildProcess
from pipeline.core.camera import Camera
from pipeline.core.messages import Configure, Health

LOADS = """
import time

from framewatch import Options

class Loads:
    class Options(Options):
        pass

    def __init__(self, options, setup):
        open(FILE, "w").close()
        time.sleep(600)

    def process(self, ctx): ...
"""


@pytest.fixture
def loading(tmp_path: Path) -> Iterator[ChildProcess]:
    begun = tmp_path / "begun"
    plugin = tmp_path / "loads.py"
    plugin.write_text(LOADS.replace("FILE", repr(str(begun))))
    stage = StagePlan(name="loads", type=f"{plugin}:Loads")
    plan = AnalysisPlan(models={}, cameras={"yard": CameraPlan(camera=Camera(name="yard"), stages=(stage,))})
    child = ChildProcess("ERROR")
    try:
        child.link.send(Configure(plan.model_dump(mode="json", by_alias=True)))
        _wait_for(begun.exists)
        yield child
    finally:
        child.kill()
        child.wait()
        child.link.close()


def test_its_health_goes_on_while_it_loads(loading: ChildProcess) -> None:
    told = [loading.link.receive() for _ in range(3)]
    assert all(isinstance(message, Health) for message in told)


def test_it_ends_with_the_media_plane_even_while_it_loads(loading: ChildProcess) -> None:
    loading.link.close()
    _wait_for(lambda: loading._process.poll() is not None)


def _wait_for(condition: Any) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
