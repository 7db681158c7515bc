import numpy as np
import pytest

from pipeline.models.letterbox import Letterbox
from pipeline.models.masks import masks
from pipeline.models.ultra import ultralytics


def test_they_are_those_of_ultralytics() -> None:
    ultralytics()
    torch = pytest.importorskip("torch")
    from ultralytics.utils.ops import process_mask

    random = np.random.default_rng(0)
    prototypes = random.normal(size=(8, 24, 40)).astype(np.float32)
    coefficients = random.normal(size=(6, 8)).astype(np.float32)
    low = random.uniform((0, 0), (120, 60), (6, 2))
    xyxy = np.concatenate((low, low + random.uniform(5, 90, (6, 2))), axis=1).astype(np.float32)
    theirs = process_mask(*map(torch.from_numpy, (prototypes, coefficients, xyxy)), (96, 160)).numpy()
    ours = masks(coefficients, xyxy, prototypes, Letterbox.fixed((1600, 960), (96, 160)))
    assert ours.any(axis=(1, 2)).all()
    np.testing.assert_array_equal(ours, theirs.astype(bool))


def test_they_cover_the_frame_without_what_was_added_to_it() -> None:
    letterbox = Letterbox.rectangular((1280, 720), 640)
    prototypes = np.ones((1, 96, 160), np.float32)
    found = masks(np.ones((1, 1), np.float32), np.array([[0, 0, 640, 192]], np.float32), prototypes, letterbox)
    assert found.shape == (1, 90, 160)
    assert found[0, :45].all() and not found[0, 45:].any()
