"""A clip with an object's box in its pictures: decoded, drawn and encoded again, in a process of its own.

`python -m pipeline.recording.burn` reads a Task as JSON from its standard input.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import msgspec
import numpy as np

from pipeline.core.attributes import AttributeValue
from pipeline.core.errors import UnavailableError
from pipeline.core.event_path import PathPoint, box_at
from pipeline.core.own_process import environment

NICE = 10
WITHIN_S = 900.0
_OPTIONS = {"preset": "veryfast", "crf": "23"}


class Task(msgspec.Struct, kw_only=True):
    """`source` shows what was from `started_at` to `ended_at` (UTC seconds); the object was there until `until`."""

    source: str
    target: str
    started_at: float
    ended_at: float
    label: str
    score: float
    attributes: Mapping[str, AttributeValue]
    path: list[PathPoint]
    until: float | None


async def burned(task: Task) -> None:
    """`task.target` is there when this returns, else not; raises UnavailableError."""
    target = Path(task.target)
    unfinished = target.with_name(f".{target.name}.part")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", __name__),
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(),
    )
    try:
        said = msgspec.json.encode(msgspec.structs.replace(task, target=str(unfinished)))
        _, errors = await asyncio.wait_for(process.communicate(said), WITHIN_S)
        if process.returncode != 0:
            why = errors.decode(errors="replace").strip().rpartition("\n")[2]
            raise UnavailableError(f"the boxes cannot be drawn: {why or f'status {process.returncode}'}")
        unfinished.replace(target)
    except TimeoutError:
        raise UnavailableError(f"the boxes were not drawn within {WITHIN_S:.0f} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        unfinished.unlink(missing_ok=True)


def draw(task: Task) -> None:
    """Raises OSError or FFmpegError."""
    with (
        av.open(task.source) as source,
        av.open(task.target, "w", format="mp4", options={"movflags": "faststart"}) as output,
    ):
        shown = source.streams.video[0]
        rate = shown.average_rate or Fraction(25)
        made = output.add_stream("libx264", rate=rate, options=_OPTIONS)
        made.codec_context.gop_size = max(1, round(rate))  # a key frame each second, to seek to
        made.width, made.height, made.pix_fmt = shown.width, shown.height, "yuv420p"
        assert shown.time_base is not None, "an MP4 says in what its times are counted"
        made.codec_context.time_base = made.time_base = shown.time_base
        drawing = _Drawing(task, _pace(task, shown))
        heard = next(iter(source.streams.audio), None)
        copied = output.add_stream_from_template(heard) if heard else None
        for packet in source.demux(*(stream for stream in (shown, heard) if stream)):
            if packet.stream_index == shown.index:
                for frame in packet.decode():
                    output.mux(made.encode(drawing.on(cast(av.VideoFrame, frame))))
            elif packet.size and copied:
                packet.stream = copied
                output.mux(packet)
        output.mux(made.encode(None))


class _Drawing:
    def __init__(self, task: Task, pace: float) -> None:
        self._task = task
        self._pace = pace

    def on(self, frame: av.VideoFrame) -> av.VideoFrame:
        from pipeline.analysis.paint import Picture, paint  # OpenCV is for this process alone
        from pipeline.core.objects import TrackedObject

        task = self._task
        image: Picture = frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False)
        at = task.started_at + self._pace * (frame.time or 0.0)
        box = box_at(task.path, at) if task.until is None or at <= task.until else None
        if box is not None:
            thing = TrackedObject(*("", task.label, task.score, box, task.started_at), attributes=dict(task.attributes))
            paint(image, [thing], [])
        drawn = av.VideoFrame.from_ndarray(image, format="bgr24")
        drawn.pts, drawn.time_base = frame.pts, frame.time_base
        return drawn


def _pace(task: Task, shown: "av.VideoStream") -> float:
    """Seconds of the camera's time in a second of the clip: its clock was followed meanwhile."""
    length_s = float(shown.duration * shown.time_base) if shown.duration and shown.time_base else 0.0
    return (task.ended_at - task.started_at) / length_s if length_s else 1.0


if __name__ == "__main__":
    os.nice(NICE)
    draw(msgspec.json.decode(sys.stdin.buffer.read(), type=Task))
