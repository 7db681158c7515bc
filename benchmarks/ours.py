"""Framewatch as a contestant: cameras with zones, lines, rules, snapshots and store."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.system.framewatch import Framewatch

DRAW = Path(__file__).with_name("draw.py")
PIPELINE = ("detect", "track", "rules", "annotate")
"""Without the motion stage: every frame goes through the network, as with ultralytics."""
LABELS = ("person", "bicycle", "car", "motorcycle", "bus", "truck")
_CAMERA = """\
  camera{index}:
    inputs: [{{path: "{url}"{options}}}]
    zones:
      left: {{coordinates: "0,0,0.5,0,0.5,1,0,1", inertia: 1, loitering_time: 10}}
      middle: {{coordinates: "0.25,0,0.75,0,0.75,1,0.25,1", inertia: 1}}
    lines:
      centre: {{from: [0.5, 0], to: [0.5, 1]}}
"""


class Ours:
    """A running Framewatch; `frames` counts results that arrived at the media plane."""

    def __init__(self, system: Framewatch) -> None:
        self.system = system

    def frames(self, **labels: str) -> float:
        return self.system.metric("framewatch_result_latency_seconds_count", **labels)

    def pids(self) -> Sequence[int]:
        return [self.system.process.pid, *self.system.children()]


def configuration(
    urls: Sequence[str],
    weights: str | Path,
    *,
    imgsz: int,
    fps: float,
    draw: bool,
    precision: str = "auto",
    float32: bool = False,
    options: str = "",
) -> str:
    """`draw` has every analysed frame painted at full size; `options` are more keys of each input."""
    stages = [*PIPELINE, "draw"] if draw else PIPELINE
    return "".join(
        (
            f"models: {{general: {{type: yolo, weights: {weights}, imgsz: {imgsz}, precision: {precision}, "
            f"half: {'false' if float32 else 'null'}}}}}\n",
            f"pipeline: [{', '.join(stages)}]\n",
            f'stages: {{draw: {{type: "{DRAW}:Draw"}}}}\n' if draw else "",
            f"detect: {{fps: {fps:g}}}\nobjects: {{track: [{', '.join(LABELS)}]}}\ncameras:\n",
            *(_CAMERA.format(index=index, url=url, options=options) for index, url in enumerate(urls)),
        )
    )


@contextmanager
def framewatch(folder: Path, config: str, cameras: int) -> Iterator[Ours]:
    """At work on all cameras once entered; the store of an earlier run goes on."""
    (folder / "framewatch.yaml").write_text(config)
    with Framewatch("run", "framewatch.yaml", folder=folder) as system:
        for index in range(cameras):
            system.until_analysing(f"camera{index}", timeout_s=180)
        yield Ours(system)
