"""A camera's video pushed to an RTSP server, from where any player may take it."""

import os
import socket
import subprocess
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from pydantic import AfterValidator, ConfigDict, SecretStr

from pipeline.core.address import Address
from pipeline.core.errors import DeliveryError
from pipeline.core.packet import Packet, StreamInfo
from pipeline.core.video_options import VideoOptions
from sinks.streams.publisher import TIMEOUT_S, Announce, Answer

_RTSP_PORT = 554
_GOODBYE_S = 1.0
"""How long it may take to take leave of the server."""


def _is_rtsp(address: SecretStr) -> SecretStr:
    if not address.get_secret_value().lower().startswith("rtsp://"):
        raise ValueError("an address that begins with rtsp://")
    return address


class Rtsp:
    """ANNOUNCE and RECORD over TCP; user and password are part of the address."""

    class Options(VideoOptions):
        model_config = ConfigDict(hide_input_in_errors=True)

        url: Annotated[Address, AfterValidator(_is_rtsp)]
        """`rtsp://user:password@host:port/path`."""

    def __init__(self, options: Options) -> None:
        self._url = options.url.get_secret_value()
        self._publisher: Publisher | None = None
        self._interrupted = False
        self._lock = Lock()
        """Guards the two above: a publisher is not started any more after an interruption."""

    def open(self, info: StreamInfo) -> None:
        _check_that_something_answers(self._url)
        with self._lock:
            if self._interrupted:
                raise DeliveryError("interrupted")
            self._publisher = Publisher()
        self._publisher.announce(Announce(self._url, info))

    def write(self, packet: Packet) -> None:
        assert self._publisher is not None, "opened before"
        self._publisher.send(packet)

    def interrupt(self) -> None:
        with self._lock:
            self._interrupted = True
            if self._publisher is not None:
                self._publisher.kill()

    def close(self) -> None:
        if self._publisher is not None:
            self._publisher.end()


def _check_that_something_answers(url: str) -> None:
    """A process for each try would be dear where nothing does. Raises DeliveryError."""
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or _RTSP_PORT), TIMEOUT_S).close()
    except TimeoutError:
        raise DeliveryError(f"timed out: no answer within {TIMEOUT_S:g} s") from None
    except OSError as error:
        why = f"unreachable ({error.strerror}): is the server on, and are address and port right?"
        raise DeliveryError(why) from None


class Publisher:
    """The process that talks to the server. One thread uses it; only `kill` comes from another."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "sinks.streams.publisher", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": _python_path()},
            )
            self._link: Connection[Any, Any] = Connection(os.dup(ours.fileno()))

    def announce(self, announce: Announce) -> None:
        """Returns once the server takes the stream; raises DeliveryError."""
        self._send(announce)
        self._hear()

    def send(self, packet: Packet) -> None:
        self._send(packet)

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        """Within `_GOODBYE_S`; idempotent."""
        self._link.close()
        try:
            self._process.wait(_GOODBYE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _send(self, message: msgspec.Struct) -> None:
        try:
            self._link.send_bytes(msgspec.msgpack.encode(message))
        except OSError:  # it has ended, and said why before
            self._hear()
            raise DeliveryError("what sends the video has ended") from None

    def _hear(self) -> None:
        """Raises DeliveryError where something is wrong."""
        try:
            answer = msgspec.msgpack.decode(self._link.recv_bytes(), type=Answer)
        except (EOFError, OSError):
            raise DeliveryError("what sends the video has ended") from None
        if answer.wrong:
            raise DeliveryError(answer.wrong, permanent=answer.permanent)


def _python_path() -> str:
    """The child imports the same Framewatch, whatever folder it is started in."""
    root = str(Path(__file__).parents[2])
    return os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
