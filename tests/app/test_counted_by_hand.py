"""Lines on real clips: the whole pipeline counts what somebody has counted who looked at the pictures.

The clips were looked at twice a second (the concourse) and two and a half times a second (the road) with the line drawn
in; the times are those of the pictures between which feet or wheels crossed it, in seconds, up to `until_s`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import framewatch

pytestmark = pytest.mark.timeout(240)


@dataclass(frozen=True)
class Counted:
    clip: str
    line: dict[str, Any]
    label: str
    left: tuple[float, ...]
    """When somebody came out on the left: up, of a line from left to right."""
    right: tuple[float, ...]
    until_s: float
    fps: float
    imgsz: int


CONCOURSE = Counted(
    "concourse.mp4",
    {"from": [0.2, 0.72], "to": [0.7, 0.72]},
    "person",
    left=(
        0.55,  # a waistcoat over a checked shirt, with a white bag
        2.8,  # white hair, a bag over the shoulder
        4.85,  # a boy with a rucksack
        5.5,  # a dark suit
        6.4,  # a dark suit and a briefcase
        11.0,  # a white shirt, a strap across the back
    ),
    right=(
        5.65,  # a wide dark jacket
        7.05,  # a white shirt
        7.8,  # long dark hair
        8.7,  # a large black bag before the belly
        9.95,  # a dark shirt
    ),
    until_s=12.4,  # then two cross as the clip ends
    fps=5,
    imgsz=640,
)
ROAD = Counted(
    "traffic.mp4",
    {"from": [0.2, 0.45], "to": [0.85, 0.45]},
    "car",
    left=(),
    right=(
        1.65,  # dark blue
        1.7,  # silver, the lane on the right
        2.95,  # black
        4.05,  # red, the lane on the right
        4.1,  # dark grey
        7.6,  # green
        7.85,  # black, the lane on the right
        8.1,  # dark red, the lane in the middle
        9.0,  # black, the lane on the left
        9.85,  # white
        10.15,  # dark grey, far left
    ),
    until_s=11.16,
    fps=12.5,
    imgsz=416,
)


@pytest.fixture
def clip(counted: Counted, shared: Path) -> Path:
    """Asked for before the weights: those may have to be fetched."""
    path = shared / "clips" / counted.clip
    if not path.is_file():
        pytest.skip(f"the clip {counted.clip} is not on this machine")
    return path


@pytest.mark.parametrize("counted", [CONCOURSE, ROAD], ids=lambda counted: counted.clip)
def test_the_pipeline_counts_as_a_person_does(
    counted: Counted, clip: Path, yolov8n: Path, cache: Path, tmp_path: Path
) -> None:
    crossed = _crossings(counted, clip, yolov8n, tmp_path)

    for side, by_hand in (("left", counted.left), ("right", counted.right)):
        found = [at for at, event in crossed if event.direction == side]
        assert found == pytest.approx(sorted(by_hand), abs=0.5), side
    _, last = crossed[-1]
    assert last.data["counts"] == {counted.label: {"in": len(counted.right), "out": len(counted.left)}}


def _crossings(counted: Counted, clip: Path, weights: Path, folder: Path) -> list[tuple[float, framewatch.Event]]:
    """When, from the clip's beginning, and what was told."""
    (folder / "clip.yaml").write_text(
        f"""
models: {{general: {{type: yolo, weights: "{weights}", imgsz: {counted.imgsz}}}}}
detect: {{fps: {counted.fps}}}
objects: {{track: [{counted.label}], filters: {{{counted.label}: {{min_score: 0.4, threshold: 0.5}}}}}}
cameras:
  clip:
    inputs: [{{path: "{clip}", pace: max}}]
    lines: {{line: {{from: {counted.line["from"]}, to: {counted.line["to"]}}}}}
"""
    )
    began, told = float("inf"), []
    for result in framewatch.stream(config=folder / "clip.yaml"):
        began = min(began, result.frame.captured_at)
        told += [event for event in result.events if event.type == "line_cross"]
    return sorted(
        ((event.started_at - began, event) for event in told if event.started_at - began <= counted.until_s),
        key=lambda one: one[0],
    )
