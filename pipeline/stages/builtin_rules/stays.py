"""Who stays in which zone, and since when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from pipeline.core.objects import TrackedObject


@dataclass(slots=True)
class Stay:
    """One object in one zone, from entering to leaving."""

    zone: str
    about: TrackedObject
    since: float
    seen_at: float
    """When it was last there and not lost."""
    told: bool = False


class Stays:
    """Follows the `zones` of objects; an object that is missing has left all of its."""

    def __init__(self) -> None:
        self._stays: dict[tuple[str, str], Stay] = {}

    def update(self, objects: Sequence[TrackedObject], now: float) -> tuple[list[Stay], list[Stay]]:
        """The stays that begin and those that end."""
        present = {(thing.root, zone): thing for thing in objects for zone in thing.zones}
        here = {thing.root: thing for thing in objects}
        ended = [stay for key, stay in self._stays.items() if key not in present]
        for stay in ended:
            stay.about = here.get(stay.about.root) or replace(stay.about, zones=[])
        begun = [key for key in present if key not in self._stays]
        self._stays = {key: self._stays.get(key) or Stay(key[1], thing, now, now) for key, thing in present.items()}
        for key, thing in present.items():
            stay = self._stays[key]
            stay.about, stay.seen_at = thing, stay.seen_at if thing.lost else now
        return [self._stays[key] for key in begun], ended

    def __iter__(self) -> Iterator[Stay]:
        return iter(self._stays.values())
