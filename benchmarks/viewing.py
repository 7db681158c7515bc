"""What rounds of viewing say about the price of one more viewer and about the wait for the first frame."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from benchmarks.audience import Paid
from benchmarks.delay import Delay
from benchmarks.report import percentile
from benchmarks.street import FPS

VIEWERS = (0, 1, 5, 20)
CODECS = ("VP8", "H264")
"""Of the aiortc server: what it and browsers put first, and what Framewatch sends."""
MEDIA = "media process"
ANALYSIS = "analysis process"
THEIRS = "aiortc server"
CLIENT = "POST to first access unit, aiortc client"
CHROMIUM = "POST to first picture, Chromium"
_MORE, _OF_THEIRS, _WAIT_MS = 4.0, 0.1, 300.0
"""The bars: % of a core for one more viewer, its share of what the aiortc server takes, and the 95th percentile."""
_ADDED_MS = {0.5: 60.0, 0.95: 150.0}
_ON_OWN_FRAME = 0.95
_FED = 0.95
"""Of all frames and messages: what a viewer has at the end of some seconds is not what was sent in them."""
_ENOUGH = 0.5
"""Of the frames, so that what they cost can be told from noise."""
_TOO_FULL = "no: the machine was too full"

Told = Iterator[tuple[str, float | str | None]]


class Round(NamedTuple):
    ours: Mapping[int, Paid]
    """By viewers."""
    analysed: Mapping[int, float]
    """Frames a second, by viewers: each is a message to each viewer."""
    theirs: Mapping[tuple[str, int], Paid]
    """By codec and viewers."""
    waited_ms: Mapping[str, Sequence[float]]
    """By client."""
    delay: Delay | None
    """Of the page; None without a browser."""


def figures(played: Sequence[Round]) -> Told:
    """Medians of the rounds; the waits of all rounds together."""
    for viewers in VIEWERS:
        yield f"frames analysed a second, {viewers} viewers", _middle(played, lambda each, n=viewers: each.analysed[n])  # type: ignore[misc]
    for process in (MEDIA, ANALYSIS):
        for viewers in VIEWERS:
            yield f"{process}, % of a core, {viewers} viewers", _used(played, process, viewers)
    yield from _received(played)
    for fewer, more in (*pairwise(VIEWERS), (1, VIEWERS[-1])):
        yield f"one more viewer, from {fewer} to {more}, % of a core", f"{_more(played, fewer, more):.2f}"
    yield from _against_theirs(played)
    yield from _waits(played)
    yield from _delays([each.delay for each in played if each.delay is not None])


def _received(played: Sequence[Round]) -> Told:
    """Nobody may be cheap because they are starved."""
    for viewers in VIEWERS[1:]:
        yield f"worst of {viewers} viewers, frames a second", min(each.ours[viewers].frames for each in played)
        yield f"worst of {viewers} viewers, messages a second", min(each.ours[viewers].messages for each in played)
        packets = _middle(played, lambda each, n=viewers: each.ours[n].packets / n)  # type: ignore[misc]
        yield f"each of {viewers} viewers, packets a second", packets
    yield "every viewer got every frame and message", "yes" if _all_fed(played) else _TOO_FULL


def _all_fed(played: Sequence[Round]) -> bool:
    return all(_is_fed(each, viewers) for each in played for viewers in VIEWERS[1:])


def _is_fed(each: Round, viewers: int) -> bool:
    paid = each.ours[viewers]
    return paid.frames >= _FED * FPS and paid.messages >= _FED * each.analysed[viewers]


def _against_theirs(played: Sequence[Round]) -> Told:
    """No verdict on what cost little because it was not done."""
    ours, fed = _more(played, 1, VIEWERS[-1]), _all_fed(played)
    yield f"bar {_MORE:g} for one more viewer, 1 to {VIEWERS[-1]}", _met(ours <= _MORE) if fed else _TOO_FULL
    for codec in CODECS:
        for viewers in (1, 2):
            name = f"{viewers} viewer{'s' * (viewers - 1)}"
            paid = [each.theirs[codec, viewers] for each in played]
            yield f"{THEIRS}, {codec}, {name}, % of a core", median(each.percent[THEIRS] for each in paid)
            yield f"{THEIRS}, {codec}, {name}, frames a second", median(each.frames for each in paid)
        more = [found for each in played if (found := _theirs_more(each, codec)) is not None]
        theirs = median(more) if more else None
        yield f"{THEIRS}, {codec}, one more viewer, % of a core", _TOO_FULL if theirs is None else theirs
        is_sound = fed and theirs is not None
        yield f"ours of theirs, {codec}", f"{ours / theirs:.3f}" if theirs else _TOO_FULL
        yield f"bar {_OF_THEIRS:g} of {codec}", _met(ours <= _OF_THEIRS * (theirs or 0)) if is_sound else _TOO_FULL


def _theirs_more(each: Round, codec: str) -> float | None:
    """For a viewer who gets every frame: what was not sent, because the machine was full, cost nothing.

    None where the second viewer got too little to say.
    """
    one, two = each.theirs[codec, 1], each.theirs[codec, 2]
    more_frames = 2 * two.frames - one.frames
    if more_frames < _ENOUGH * FPS or two.percent[THEIRS] <= one.percent[THEIRS]:
        return None
    return (two.percent[THEIRS] - one.percent[THEIRS]) * FPS / more_frames


def _waits(played: Sequence[Round]) -> Told:
    for client in (CLIENT, CHROMIUM):
        waited_ms = [wait for each in played for wait in each.waited_ms.get(client, ())]
        late = percentile(waited_ms, 0.95)
        yield f"{client}, starts", float(len(waited_ms))
        yield f"{client}, p50 ms", percentile(waited_ms, 0.5)
        yield f"{client}, p95 ms", late
        yield f"{client}, bar {_WAIT_MS:g}", "no sample" if late is None else _met(late <= _WAIT_MS)


def _delays(delays: Sequence[Delay]) -> Told:
    """Pictures of all rounds together; the worst round's share."""
    added_ms = [late for each in delays for late in each.added_ms]
    yield "added until the page shows it, pictures", float(len(added_ms))
    for share, bar in _ADDED_MS.items():
        late = percentile(added_ms, share)
        yield f"added until the page shows it, p{100 * share:g} ms", late
        yield f"bar {bar:g} for it", "no sample" if late is None else _met(late <= bar)
    since_last_packet_ms = [late for each in delays for late in each.since_last_packet_ms]
    for share in _ADDED_MS:
        yield f"since a picture's last packet, p{100 * share:g} ms", percentile(since_last_packet_ms, share)
    shares = [each.on_own_frame for each in delays if each.on_own_frame is not None]
    yield "exact: boxes on their own frame, %", 100 * min(shares) if shares else None
    yield f"bar {100 * _ON_OWN_FRAME:g} for it", _met(min(shares) >= _ON_OWN_FRAME) if shares else "no sample"


def _used(played: Sequence[Round], process: str, viewers: int) -> float:
    return _middle(played, lambda each: each.ours[viewers].percent[process])


def _more(played: Sequence[Round], fewer: int, more: int) -> float:
    """% of a core for each of those that `more` are more than `fewer`."""
    return _middle(
        played, lambda each: (each.ours[more].percent[MEDIA] - each.ours[fewer].percent[MEDIA]) / (more - fewer)
    )


def _middle(played: Sequence[Round], of: Callable[[Round], float]) -> float:
    return median(map(of, played))


def _met(is_met: bool) -> str:
    return "met" if is_met else "missed"
