"""Decoders' planes into a network's input, many at once: what launching costs is shared by the whole batch."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from pipeline.models.letterbox import GREY, Letterbox
from pipeline.models.look import Look
from pipeline.models.planes import Layout, Planes


def lay(pictures: Any, looks: Sequence[Look]) -> Any:
    """Writes those of `looks` that are planes into `pictures` (batch, 3, height, width), and greys what surrounds."""
    alike: dict[tuple[Layout, Letterbox], dict[int, Planes]] = defaultdict(dict)
    for place, look in enumerate(looks):
        if isinstance(look.content, Planes):
            alike[look.content.layout, look.letterbox][place] = look.content
    for (layout, letterbox), planes in alike.items():
        (left, top), (width, height) = letterbox.offset_xy, letterbox.content_wh
        rgb = layout.rgb(_uploaded(list(planes.values()), pictures.device), (width, height))
        rows, columns = slice(top, top + height), slice(left, left + width)
        if len(planes) == len(looks):
            pictures.fill_(GREY)[:, :, rows, columns] = rgb
        else:
            pictures[list(planes)] = GREY
            pictures[list(planes), :, rows, columns] = rgb
    return pictures


def _uploaded(planes: Sequence[Planes], device: Any) -> Any:
    """(N, bytes), all of one layout."""
    import torch

    there = torch.empty((len(planes), planes[0].layout.size), dtype=torch.uint8, device=device)
    for room, each in zip(there, planes, strict=True):
        each.put_onto(room)
    return there
