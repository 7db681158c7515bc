"""Discovery over real sockets, on loopback; tests/sources/onvif_device.py says what it is and is not."""

import socket
from collections.abc import Iterator

import pytest

from pipeline.core.errors import SourceError
from pipeline.core.found import FoundCamera
from sources.onvif import discover, streams
from tests.sources.onvif_device import Device, onvif

STREAMS = {
    "sub": (640, 360, "rtsp://192.0.2.9:554/stream2"),
    "main": (2560, 1440, "rtsp://admin:x@192.0.2.9:8554/stream1?a=1&b=2"),
    "cloud": (640, 360, "http://192.0.2.9/cloud"),
}


@pytest.fixture
def device() -> Iterator[Device]:
    with onvif(Device(STREAMS)) as device:
        yield device


def test_who_is_there(device: Device) -> None:
    assert discover(1.0, "127.0.0.1") == [
        FoundCamera("127.0.0.1", device.service, name="Front door", model="M7"),
    ]


def test_nobody_is_there() -> None:
    assert discover(0.5, "127.0.0.1") == []


def test_its_streams_the_largest_first(device: Device) -> None:
    """At the host where it was reached, whatever it thinks that is."""
    found = streams(device.service, "admin", "open-sesame")

    assert (found.maker, found.model) == ("Maker", "Model 7")
    assert [(each.address, each.width, each.codec, each.fps) for each in found.streams] == [
        ("rtsp://127.0.0.1:8554/stream1?a=1&b=2", 2560, "h264", 15),
        ("rtsp://127.0.0.1:554/stream2", 640, "h264", 15),
    ]


def test_the_password_is_never_sent(device: Device) -> None:
    streams(device.service, "admin", "open-sesame")
    with pytest.raises(SourceError):
        streams(device.service, "admin", "wrong-sesame")
    assert len(device.asked) > 4
    assert not [asked for asked in device.asked if "sesame" in asked]


@pytest.mark.parametrize(
    ("user", "password", "said"),
    [("admin", "wrong", "unauthorised$"), ("", "", r"unauthorised \(it wants a user and password\)")],
)
def test_a_wrong_password(device: Device, user: str, password: str, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        streams(device.service, user, password)


def test_no_stream() -> None:
    with onvif(Device({"cloud": STREAMS["cloud"]})) as device, pytest.raises(SourceError, match="no video stream"):
        streams(device.service, "admin", "open-sesame")


def test_nobody_at_that_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        service = f"http://127.0.0.1:{closed.getsockname()[1]}/onvif/device_service"
    with pytest.raises(SourceError, match="unreachable"):
        streams(service)
