"""A video file through a camera's whole pipeline, as fast as the machine can, losing no frame."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import IO, Any

import av
import msgspec

from pipeline.app.stream import Result, Stream, chosen_camera
from pipeline.app.whole import Whole
from pipeline.config import load, single_camera

Progress = Callable[[int], None]
"""Called after each frame with the count so far."""


@dataclass(frozen=True, slots=True)
class Summary:
    frames: int
    events: int
    objects: int


def offline(video: Path, config: Path | None, camera: str | None) -> Stream:
    """The stream of `video` as the camera of a configuration would see it, or with every default."""
    chosen = chosen_camera(load(config), camera).name if config is not None else "video"
    here: dict[str, Any] = {"inputs": [{"path": str(video), "type": "file", "pace": "max"}]}
    if config is not None:
        loaded = load(config, overrides={"cameras": {chosen: here}})
    else:
        loaded = single_camera(str(video), name=chosen, overrides={"cameras": {chosen: here}})
    return Stream(loaded, loaded.cameras[chosen], every_frame=True)


def frames_in(video: Path) -> int | None:
    """As the container says; None where it does not, or cannot be read."""
    try:
        with av.open(str(video)) as container:
            return container.streams.video[0].frames or None
    except (av.error.FFmpegError, OSError, IndexError):
        return None


def process(
    stream: Stream, video: Path | None, events: Path | None, progress: Progress = lambda _done: None
) -> Summary:
    """Writes the annotated video and one JSON line for each change of an event.

    Files appear under their names only once they are whole. Raises SourceError, ModelError, OSError.
    """
    frames = told = 0
    objects: set[str] = set()
    info = stream.info or stream.inspect()
    with (
        Whole(video) as video_path,
        Whole(events) as events_path,
        _AnnotatedVideo(video_path, float(info.fps or 25.0)) as annotated,
        _lines(events_path) as lines,
    ):
        for result in stream:
            annotated.add(result)
            for event in result.events:
                lines.write(msgspec.json.encode(event) + b"\n")
            frames += 1
            told += len(result.events)
            objects.update(event.id for event in result.events if event.type == "object")
            progress(frames)
    return Summary(frames, told, len(objects))


def _lines(path: Path | None) -> IO[bytes]:
    return open(path or os.devnull, "wb")


class _AnnotatedVideo:
    """H.264 in MP4 at the times of the original and its size, made even; does nothing without a path."""

    def __init__(self, path: Path | None, fps: float) -> None:
        self._container: Any = (
            av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) if path else None
        )
        self._fps = Fraction(fps).limit_denominator(1001)
        self._stream: Any = None
        self._first_pts_90k = 0

    def __enter__(self) -> "_AnnotatedVideo":
        return self

    def __exit__(self, *_: object) -> None:
        if self._container is None:
            return
        if self._stream is not None:
            self._container.mux(self._stream.encode(None))
        self._container.close()

    def add(self, result: Result) -> None:
        if self._container is None:
            return
        from pipeline.analysis.paint import paint

        frame = result.frame
        if self._stream is None:
            self._open(frame.width, frame.height, frame.pts_90k)
        image = frame.canvas()
        paint(image, [thing for thing in result.objects if thing.confirmed], result.marks)
        picture = av.VideoFrame.from_ndarray(image, format="bgr24")
        picture.pts, picture.time_base = frame.pts_90k - self._first_pts_90k, Fraction(1, 90_000)
        self._container.mux(self._stream.encode(picture))

    def _open(self, width: int, height: int, first_pts_90k: int) -> None:
        self._first_pts_90k = first_pts_90k
        self._stream = self._container.add_stream(
            "libx264", rate=self._fps, options={"preset": "veryfast", "crf": "23"}
        )
        self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, "yuv420p"
        self._stream.codec_context.time_base = Fraction(1, 90_000)
