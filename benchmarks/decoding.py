"""Decodes cameras and does nothing else: python -m benchmarks.decoding rtsp://… rtsp://…

Prints the count of pictures after each one of the first camera.
"""

from collections.abc import Iterator
from threading import Thread

import av
import typer
from av.codec.context import ThreadType

from sources.reader import LIVE_OPTIONS, TIMEOUT_S


def main(urls: list[str]) -> None:
    """One thread for each camera, as in the analysis."""
    for url in urls[1:]:
        Thread(target=_drain, args=(url,), daemon=True).start()
    for count, _ in enumerate(_pictures(urls[0]), 1):
        print(count, flush=True)


def _drain(url: str) -> None:
    for _ in _pictures(url):
        continue


def _pictures(url: str) -> Iterator[av.VideoFrame]:
    options = {**LIVE_OPTIONS, "rtsp_transport": "tcp"}
    with av.open(url, options=options, timeout=(TIMEOUT_S, TIMEOUT_S)) as container:
        video = container.streams.video[0]
        video.codec_context.thread_count, video.codec_context.thread_type = 1, ThreadType.NONE
        yield from container.decode(video)


if __name__ == "__main__":
    typer.run(main)
