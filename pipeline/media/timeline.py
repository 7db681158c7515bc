"""Time stamps that go on, whatever a stream's own do."""

from typing import NamedTuple

WRAP_90K = 2**33
"""MPEG-TS counts so far and begins again; a jump by just that is none."""
LONGEST_GAP_S = 3.0
"""A stream may leave out pictures; further ahead of the time that went by, its clock was set."""
LONGEST_SLIP_S = 0.01
"""Some cameras repeat a time stamp or go back by a few ticks; further back, the stream began again."""

FURTHEST_BESIDE_S = 3.0
"""Sound is read a little before or after the pictures of its time; further away it is of another time."""


class Place(NamedTuple):
    pts_90k: int
    dts_90k: int
    resumed: bool
    """True where the stream's own clock began anew; the first packet is one of those."""


class Timeline:
    """Gives the packets of a stream, opened again and again, pts and dts that never go back nor stand still.

    Steps between packets are the stream's own. Where it begins anew (opened again, looped, its clock set) it goes
    on after as much time as went by since the packet before, or one step where that is longer. Starts at 0.
    """

    def __init__(self) -> None:
        self._own_dts: int | None = None
        """The last dts as the stream had it; None before its first packet."""
        self._own_step = 1
        self._exact_dts = 0
        """Where the stream's own steps lead; `_dts` is beyond it while the stream repeats itself."""
        self._dts = -1
        self._newest_pts = -1
        self._arrived: float | None = None
        self._realtime = True

    def begin(self, *, realtime: bool = True) -> None:
        """A stream opens. Where it is not realtime the time that goes by says nothing, and gaps are believed."""
        self._own_dts = None
        self._realtime = realtime

    def place(self, pts_90k: int, dts_90k: int, arrived: float) -> Place:
        """`arrived` is monotonic seconds."""
        reorder = self._reorder(pts_90k, dts_90k)
        elapsed_s = 0.0 if self._arrived is None else arrived - self._arrived
        step = None if self._own_dts is None else _difference(dts_90k, self._own_dts)
        resumed = step is None or self._is_jump(step, elapsed_s)
        if step is None or resumed:
            away = max(round(elapsed_s * 90_000) if self._realtime else 0, self._own_step)
            self._exact_dts = max(self._dts + away, self._newest_pts + 1 - reorder)
        else:
            self._own_step = max(step, 1)
            self._exact_dts += step
        self._own_dts = dts_90k
        self._arrived = arrived
        self._dts = max(self._exact_dts, self._dts + 1)
        self._newest_pts = max(self._newest_pts, self._dts + reorder)
        return Place(self._dts + reorder, self._dts, resumed)

    def beside(self, pts_90k: int) -> int | None:
        """The time of what came with the packet before; None where it does not belong there by its own time."""
        if self._own_dts is None:
            return None
        away = _difference(pts_90k, self._own_dts)
        return self._exact_dts + away if abs(away) <= FURTHEST_BESIDE_S * 90_000 else None

    def _is_jump(self, step: int, elapsed_s: float) -> bool:
        too_far = self._realtime and step > (elapsed_s + LONGEST_GAP_S) * 90_000
        return too_far or step < -LONGEST_SLIP_S * 90_000

    @staticmethod
    def _reorder(pts_90k: int, dts_90k: int) -> int:
        """How long a picture waits for its display; nonsense counts as nothing."""
        reorder = _difference(pts_90k, dts_90k)
        return reorder if 0 <= reorder <= LONGEST_GAP_S * 90_000 else 0


def _difference(later: int, earlier: int) -> int:
    """The shorter way round the clock."""
    return (later - earlier + WRAP_90K // 2) % WRAP_90K - WRAP_90K // 2
