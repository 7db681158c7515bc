import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.packet import Packet, StreamInfo
from pipeline.media.hub import Hub
from sinks.web.fanout import FanOut, Gop, ViewerQueue

INFO = StreamInfo("h264", 640, 360, fps=25.0)
STEP = 3600
GOP = 10


def packet(index: int, *, size: int = 100, gop: int = GOP) -> Packet:
    return Packet(bytes(size), index * STEP, index * STEP, index % gop == 0, float(index))


@pytest.fixture
def hub() -> Hub:
    hub = Hub()
    hub.stream_opened(INFO)
    return hub


class Losses:
    def __init__(self) -> None:
        self.total = 0

    def __call__(self, count: int) -> None:
        self.total += count


@pytest.fixture
def lost() -> Losses:
    return Losses()


async def settle() -> None:
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def taken(queue: ViewerQueue, count: int) -> list[int]:
    """The pts of the next packets."""
    packets = [await asyncio.wait_for(queue.get(), 5) for _ in range(count)]
    return [packet.pts_90k for packet in packets if packet is not None]


async def test_a_viewer_starts_at_the_cached_key_frame_and_goes_on_with_exact_times(hub: Hub, lost: Losses) -> None:
    for index in range(14):
        hub.packet(packet(index))
    fanout = FanOut(hub, lost=lost)
    viewer = fanout.join()
    await settle()
    hub.packet(packet(14))

    newest = 13 * STEP
    assert await taken(viewer, 5) == [newest - 3, newest - 2, newest - 1, newest, 14 * STEP]
    assert lost.total == 0


async def test_without_a_cached_key_frame_a_viewer_waits_for_the_next_one(hub: Hub, lost: Losses) -> None:
    viewer = FanOut(hub, lost=lost).join()
    for index in range(5, 12):
        hub.packet(packet(index))
    await settle()
    assert await taken(viewer, 2) == [11 * STEP - 1, 11 * STEP]
    assert lost.total == 0


async def test_a_later_viewer_gets_the_same_packets_without_another_subscription(hub: Hub, lost: Losses) -> None:
    fanout = FanOut(hub, lost=lost)
    first = fanout.join()
    for index in range(3):
        hub.packet(packet(index))
    await settle()
    second = fanout.join()
    assert len(hub) == 1
    assert await taken(first, 3) == await taken(second, 3)


async def test_the_loop_is_woken_once_a_packet_however_many_watch(
    hub: Hub, lost: Losses, monkeypatch: pytest.MonkeyPatch
) -> None:
    fanout = FanOut(hub, lost=lost)
    viewers = [fanout.join() for _ in range(20)]
    await settle()
    loop = asyncio.get_running_loop()
    woken: list[object] = []
    original = loop.call_soon_threadsafe

    def noted(callback: Callable[..., object], *args: object) -> asyncio.Handle:
        woken.append(callback)
        return original(callback, *args)

    monkeypatch.setattr(loop, "call_soon_threadsafe", noted)
    for index in range(4):
        await asyncio.to_thread(hub.packet, packet(index))
    monkeypatch.undo()
    ours = [callback for callback in woken if callback == fanout._drain]
    assert len(ours) == 4
    assert [len(await taken(viewer, 4)) for viewer in viewers] == [4] * 20


async def test_a_slow_viewer_drops_to_the_next_key_frame_and_holds_up_nobody(hub: Hub, lost: Losses) -> None:
    fanout = FanOut(hub, lost=lost)
    slow, quick = fanout.join(), fanout.join()
    hub.packet(packet(0, gop=100))
    await settle()
    quick_pts = await taken(quick, 1)
    for index in range(1, 131):
        hub.packet(packet(index, gop=100))
        await settle()
        quick_pts += await taken(quick, 1)
    assert quick_pts == [index * STEP for index in range(131)]
    # 129 were waiting when the 130th came: the slow one goes on at packet 200, a key frame.
    assert lost.total == 129 + 2
    for index in range(131, 203):
        hub.packet(packet(index, gop=100))
    await settle()
    assert await taken(slow, 3) == [200 * STEP, 201 * STEP, 202 * STEP]
    assert lost.total == 129 + 71


