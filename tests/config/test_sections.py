"""The system's own sections."""

from typing import Any

import pytest
from pydantic import ValidationError

from pipeline.config.sections import Server, Store, is_loopback


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("localhost", True),
        ("::1", True),
        ("[::1]", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.5", False),
        ("cameras.example", False),
        ("localhost.example", False),
        ("127.0.0.1.example", False),
    ],
)
def test_only_this_machine_is_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_ice_servers_are_as_a_browser_has_them() -> None:
    relay = {"urls": ["turn:t.example:3478?transport=tcp", "turns:t.example"], "username": "fw", "credential": "x"}
    settings = Server.model_validate({"webrtc": {"ice_servers": [{"urls": "stun:s.example:3478"}, relay]}}).webrtc
    assert [server.urls for server in settings.ice_servers] == [("stun:s.example:3478",), tuple(relay["urls"])]
    assert "x" not in str(settings.ice_servers[1].credential)


@pytest.mark.parametrize(
    ("webrtc", "said"),
    [
        pytest.param({"ice_servers": [{"urls": "http://t.example"}]}, "stun:host:port or turn:", id="another scheme"),
        pytest.param({"ice_servers": [{"urls": []}]}, "at least 1 item", id="no address"),
        pytest.param({"ice_servers": [{"urls": "turn:t.example"}]}, "username and credential", id="a nameless viewer"),
        pytest.param({"advertised_ips": ["camera.example"]}, "not a valid IPv4 or IPv6 address", id="a name"),
        pytest.param({"max_viewers": 0}, "greater than or equal to 1", id="nobody"),
    ],
)
def test_ways_to_the_viewers_that_make_no_sense(webrtc: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Server.model_validate({"webrtc": webrtc})


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///data/fw.db",
        "sqlite+pysqlite:////var/fw.db",
        "postgresql+psycopg://me:hush@db:5432/fw?sslmode=require",
    ],
)
def test_where_events_are_kept(url: str) -> None:
    settings = Store.model_validate({"url": url})
    assert settings.url.get_secret_value() == url
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(
    "url", ["", "data/fw.db", "sqlite://", "postgresql://me:hush@db/fw", "postgresql+psycopg://db"]
)
def test_where_events_cannot_be_kept(url: str) -> None:
    with pytest.raises(ValidationError, match=r"sqlite:///path/to/file or postgresql\+psycopg://user:password@host/"):
        Store.model_validate({"url": url})
