"""Two programs on the same cameras, in turn: what counts is the median of the ratios of the rounds.

A machine's speed drifts, so each round measures both, one right after the other.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from statistics import median
from typing import Protocol

import psutil


class Running(Protocol):
    """A program at work."""

    def frames(self) -> float:
        """How many pictures it has finished so far."""
        ...

    def pids(self) -> Iterable[int]:
        """The processes that do it."""
        ...


Contestant = Callable[[], AbstractContextManager[Running]]
"""Starts a program; it is at work once entered."""


@dataclass(frozen=True, slots=True)
class Score:
    per_second: float
    """Pictures, all cameras together."""
    cpu_ms: float
    """Processor time for each of them, decoding included."""
    cores: float


def measure(contestant: Contestant, *, warm_up_s: float, seconds: float) -> Score:
    with contestant() as running:
        time.sleep(warm_up_s)
        return score(running, seconds)


def score(running: Running, seconds: float) -> Score:
    frames, cpu_s, began = running.frames(), cpu_seconds(running.pids()), time.monotonic()
    time.sleep(seconds)
    done, used_s = running.frames() - frames, cpu_seconds(running.pids()) - cpu_s
    took_s = time.monotonic() - began
    return Score(done / took_s, 1000 * used_s / done if done else float("inf"), used_s / took_s)


def rounds(
    contestants: Mapping[str, Contestant], count: int, *, warm_up_s: float, seconds: float
) -> list[dict[str, Score]]:
    """Each round has one score of each; every second one goes the other way round."""
    names = list(contestants)
    return [
        {
            name: measure(contestants[name], warm_up_s=warm_up_s, seconds=seconds)
            for name in (names if number % 2 == 0 else reversed(names))
        }
        for number in range(count)
    ]


def figures(played: list[dict[str, Score]], ours: str, theirs: str, bar: float) -> Iterator[tuple[str, float | str]]:
    """What a report says of the rounds."""
    for name in (ours, theirs):
        yield f"{name}, images a second", median(each[name].per_second for each in played)
        yield f"{name}, CPU-ms an image", median(each[name].cpu_ms for each in played)
        yield f"{name}, cores", median(each[name].cores for each in played)
    ratios = [each[ours].per_second / each[theirs].per_second for each in played]
    yield "ratio of each round", " ".join(f"{ratio:.2f}" for ratio in ratios)
    yield "median ratio", f"{median(ratios):.3f}"
    yield f"bar {bar:g}", "met" if median(ratios) >= bar else "missed"


def largest(holds: Callable[[int], bool], most: int) -> int:
    """The largest number of 0..`most` that `holds`: doubles while it does, then halves what is left."""
    held, fails = 0, most + 1
    while held + 1 < fails:
        tried = min(most, max(1, held * 2)) if fails > most else (held + fails) // 2
        if holds(tried):
            held = tried
        else:
            fails = tried
    return held


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of these processes so far."""
    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids)
