"""What can be said of RTSP without a server; the rest is in tests/system/test_rtsp_source.py."""

import socket
from threading import Thread
from time import monotonic

import pytest

from pipeline.core.errors import SourceError
from sources.rtsp import Rtsp


def rtsp(url: str, **wanted: object) -> Rtsp:
    return Rtsp(Rtsp.Options.model_validate({"path": url, **wanted}))


def test_a_port_where_nobody_listens() -> None:
    with pytest.raises(SourceError) as failure:
        rtsp("rtsp://user:secret@127.0.0.1:1/main").open()
    assert str(failure.value) == "rtsp://127.0.0.1:1/main: unreachable (Connection refused)"


def test_a_server_that_never_answers_is_given_up_and_closing_does_not_wait_for_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        source = rtsp(f"rtsp://127.0.0.1:{server.getsockname()[1]}/main")
        failures: list[SourceError] = []

        def opening() -> None:
            try:
                source.open()
            except SourceError as error:
                failures.append(error)

        thread = Thread(target=opening)
        thread.start()
        began = monotonic()
        source.close()
        assert monotonic() - began < 2
        thread.join(30)
    assert [error.reason for error in failures] in (["timed out"], ["ended"])


def test_tcp_unless_told_otherwise() -> None:
    assert Rtsp.Options.model_validate({"path": "rtsp://host/"}).transport == "tcp"
    with pytest.raises(ValueError, match="transport"):
        rtsp("rtsp://host/", transport="carrier pigeon")
