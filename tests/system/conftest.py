"""What the system tests share: a real RTSP server and clips of known content."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.system.clips import moving_mark
from tests.system.rtsp import RtspServer, missing


@pytest.fixture(scope="session")
def mark_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten seconds of the moving mark: 1280x720, H.264, 25 fps, a key frame each second."""
    return moving_mark(tmp_path_factory.mktemp("clips") / "mark.mp4")


@pytest.fixture
def rtsp_server() -> Iterator[Callable[..., RtspServer]]:
    """Starts servers (`rtsp_server({"lobby": clip})`, arguments as `RtspServer`) and kills them after the test."""
    if reason := missing():
        _cannot_run(reason)
    with ExitStack() as servers:

        def start(*args: object, **kwargs: object) -> RtspServer:
            return servers.enter_context(RtspServer(*args, **kwargs))  # type: ignore[arg-type]

        yield start


def _cannot_run(reason: str) -> None:
    """Skips, except in CI, where a system test that is skipped is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