async def test_what_piles_up_while_the_loop_stands_still_is_bounded(hub: Hub, lost: Losses) -> None:
    fanout = FanOut(hub, lost=lost, capacity=15)
    viewer = fanout.join()
    await settle()
    for index in range(42):
        hub.packet(packet(index))
    await settle()
    assert lost.total == 42 - 15
    for index in range(42, 52):
        hub.packet(packet(index))
    await settle()
    assert lost.total == 42 - 15 + 8
    pts = await taken(viewer, 7)
    assert pts[-2:] == [50 * STEP, 51 * STEP]


async def test_a_viewer_that_lost_the_picture_gets_the_cached_gop_again_with_times_that_go_on(
    hub: Hub, lost: Losses
) -> None:
    fanout = FanOut(hub, lost=lost)
    viewer = fanout.join()
    for index in range(4):
        hub.packet(packet(index))
    await settle()
    before = await taken(viewer, 4)
    fanout.restart(viewer)
    hub.packet(packet(4))
    await settle()
    again = await taken(viewer, 5)
    assert again == [before[-1] + 1, before[-1] + 2, before[-1] + 3, before[-1] + 4, 4 * STEP]


async def test_the_last_viewer_to_leave_lets_the_stream_go(hub: Hub, lost: Losses) -> None:
    fanout = FanOut(hub, lost=lost)
    first, second = fanout.join(), fanout.join()
    fanout.leave(first)
    fanout.leave(first)
    assert (len(hub), len(fanout)) == (1, 1)
    fanout.leave(second)
    assert (len(hub), len(fanout)) == (0, 0)
    assert await first.get() is None


async def test_viewers_are_told_when_the_stream_breaks_off_and_comes_back(hub: Hub, lost: Losses) -> None:
    told: list[str] = []
    fanout = FanOut(
        hub, lost=lost, opened=lambda info: told.append(info.codec), interrupted=lambda: told.append("lost")
    )
    fanout.join()
    await settle()
    hub.stream_lost()
    hub.stream_opened(INFO)
    await settle()
    assert told == ["h264", "lost", "h264"]


async def test_a_closed_queue_wakes_whoever_waits_for_it(hub: Hub, lost: Losses) -> None:
    fanout = FanOut(hub, lost=lost)
    viewer = fanout.join()
    waiting = asyncio.create_task(viewer.get())
    await settle()
    fanout.leave(viewer)
    assert await asyncio.wait_for(waiting, 5) is None


@pytest.mark.parametrize(
    ("sizes", "kept"),
    [
        pytest.param([10, 10, 10], 3, id="within both bounds"),
        pytest.param([10] * 6, 0, id="too many packets"),
        pytest.param([90, 20], 0, id="too many bytes"),
    ],
)
def test_a_gop_that_grows_too_large_is_let_go(sizes: list[int], kept: int) -> None:
    gop = Gop(max_packets=5, max_bytes=100)
    for index, size in enumerate(sizes):
        gop.add(packet(index, size=size, gop=100))
    assert len(gop.packets) == kept
    gop.add(packet(100, gop=100))
    assert len(gop.packets) == 1


@given(st.lists(st.sampled_from(["packet", "take", "restart"]), max_size=60))
def test_times_always_go_up_and_every_start_is_a_key_frame(steps: list[str]) -> None:
    asyncio.run(_play(steps))


async def _play(steps: list[str]) -> None:
    queue, gop = ViewerQueue(lambda count: None, capacity=8), Gop()
    index, times, fresh = 0, [-1], True
    for step in steps:
        if step == "packet":
            gop.add(packet(index))
            (queue.offer if queue.started else lambda packet: queue.restart(gop.packets))(packet(index))
            index += 1
        elif step == "restart" and gop.packets:
            queue.restart(gop.packets)
            fresh = True
        elif step == "take" and len(queue):
            found = await queue.get()
            assert found is not None
            assert found.pts_90k > times[-1]
            assert found.keyframe or not fresh
            times.append(found.pts_90k)
            fresh = False
