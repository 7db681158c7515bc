"""Masks out of a segmentation head's prototypes."""

import numpy as np
from numpy.typing import NDArray

from pipeline.models.letterbox import Letterbox


def masks(
    coefficients: NDArray[np.float32], xyxy: NDArray[np.float32], prototypes: NDArray[np.float32], letterbox: Letterbox
) -> NDArray[np.bool_]:
    """(N, height, width) at the prototypes' resolution, a quarter of the input's, without what the letterbox added.

    A pixel belongs to an object where its coefficients (N, P) weigh the prototypes (P, …) to more than 0, inside its
    box, which is all that is calculated (ultralytics' `process_mask` calculates the whole and crops).
    """
    _, height, width = prototypes.shape
    scale = np.array([width / letterbox.input_hw[1], height / letterbox.input_hw[0]] * 2, np.float32)
    boxes = np.clip(np.ceil(xyxy * scale), 0, [width, height, width, height]).astype(int)
    whole = np.zeros((len(xyxy), height, width), np.bool_)
    for mask, weights, (x1, y1, x2, y2) in zip(whole, coefficients, boxes, strict=True):
        mask[y1:y2, x1:x2] = np.tensordot(weights, prototypes[:, y1:y2, x1:x2], axes=1) > 0
    (left, top), (content_width, content_height) = letterbox.offset_xy, letterbox.content_wh
    edges = np.array([left, top, left + content_width, top + content_height]) * scale
    x1, y1, x2, y2 = np.rint(edges).astype(int)
    return whole[:, y1 : max(y2, y1 + 1), x1 : max(x2, x1 + 1)]
