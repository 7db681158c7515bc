"""The two channels between the planes: over a socket, or in memory when both live in one process."""

import logging
import os
import socket
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from threading import Lock
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from pipeline.core.channels import Closed, Mailbox

log = logging.getLogger(__name__)
Sent = TypeVar("Sent", contravariant=True)
Received = TypeVar("Received", covariant=True)
Message = TypeVar("Message")


class Link(Protocol[Sent, Received]):
    """One end. A full channel makes `send` wait; the other side's end raises Closed in both."""

    def send(self, message: Sent) -> None: ...

    def send_all(self, messages: Sequence[Sent]) -> None:
        """In their order, for the price of one."""
        ...

    def receive(self) -> Received: ...

    def close(self) -> None: ...


class SocketLink(Generic[Message, Received]):
    """msgpack frames over a connection; `send` is safe from several threads, `receive` is for one.

    Typed decoding: whatever the other plane sends, only the border's messages come out; the rest is logged.
    """

    def __init__(self, end: socket.socket, receives: Any) -> None:
        self._socket = end
        self._connection = Connection(os.dup(end.fileno()))
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(list[receives])
        self._received: deque[Received] = deque()
        self._sending = Lock()

    def send(self, message: Message) -> None:
        self.send_all([message])

    def send_all(self, messages: Sequence[Message]) -> None:
        data = self._encoder.encode(messages)
        with self._sending:
            try:
                self._connection.send_bytes(data)
            except OSError as error:
                raise Closed from error

    def receive(self) -> Received:
        while not self._received:
            try:
                self._received.extend(self._decoder.decode(self._connection.recv_bytes()))
            except (EOFError, OSError) as error:
                raise Closed from error
            except msgspec.DecodeError as error:
                log.error("a message of the other plane is none and is left out: %s", error)
        return self._received.popleft()

    def close(self) -> None:
        """Both sides' `receive` end at once, also one that waits right now in another thread."""
        with suppress(OSError):  # the other side has gone already
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class MemoryLink(Generic[Message, Received]):
    """The same contract between two threads; make both ends with `memory_link`."""

    def __init__(self, outbox: Mailbox[Any], inbox: Mailbox[Any]) -> None:
        self._outbox = outbox
        self._inbox = inbox

    def send(self, message: Message) -> None:
        self._outbox.put(message)

    def send_all(self, messages: Sequence[Message]) -> None:
        for message in messages:
            self._outbox.put(message)

    def receive(self) -> Received:
        message: Received = self._inbox.get()
        return message

    def close(self) -> None:
        self._outbox.close(discard=True)
        self._inbox.close(discard=True)


def memory_link(capacity: int = 64) -> tuple[MemoryLink[Any, Any], MemoryLink[Any, Any]]:
    """Two joined ends."""
    down: Mailbox[Any] = Mailbox(capacity, wait=True)
    up: Mailbox[Any] = Mailbox(capacity, wait=True)
    return MemoryLink(down, up), MemoryLink(up, down)
