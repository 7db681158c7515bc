"""A camera that speaks RTSP over TCP and sends H.264 and G.711, with clocks as a test wants them."""

import base64
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import BinaryIO, Self

import av

from pipeline.core import annexb
from pipeline.core.clock import SystemClock
from pipeline.core.packet import Packet
from sources.reader import Reader

_VIDEO_TYPE, _SOUND_TYPE = 96, 8
_CLOCKS = (90_000, 8_000)
_BASES = (1_000_000, 77_777)
"""RTP times of the clip's beginning."""
_SENDER_REPORT = 200
_NTP_S = 2_208_988_800


@dataclass(frozen=True)
class Unit:
    """What is sent of stream 0 (pictures) or 1 (sound) at a time of the clip."""

    at_s: float
    stream: int
    payloads: list[bytes]


class RtspCamera:
    """Sends its clip once to whoever plays it: sound at once, pictures from `pictures_from_s` on (a key frame).

    `reports_after_s` is when it begins to send sender reports, None for never; `sound_clock_s` is how far the clock
    in those of its sound is off.
    """

    def __init__(
        self, clip: Path, *, pictures_from_s: float = 0.0, reports_after_s: float | None, sound_clock_s: float = 0.0
    ) -> None:
        reader = Reader(str(clip), SystemClock())
        self._extradata = reader.open().extradata
        units = [*_pictures([*reader.packets()], pictures_from_s), *_sound(clip)]
        self._units = sorted(units, key=lambda unit: (unit.at_s, unit.stream))
        self._reports_after_s = reports_after_s
        self._sound_clock_s = sound_clock_s
        self._over = Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self._listener.getsockname()[1]}/clip"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            try:
                self._answer(connection)
            except OSError:  # who played it has left
                return

    def _answer(self, connection: socket.socket) -> None:
        lines = connection.makefile("rb")
        while not self._over.is_set() and (request := _request(lines)):
            method, number, transport = request
            answers = {"DESCRIBE": "Content-Type: application/sdp\r\n", "SETUP": f"Transport: {transport}\r\n"}
            body = self._description() if method == "DESCRIBE" else ""
            head = f"RTSP/1.0 200 OK\r\nCSeq: {number}\r\nSession: 1\r\n{answers.get(method, '')}"
            connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
            if method == "PLAY":
                self._play(connection)
                return

    def _description(self) -> str:
        sets = ",".join(base64.b64encode(unit).decode() for unit in annexb.nal_units(self._extradata))
        return (
            "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=clip\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
            f"m=video 0 RTP/AVP {_VIDEO_TYPE}\r\na=rtpmap:{_VIDEO_TYPE} H264/90000\r\na=control:0\r\n"
            f"a=fmtp:{_VIDEO_TYPE} packetization-mode=1;sprop-parameter-sets={sets}\r\n"
            f"m=audio 0 RTP/AVP {_SOUND_TYPE}\r\na=rtpmap:{_SOUND_TYPE} PCMA/8000\r\na=control:1\r\n"
        )

    def _play(self, connection: socket.socket) -> None:
        began, sent = time.monotonic(), [0, 0]
        reported = [self._reports_after_s is None] * 2
        for unit in self._units:
            if self._over.wait(max(0.0, began + unit.at_s - time.monotonic())):
                return
            ticks = _BASES[unit.stream] + round(unit.at_s * _CLOCKS[unit.stream])
            if not reported[unit.stream] and unit.at_s >= (self._reports_after_s or 0.0):
                reported[unit.stream] = True
                connection.sendall(_framed(unit.stream * 2 + 1, self._report(unit, ticks)))
            for place, payload in enumerate(unit.payloads):
                is_last = unit.stream == 0 and place == len(unit.payloads) - 1
                kind = (_VIDEO_TYPE, _SOUND_TYPE)[unit.stream] | (0x80 if is_last else 0)
                head = struct.pack(
                    ">BBHII", 0x80, kind, sent[unit.stream] & 0xFFFF, ticks & 0xFFFFFFFF, unit.stream + 1
                )
                connection.sendall(_framed(unit.stream * 2, head + payload))
                sent[unit.stream] += 1

    def _report(self, unit: Unit, ticks: int) -> bytes:
        clock_s = 1_800_000_000 + _NTP_S + unit.at_s + (self._sound_clock_s if unit.stream else 0.0)
        ntp = int(clock_s) << 32 | int(clock_s % 1 * 2**32)
        return struct.pack(">BBHIQIII", 0x80, _SENDER_REPORT, 6, unit.stream + 1, ntp, ticks, 0, 0)


def _pictures(packets: list[Packet], from_s: float) -> Iterator[Unit]:
    for packet in packets:
        at_s = (packet.pts_90k - packets[0].pts_90k) / 90_000
        if at_s >= from_s:
            yield Unit(at_s, 0, annexb.nal_units(packet.data))


def _sound(clip: Path) -> Iterator[Unit]:
    with av.open(str(clip)) as file:
        data = b"".join(bytes(packet) for packet in file.demux(audio=0))
    step = _CLOCKS[1] // 50
    for at in range(0, len(data), step):
        yield Unit(at / _CLOCKS[1], 1, [data[at : at + step]])


def _framed(channel: int, packet: bytes) -> bytes:
    return struct.pack(">cBH", b"$", channel, len(packet)) + packet


def _request(file: BinaryIO) -> tuple[str, str, str] | None:
    """Method, number and transport; None once nobody asks any more."""
    lines: list[str] = []
    while (line := file.readline()) not in (b"", b"\r\n"):
        lines.append(line.decode().strip())
    if not lines:
        return None
    fields = dict(line.split(": ", 1) for line in lines[1:])
    return lines[0].split()[0], fields["CSeq"], fields.get("Transport", "")
