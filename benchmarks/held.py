"""How many cameras ultralytics `track` holds: a bounded search."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks import contest
from benchmarks.theirs import Way, exported, track

_ENOUGH = 0.95
_WARM_UP_S = 5.0
_SECONDS = 15.0


def most_held(folder: Path, urls: Sequence[str], weights: Path, *, fps: float, vid_stride: int) -> tuple[int, float]:
    """The largest number of cameras that are all analysed at `fps` (less 5%), and the images a second they got.

    One process for all of them, with a model that takes any batch and any shape, so that 16:9 costs no more than it
    must.
    """
    model = exported(weights, folder, imgsz=(640, 640), batch=len(urls), dynamic=True)
    rates: dict[int, float] = {0: 0.0}

    def holds(count: int) -> bool:
        way = Way(one_process=True, vid_stride=vid_stride)
        running = partial(track, folder, urls[:count], model, imgsz="640", way=way)
        rates[count] = contest.measure(running, warm_up_s=_WARM_UP_S, seconds=_SECONDS).per_second
        return rates[count] >= _ENOUGH * fps * count

    count = contest.largest(holds, len(urls))
    return count, rates[count]
