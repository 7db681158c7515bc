"""What a model says beyond boxes reaches a stage of one's own: masks, keypoints, attributes, the tracker's numbers."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from pipeline.core.camera import Camera
from pipeline.core.clock import ManualClock
from pipeline.core.context import Context
from pipeline.core.contracts import Classifier, Detector, StageSetup
from pipeline.core.detections import Detections
from pipeline.core.frame import Frame
from pipeline.stages.classify import Classify
from pipeline.stages.detect import Detect
from pipeline.stages.track import Track
from tests.stages.scene import LABELS, START, no_plugins

WIDTH, HEIGHT = 320, 180
CAMERA = Camera.model_validate({"name": "yard", "objects": {"track": ["person"]}})


class Poses:
    """Sees a car, then a person with two keypoints, a mask and a plate; also its own pool, and no great classifier."""

    labels: Mapping[int, str] = LABELS

    def detector(self, name: str) -> Detector:
        return self

    def classifier(self, name: str) -> Classifier:
        return self

    async def classify(self, crop: Frame) -> tuple[float, ...]:
        return 0.9, 0.05, 0.05

    async def detect(self, frame: Frame, *, min_score: float) -> Detections:
        masks = np.zeros((2, HEIGHT, WIDTH), np.bool_)
        masks[1, 40:120, 60:100] = True
        return Detections(
            np.array([[200, 50, 300, 100], [60, 40, 100, 120]], np.float32),
            np.array([0.9, 0.9], np.float32),
            np.array([2, 0], np.int32),
            LABELS,
            masks=masks,
            keypoints=np.array([[[0, 0, 0], [0, 0, 0]], [[80, 50, 0.9], [80, 90, 0.8]]], np.float32),
            attributes={"plate": np.array(["B-FW 1", "none"]), "height_m": np.array([1.5, 1.8])},
        )


async def test_all_of_it_comes_through() -> None:
    setup = StageSetup(CAMERA, Poses(), ManualClock(), no_plugins, name="kind", realtime=False)
    classify = Classify(Classify.Options.model_validate({"model": "any"}), setup)
    detect, track = Detect(Detect.Options(), setup), Track(Track.Options(), setup)
    for number in range(4):
        image: Any = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        frame = Frame.from_bgr(image, camera="yard", seq=number, captured_at=START + number / 5)
        ctx = Context(frame, CAMERA, lambda _event: None)
        await detect.process(ctx)
        track.process(ctx)
        await classify.process(ctx)
    found = ctx.detections
    assert found is not None and len(found) == 1
    assert found.masks is not None and found.masks.shape == (1, HEIGHT, WIDTH)
    assert found.masks[0, 80, 80] and found.masks.sum() == 80 * 40
    assert found.keypoints is not None and np.allclose(found.keypoints[0, :, 2], [0.9, 0.8])
    assert {name: values.tolist() for name, values in found.attributes.items()} == {
        "plate": ["none"],
        "height_m": [1.8],
    }
    assert found.track_id is not None and found.track_id[0] >= 0
    assert [(thing.label, thing.attributes) for thing in ctx.objects] == [
        ("person", {"kind": "person", "kind_score": 0.9})
    ]
