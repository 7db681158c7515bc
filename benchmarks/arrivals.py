"""When each numbered picture of a camera (`benchmarks.street`) arrives at a program that reads the camera itself.

    python -m benchmarks.arrivals rtsp://127.0.0.1:8554/camera0
    python -m benchmarks.arrivals rtsp://127.0.0.1:8554/camera0 --pieces    # before FFmpeg's parser has had it

Reads until its standard input ends, then prints the numbers and their times (UTC seconds) as JSON.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby
from threading import Event, Thread

import av
import numpy as np
import typer
from av.container import InputContainer

from benchmarks.street import number_in

_OVER_TCP = {"rtsp_transport": "tcp", "fflags": "nobuffer"}
_IN_PIECES = {"rtsp_transport": "tcp", "fflags": "nobuffer+noparse"}
"""FFmpeg's parser holds back each picture until the next one begins; without it a picture comes in pieces."""


def main(url: str, pieces: bool = False) -> None:
    """Note arrivals until the input ends."""
    ended = Event()

    def follow_input() -> None:
        sys.stdin.read()
        ended.set()

    Thread(target=follow_input, daemon=True).start()
    print(json.dumps(arrivals(url, ended, _IN_PIECES if pieces else _OVER_TCP)))


def arrivals(url: str, ended: Event, options: dict[str, str]) -> list[tuple[int, float]]:
    """The time is that of a picture's last piece; it is decoded later."""
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    noted = []
    with av.open(url, options=options, timeout=(5, 5)) as container:
        for unit, arrived_at in _access_units(container):
            with suppress(av.error.InvalidDataError):  # before the first key frame
                for picture in decoder.decode(av.Packet(unit)):
                    noted.append((number_in(np.asarray(picture.to_ndarray(format="gray"), np.uint8)), arrived_at))
            if ended.is_set():
                break
    return noted


def _access_units(container: InputContainer) -> Iterator[tuple[bytes, float]]:
    arrived = ((packet, time.time()) for packet in container.demux(video=0))
    for _, pieces in groupby(arrived, key=lambda piece: piece[0].pts):
        packets, times = zip(*pieces, strict=True)
        yield b"".join(map(bytes, packets)), times[-1]


if __name__ == "__main__":
    typer.run(main)
