"""When each numbered picture of a camera (`benchmarks.street`) arrives at a program that reads the camera itself.

    python -m benchmarks.arrivals rtsp://127.0.0.1:8554/camera0

Reads until its standard input ends, then prints the numbers and their times (UTC seconds) as JSON.
"""

import json
import sys
import time
from threading import Event, Thread

import av
import numpy as np
import typer

from benchmarks.street import number_in

_OPTIONS = {"rtsp_transport": "tcp", "fflags": "nobuffer+noparse"}
"""Without a parser, which would hold back each picture until the next one begins."""


def main(url: str) -> None:
    """Note arrivals until the input ends."""
    ended = Event()

    def follow_input() -> None:
        sys.stdin.read()
        ended.set()

    Thread(target=follow_input, daemon=True).start()
    print(json.dumps(arrivals(url, ended)))


def arrivals(url: str, ended: Event) -> list[tuple[int, float]]:
    """The time is a packet's, before it is decoded."""
    noted = []
    with av.open(url, options=_OPTIONS, timeout=(5, 5)) as container:
        video = container.streams.video[0]
        video.codec_context.thread_count = 1
        for packet in container.demux(video):
            arrived_at = time.time()
            for picture in packet.decode():
                noted.append((number_in(np.asarray(picture.to_ndarray(format="gray"), np.uint8)), arrived_at))
            if ended.is_set():
                return noted
    return noted


if __name__ == "__main__":
    typer.run(main)
