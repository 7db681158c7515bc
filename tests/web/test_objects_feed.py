import json

from pipeline.core.broadcast import Broadcast
from pipeline.core.context import Mark
from pipeline.core.messages import FrameResult
from pipeline.core.objects import TrackedObject
from sinks.web.objects_feed import BUFFERED_BYTES, ClockMessage, ObjectsFeed, StreamMessage, encode

RESULT = FrameResult(
    camera="lobby",
    seq=7,
    pts_90k=123_456,
    captured_at=1_700_000_000.5,
    latency_s=0.1,
    objects=[TrackedObject("a-1", "person", 0.75, (0.1, 0.2, 0.3, 0.4), 1_700_000_000.0)],
    marks=[Mark("line", [(0.0, 0.0), (1.0, 1.0)], "", (255, 0, 0))],
)


class Page:
    def __init__(self) -> None:
        self.readyState = "open"
        self.bufferedAmount = 0
        self.received: list[str] = []

    def send(self, data: str) -> None:
        self.received.append(data)


def test_each_result_is_one_message_for_everybody() -> None:
    results: Broadcast[FrameResult] = Broadcast()
    feed = ObjectsFeed(results, lost=lambda count: None)
    first, second = Page(), Page()
    feed.join(first)
    feed.join(second)
    results.publish(RESULT)
    assert first.received[0] is second.received[0]
    assert json.loads(first.received[0]) == {
        "type": "frame",
        "pts_90k": 123_456,
        "t": 1_700_000_000.5,
        "objects": [
            {"id": "a-1", "label": "person", "score": 0.75, "box": [0.1, 0.2, 0.3, 0.4], "first_seen_at": 1_700_000_000}
        ],
        "marks": [{"kind": "line", "points": [[0, 0], [1, 1]], "text": "", "colour": [255, 0, 0], "layer": ""}],
    }


def test_a_page_that_is_behind_is_left_out_and_counted() -> None:
    results: Broadcast[FrameResult] = Broadcast()
    lost: list[int] = []
    feed = ObjectsFeed(results, lost=lost.append)
    behind, well, closing = Page(), Page(), Page()
    behind.bufferedAmount = BUFFERED_BYTES + 1
    closing.readyState = "closing"
    for page in (behind, well, closing):
        feed.join(page)
    results.publish(RESULT)
    assert (len(behind.received), len(well.received), len(closing.received)) == (0, 1, 0)
    assert lost == [1]


def test_nothing_is_serialised_when_nobody_listens() -> None:
    results: Broadcast[FrameResult] = Broadcast()
    feed = ObjectsFeed(results, lost=lambda count: None)
    page = Page()
    feed.join(page)
    feed.leave(page)
    feed.leave(page)
    assert len(results) == 0


def test_the_other_messages_say_their_type() -> None:
    assert json.loads(encode(ClockMessage(5, 9))) == {"type": "clock", "rtp": 5, "pts_90k": 9}
    assert json.loads(encode(StreamMessage(False))) == {"type": "stream", "online": False}
