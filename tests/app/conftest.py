"""What the tests of the whole share."""

import socket
from collections.abc import Iterator

import pytest

from tests.models.conftest import cache, shared, yolov8n

__all__ = ["cache", "shared", "yolov8n"]


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Accepts connections and never says a word: a camera, or a receiver of alerts, that hangs."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]
