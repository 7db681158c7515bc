"""How detectors of others lay out what they take and what they found."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import ModelError
from pipeline.models import coco
from pipeline.models.found import Found
from pipeline.models.letterbox import Letterbox
from pipeline.models.look import Look
from pipeline.models.pixels import AS_IMAGENET, AS_THEY_ARE_BLUE_FIRST, AS_ULTRALYTICS, Pixels
from pipeline.models.signature import Signature
from pipeline.models.suppression import Rows, Suppression, corners

Name = Literal["yolox", "rfdetr", "dfine"]
Floats = NDArray[np.float32]


class Decode(Protocol):
    def __call__(self, outputs: Mapping[str, Floats], look: Look, labels: Sequence[int]) -> Rows:
        """Candidates of one picture, each with its best class of `labels`: boxes as corners in the input."""
        ...


@dataclass(frozen=True, slots=True)
class Layout:
    """`placed` is how a frame lies in the input, `suppressed` whether boxes of one object are left to us."""

    name: Name
    pixels: Pixels
    placed: Callable[[tuple[int, int], tuple[int, int]], Letterbox]
    decode: Decode
    suppressed: bool
    labels: Callable[[Signature], Mapping[int, str]]


class LayoutHead:
    """What the outputs of a layout mean."""

    def __init__(
        self, layout: Layout, names: Sequence[str], labels: Mapping[int, str], suppression: Suppression
    ) -> None:
        self._layout = layout
        self._names = names
        self._labels = sorted(labels)
        self._suppression = suppression

    def answers(self, outputs: Sequence[Any], looks: Sequence[Look]) -> list[Found]:
        return [
            Found(self._rows({name: output[number] for name, output in zip(self._names, outputs, strict=True)}, look))
            for number, look in enumerate(looks)
        ]

    def _rows(self, outputs: Mapping[str, Floats], look: Look) -> Rows:
        rows = self._layout.decode(outputs, look, self._labels)
        if self._layout.suppressed:
            return rows[self._suppression.kept(rows)]
        return rows[np.argsort(-rows[:, 4], kind="stable")][: self._suppression.max_det]


def recognised(signature: Signature) -> Layout:
    """The layout that a model's outputs show; raises ModelError."""
    names, shapes = set(signature.outputs), list(signature.outputs.values())
    if {"labels", "boxes", "scores"} <= names and "orig_target_sizes" in signature.inputs:
        return LAYOUTS["dfine"]
    if any(pair <= names for pair in _PAIRS):
        return LAYOUTS["rfdetr"]
    if len(shapes) == 1 and len(shapes[0]) == 3 and _is_yolox(signature, *shapes[0][1:]):
        return LAYOUTS["yolox"]
    raise ModelError(
        f"its outputs are {signature}: none of the layouts {', '.join(LAYOUTS)} (type: yolo takes ultralytics')"
    )


def _is_yolox(signature: Signature, anchors: int | None, numbers: int | None) -> bool:
    height, width = next(iter(signature.inputs.values()))[2:]
    if anchors is None or numbers is None or height is None or width is None:
        return next(iter(signature.outputs)) == "output" and numbers is not None and numbers > 5
    return numbers > 5 and anchors in {len(_grid((height, width), strides)) for strides in _STRIDES}


_STRIDES = ((8, 16, 32), (8, 16, 32, 64))
_PAIRS = ({"dets", "labels"}, {"pred_boxes", "pred_logits"}, {"pred_boxes", "logits"})


