"""What a user of ultralytics would write for several cameras: track, draw, next.

    python -m benchmarks.track yolov8n_openvino_model cameras.streams --imgsz 640

SOURCE is one address, or a .streams file with one in each line. Prints the count of drawn results after each batch.
"""

import os
from typing import Annotated

import typer


def main(
    model: str,
    source: str,
    imgsz: Annotated[str, typer.Option(help="One side, or height,width.")] = "640",
    vid_stride: int = 1,
) -> None:
    """Track what the cameras show, and draw it."""
    os.environ |= {"YOLO_AUTOINSTALL": "false", "YOLO_OFFLINE": "true"}
    from ultralytics import YOLO

    sides = [int(side) for side in imgsz.split(",")]
    results = YOLO(model, task="detect").track(
        source=source,
        stream=True,
        persist=True,
        verbose=False,
        tracker="bytetrack.yaml",
        imgsz=sides if len(sides) > 1 else sides[0],
        vid_stride=vid_stride,
    )
    for count, result in enumerate(results, 1):
        result.plot()
        print(count, flush=True)


if __name__ == "__main__":
    typer.run(main)
