"""Publishes video to an RTSP server: a process of its own, which `sinks.streams.rtsp` starts.

PyAV lets no other thread run while FFmpeg connects and says goodbye: a server that hangs would hold up all cameras.
"""

import os
import signal
import socket
import sys
import time
from contextlib import suppress
from fractions import Fraction
from multiprocessing.connection import Connection
from threading import Thread
from typing import Any

import av
import av.error
import msgspec
from av.container import OutputContainer

from pipeline.core.packet import Packet, StreamInfo

TIMEOUT_S = 3.0
"""How long the server may take to answer."""
STUCK_S = 5.0
"""How long a picture may take to leave."""
_LOOK_S = 0.5
_TIME_BASE = Fraction(1, 90_000)
_OPTIONS = {"rtsp_transport": "tcp", "timeout": str(round(TIMEOUT_S * 1e6))}


class Announce(msgspec.Struct, frozen=True):
    """The first message to the publisher; each one after it is a packet."""

    url: str
    info: StreamInfo


class Answer(msgspec.Struct, frozen=True):
    """What it says: nothing is wrong once the server has taken the stream; a reason before it ends by itself."""

    wrong: str = ""
    permanent: bool = False


def main(file_descriptor: int) -> None:
    """Publishes what comes over the socket `file_descriptor` until that is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the media plane decides
    with socket.socket(fileno=file_descriptor) as end:
        link: Connection[Any, Any] = Connection(os.dup(end.fileno()))
    with suppress(EOFError, OSError):  # nobody is left to be told, or to send for
        refusal = _publish(link)
        link.send_bytes(msgspec.msgpack.encode(refusal))
    os._exit(0)  # to take leave of a server that hangs would take as long again


def _publish(link: "Connection[Any, Any]") -> Answer:
    """Why it could not go on; raises EOFError where it was asked to end."""
    announce = msgspec.msgpack.decode(link.recv_bytes(), type=Announce)
    began = time.monotonic()
    try:
        container = _opened(announce)
    except av.error.FFmpegError as error:  # its own text repeats the address with its credentials
        return _why(error, silent=time.monotonic() - began >= TIMEOUT_S)
    link.send_bytes(msgspec.msgpack.encode(Answer()))
    decoder = msgspec.msgpack.Decoder(Packet)
    watch = Watch(link)
    try:
        while True:
            packet = decoder.decode(link.recv_bytes())
            with watch:
                container.mux(_av_packet(packet, container))
    except av.error.FFmpegError as error:
        return _why(error)
    except EOFError:
        with suppress(av.error.FFmpegError):  # it has hung up already
            container.close()
        raise


_STUCK = Answer(f"timed out: a picture was not taken within {STUCK_S:g} s")


class Watch:
    """Ends this process where a picture takes too long to leave: FFmpeg waits for each part of it, and says nothing."""

    def __init__(self, link: "Connection[Any, Any]") -> None:
        self._link = link
        self._began: float | None = None
        Thread(target=self._look, daemon=True).start()

    def __enter__(self) -> None:
        self._began = time.monotonic()

    def __exit__(self, *error: object) -> None:
        self._began = None

    def _look(self) -> None:
        while True:
            time.sleep(_LOOK_S)
            began = self._began
            if began is not None and time.monotonic() - began > STUCK_S:
                with suppress(OSError):  # nobody is left to be told
                    self._link.send_bytes(msgspec.msgpack.encode(_STUCK))
                os._exit(0)


def _opened(announce: Announce) -> OutputContainer:
    """Parameter sets travel in band, before every key frame: of video that is made on demand they are not known yet."""
    info = announce.info
    container = av.open(announce.url, "w", format="rtsp", options=_OPTIONS)
    container.add_mux_stream(info.codec, width=info.width, height=info.height, time_base=_TIME_BASE)
    container.start_encoding()
    return container


def _av_packet(packet: Packet, container: OutputContainer) -> "av.Packet[Any]":
    sent = av.Packet(packet.data)
    sent.pts, sent.dts, sent.time_base = packet.pts_90k, packet.dts_90k, _TIME_BASE
    sent.is_keyframe = packet.keyframe
    sent.stream = container.streams[0]
    return sent


_REFUSED = "refused: does the server speak RTSP and take published streams, and is the path free?"
_REASONS: tuple[tuple[type[Exception], Answer], ...] = (
    (av.error.HTTPUnauthorizedError, Answer("unauthorised: check user and password", permanent=True)),
    (av.error.HTTPForbiddenError, Answer("unauthorised: this user may not publish there", permanent=True)),
    (av.error.HTTPNotFoundError, Answer("not found: the server takes nothing under this path")),
    (av.error.HTTPError, Answer(_REFUSED)),
    (av.error.InvalidDataError, Answer(_REFUSED)),
    (av.error.BrokenPipeError, Answer("ended: the server closed the connection")),
    (av.error.ConnectionResetError, Answer("ended: the server closed the connection")),
)


def _why(error: av.error.FFmpegError, *, silent: bool = False) -> Answer:
    if silent:  # FFmpeg says something else when its wait for an answer ends
        return Answer(f"timed out: no answer within {TIMEOUT_S:g} s")
    known = (answer for kind, answer in _REASONS if isinstance(error, kind))
    return next(known, Answer(f"unreachable: {error.strerror}"))


if __name__ == "__main__":
    main(int(sys.argv[1]))
