"""Decoders' planes into a network's input, many at once: what launching costs is shared by the whole batch."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from pipeline.models.letterbox import GREY, Letterbox
from pipeline.models.look import Look
from pipeline.models.planes import Layout, Planes


def lay(pictures: Any, looks: Sequence[Look]) -> Any:
    """Writes those of `looks` that are planes into `pictures` (batch, 3, height, width), and greys what surrounds."""
    alike: dict[tuple[Layout, Letterbox], list[int]] = defaultdict(list)
    for place, look in enumerate(looks):
        if isinstance(look.content, Planes):
            alike[look.content.layout, look.letterbox].append(place)
    for (layout, letterbox), places in alike.items():
        (left, top), (width, height) = letterbox.offset_xy, letterbox.content_wh
        rgb = layout.rgb(_uploaded([looks[place].content for place in places], pictures.device), (width, height))
        rows, columns = slice(top, top + height), slice(left, left + width)
        if len(places) == len(looks):
            pictures.fill_(GREY)[:, :, rows, columns] = rgb
        else:
            pictures[places] = GREY
            pictures[places, :, rows, columns] = rgb
    return pictures


def _uploaded(planes: Sequence[Any], device: Any) -> Any:
    """(N, bytes)."""
    import torch

    packed = [torch.from_numpy(each.packed) for each in planes]
    there = torch.empty((len(packed), len(packed[0])), dtype=torch.uint8, device=device)
    for place, one in zip(there, packed, strict=True):
        place.copy_(one, non_blocking=True)
    return there
