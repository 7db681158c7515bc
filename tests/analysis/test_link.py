import socket
import threading
from typing import Any

import pytest

from pipeline.analysis.link import SocketLink, memory_link
from pipeline.core.channels import Closed
from pipeline.core.messages import Down, Health, PacketIn, StreamLost, Up
from tests.analysis.pictures import packets


def test_messages_arrive_as_they_were_sent() -> None:
    left, right = socket.socketpair()
    media: SocketLink[Down, Up] = SocketLink(left, Up)
    analysis: SocketLink[Up, Down] = SocketLink(right, Down)
    sent = PacketIn("yard", packets(1)[0])
    media.send(sent)
    analysis.send(Health({}))
    assert analysis.receive() == sent
    assert media.receive() == Health({})
    media.close()
    with pytest.raises(Closed):
        analysis.receive()
    with pytest.raises(Closed):
        analysis.send(Health({}))
    analysis.close()


def test_several_messages_at_once_arrive_one_by_one_in_their_order() -> None:
    left, right = socket.socketpair()
    media: SocketLink[Down, Up] = SocketLink(left, Up)
    analysis: SocketLink[Up, Down] = SocketLink(right, Down)
    sent = [PacketIn(f"yard{number}", packet) for number, packet in enumerate(packets(3))]
    media.send_all(sent)
    media.close()
    assert [analysis.receive() for _ in sent] == sent
    with pytest.raises(Closed):
        analysis.receive()
    analysis.close()


def test_what_is_no_message_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    left, right = socket.socketpair()
    media: SocketLink[Down, Up] = SocketLink(left, Up)
    analysis: SocketLink[Any, Down] = SocketLink(right, Down)
    analysis.send({"type": "Health", "cameras": 5})
    analysis.send(Health({}))
    assert media.receive() == Health({})
    assert "left out" in caplog.text
    media.close()
    analysis.close()


def test_close_wakes_one_who_waits() -> None:
    left, right = socket.socketpair()
    link: SocketLink[Down, Up] = SocketLink(left, Up)
    woken = threading.Event()

    def wait() -> None:
        with pytest.raises(Closed):
            link.receive()
        woken.set()

    thread = threading.Thread(target=wait)
    thread.start()
    link.close()
    assert woken.wait(5)
    thread.join(5)
    right.close()


def test_the_same_in_memory() -> None:
    media, analysis = memory_link()
    media.send(StreamLost("yard"))
    assert analysis.receive() == StreamLost("yard")
    media.close()
    with pytest.raises(Closed):
        analysis.receive()
