"""The limit: our backend alone in a tight loop, always as many pictures in work as it likes.

    python -m benchmarks.bare yolov8n.pt clip.mp4 --imgsz 640 [--features]

The pictures were decoded and scaled before; suppression is part of the loop, and with `--features` how
things look. Prints the count after each picture.
"""

from collections import deque
from itertools import cycle, islice
from pathlib import Path

import av
import typer

from pipeline.core.frame import Frame
from pipeline.models.backends.choice import choose
from pipeline.models.look import Look
from pipeline.models.metadata import Metadata
from pipeline.models.network import Answering
from pipeline.models.suppression import Suppression
from pipeline.models.weights import resolve
from pipeline.models.yolo import Yolo, placed
from pipeline.models.yolo_head import YoloHead

_PICTURES = 25
_MIN_SCORE = 0.25
_WAIT_S = 0.05


def main(weights: str, clip: Path, imgsz: int = 640, features: bool = False, float32: bool = False) -> None:
    """Run the network without end."""
    options, path = Yolo.Options(weights=weights, imgsz=imgsz, half=False if float32 else None), resolve(weights)
    network, metadata = choose(options, path, features=features), Metadata.of(path)
    network.load()
    looks = cycle(_looks(network.fixed_hw, metadata, clip, imgsz))
    network.prepare(next(looks).letterbox.input_hw)
    head = YoloHead(metadata, Suppression(options.iou, options.max_det), has_features=features)
    backend = Answering(network, head)
    running = deque(backend.start([next(looks)]) for _ in range(backend.in_flight))
    count = 0
    while True:
        started = running.popleft()
        while not backend.finished(started, _WAIT_S):
            pass
        backend.results(started)
        running.append(backend.start([next(looks)]))
        count += 1
        print(count, flush=True)


def _looks(fixed_hw: tuple[int, int] | None, metadata: Metadata, clip: Path, imgsz: int) -> list[Look]:
    with av.open(str(clip)) as container:
        frames = [
            Frame(picture, camera="clip", seq=seq, pts_90k=0, captured_at=0.0)
            for seq, picture in enumerate(islice(container.decode(video=0), _PICTURES))
        ]
    (shape,) = {frame.resolution_wh for frame in frames}
    letterbox = placed(shape, metadata, imgsz, fixed_hw)
    return [Look(frame.rgb(*letterbox.content_wh), letterbox, _MIN_SCORE) for frame in frames]


if __name__ == "__main__":
    typer.run(main)