@cache
def _grid(input_hw: tuple[int, int], strides: tuple[int, ...]) -> Floats:
    """(anchors, 3): x, y of the cell, and its stride."""
    cells = [np.mgrid[: input_hw[0] // stride, : input_hw[1] // stride][::-1].reshape(2, -1) for stride in strides]
    sizes = [np.full((1, each.shape[1]), stride) for each, stride in zip(cells, strides, strict=True)]
    return np.concatenate([np.concatenate(pair) for pair in zip(cells, sizes, strict=True)], axis=1).T.astype(
        np.float32
    )


def _yolox(outputs: Mapping[str, Floats], look: Look, labels: Sequence[int]) -> Rows:
    """(anchors, 5 + classes): offsets and logarithms of sizes in cells, objectness, classes.

    As `demo_postprocess` of YOLOX (yolox/utils/demo_utils.py): (xy + cell) * stride, exp(wh) * stride, and the score
    is objectness times class.
    """
    (raw,) = outputs.values()
    grids = {len(grid): grid for grid in (_grid(look.letterbox.input_hw, strides) for strides in _STRIDES)}
    if len(raw) not in grids:
        raise ModelError(f"{len(raw)} anchors, wanted {' or '.join(map(str, grids))} for this size of input")
    decoded = _is_decoded(raw, grids[len(raw)])
    likely = np.flatnonzero(raw[:, 4] > look.min_score)
    some, grid = raw[likely], grids[len(raw)][likely]
    if decoded:
        xywh = some[:, :4]
    else:
        xywh = np.concatenate((some[:, :2] + grid[:, :2], np.exp(some[:, 2:4])), axis=1) * grid[:, 2:]
    return _best(corners(xywh), some[:, 4:5] * some[:, 5:], look.min_score, labels)


def _is_decoded(raw: Floats, grid: Floats) -> bool:
    """Whether the graph has made pixels of the cells (`--decode_in_inference` of YOLOX's exporter).

    The two look alike but for their values: read the right way, boxes lie near the cells that found them.
    """
    middle, stride = grid[:, :2] + 0.5, grid[:, 2:]
    return bool(np.abs(raw[:, :2] / stride - middle).mean() < np.abs(raw[:, :2] - 0.5).mean())


def _rfdetr(outputs: Mapping[str, Floats], look: Look, labels: Sequence[int]) -> Rows:
    """(queries, 4) centres and sizes relative to the input, (queries, classes) logits, told apart by their names.

    The score is the logit's sigmoid, and a query counts once for each label that it is likely enough to be: the best
    are taken of all pairs (rfdetr, `PostProcess`). A last column that no label has is the background.
    """
    named = {"boxes" if name in ("dets", "pred_boxes") else "logits": values for name, values in outputs.items()}
    scores = np.asarray(1 / (1 + np.exp(-named["logits"])), np.float32)
    height, width = look.letterbox.input_hw
    boxes = corners(named["boxes"]) * np.array([width, height, width, height], np.float32)
    columns = np.array([label for label in labels if label < scores.shape[1]], int)
    query, column = np.nonzero(scores[:, columns] > look.min_score)
    label = columns[column]
    return np.column_stack((boxes[query], scores[query, label], label)).astype(np.float32)


def _dfine(outputs: Mapping[str, Floats], look: Look, labels: Sequence[int]) -> Rows:
    """Boxes as corners in pixels of the size that the model was told, labels and scores: decoded in the graph.

    As `tools/deployment/export_onnx.py` of D-FINE (and DEIM, RT-DETRv2) exports it.
    """
    rows = np.column_stack((outputs["boxes"], outputs["scores"], outputs["labels"])).astype(np.float32)
    return rows[(rows[:, 4] > look.min_score) & np.isin(rows[:, 5], labels)]


def _best(boxes: Rows, scores: Floats, min_score: float, labels: Sequence[int]) -> Rows:
    columns = [label for label in labels if label < scores.shape[1]]
    known = scores[:, columns]
    best = known.argmax(axis=1) if columns else np.zeros(len(boxes), int)
    score = known[np.arange(len(boxes)), best] if columns else np.zeros(len(boxes), np.float32)
    rows = np.column_stack((boxes, score, np.array([*columns, 0])[best])).astype(np.float32)
    return rows[score > min_score]


def _by_count(signature: Signature, classes: int | None) -> Mapping[int, str]:
    """COCO's where there are as many, else the numbers themselves."""
    if classes == len(coco.DENSE):
        return coco.DENSE
    if classes == 91:
        return coco.SPARSE
    if classes is None:
        raise ModelError(f"its outputs {signature} do not say how many labels there are; wanted `labels`")
    return {number: str(number) for number in range(classes)}


def _of_yolox(signature: Signature) -> Mapping[int, str]:
    (shape,) = signature.outputs.values()
    return _by_count(signature, None if shape[2] is None else shape[2] - 5)


def _of_rfdetr(signature: Signature) -> Mapping[int, str]:
    (logits,) = (shape for name, shape in signature.outputs.items() if name not in ("dets", "pred_boxes", "masks"))
    return _by_count(signature, logits[2])


def _of_dfine(signature: Signature) -> Mapping[int, str]:
    return coco.DENSE


LAYOUTS: Mapping[Name, Layout] = {
    layout.name: layout
    for layout in (
        Layout("yolox", AS_THEY_ARE_BLUE_FIRST, Letterbox.corner, _yolox, True, _of_yolox),
        Layout("rfdetr", AS_IMAGENET, Letterbox.stretched, _rfdetr, False, _of_rfdetr),
        Layout("dfine", AS_ULTRALYTICS, Letterbox.stretched, _dfine, False, _of_dfine),
    )
}
