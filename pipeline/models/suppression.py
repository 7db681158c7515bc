"""Non-maximum suppression of a detection head's output, on the CPU and for a whole batch on CUDA."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
"""(N, 6 + more): x1, y1, x2, y2 in pixels of the network's input, confidence, class, what else the head gives."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """Of two boxes of one class that overlap more than `iou` the weaker goes; at most `max_det` stay, best first."""

    iou: float
    max_det: int

    def rows(self, raw: NDArray[np.floating[Any]], min_score: float, classes: int) -> Rows:
        """One picture's (4 + classes + more, anchors), boxes as centre and size.

        What is too weak goes before anything else is looked at: that makes it an eighth of what it costs in torch.
        """
        scores = raw[4 : 4 + classes].max(axis=0)
        chosen = np.flatnonzero(scores > min_score)
        candidates = np.asarray(raw[:, chosen].T, np.float32)
        rows = np.empty((len(chosen), candidates.shape[1] - classes + 2), np.float32)
        corners(candidates[:, :4], out=rows[:, :4])
        rows[:, 4] = scores[chosen]
        rows[:, 5] = candidates[:, 4 : 4 + classes].argmax(axis=1)
        rows[:, 6:] = candidates[:, 4 + classes :]
        return rows[self.kept(rows)]

    def kept(self, rows: Rows) -> NDArray[np.intp]:
        """Which rows stay, best first."""
        import cv2

        sizes = rows[:, 2:4] - rows[:, :2]
        boxes: Any = np.concatenate((rows[:, :2], sizes), axis=1).astype(np.float64)
        scores: Any = rows[:, 4]
        labels: Any = rows[:, 5].astype(np.int32)
        kept = cv2.dnn.NMSBoxesBatched(boxes, scores, labels, 0.0, self.iou)
        return np.asarray(kept, np.intp).reshape(-1)[: self.max_det]

    def rows_of_batch(self, raw: Any, min_scores: list[float], classes: int) -> list[Rows]:
        """The same for a tensor (pictures, 4 + classes + more, anchors): all pictures at once, on its own device."""
        import torch
        from torchvision.ops import batched_nms

        scores, best = raw[:, 4 : 4 + classes].float().max(dim=1)
        floors = torch.tensor(min_scores, device=raw.device)[:, None]
        picture, anchor = (scores > floors).nonzero(as_tuple=True)
        candidates = raw[picture, :, anchor].float()
        centre, half = candidates[:, :2], candidates[:, 2:4] / 2
        boxes = torch.cat((centre - half, centre + half), dim=1)
        confidence, label = scores[picture, anchor], best[picture, anchor]
        kept = batched_nms(boxes, confidence, picture * classes + label, self.iou)
        more = candidates[:, 4 + classes :]
        table = (
            torch.cat((boxes, confidence[:, None], label[:, None], more, picture[:, None]), dim=1)[kept].cpu().numpy()
        )
        return [table[table[:, -1] == number, :-1][: self.max_det] for number in range(len(min_scores))]


def corners(xywh: NDArray[np.floating[Any]], out: Rows | None = None) -> Rows:
    """(N, 4) boxes of centre and size as x1, y1, x2, y2."""
    boxes = np.empty(xywh.shape, np.float32) if out is None else out
    half = xywh[:, 2:] / 2
    boxes[:, :2], boxes[:, 2:] = xywh[:, :2] - half, xywh[:, :2] + half
    return boxes
