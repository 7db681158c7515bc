"""A viewer whose line loses packets: a real browser, a real TURN server, and a relay between them that drops some."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from aiortc import RTCIceServer
from playwright.async_api import Page, expect

from pipeline.core.status import CameraStatus
from pipeline.store.store import EventStore
from tests.system.browser import browser, page
from tests.system.clips import moving_mark
from tests.system.lossy import LossyLine, lossy_line
from tests.system.test_dashboard import Site, site, store
from tests.system.test_turn import ONLY_RELAYED
from tests.system.turn import PASSWORD, USER, turn_server
from tests.web.fake_system import FakeSystem, online
from tests.web.live_system import Clip, Player

__all__ = ["browser", "page", "site", "store"]

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

LARGE, SMALL = (1280, 720), (320, 180)
PLAYS = """([wanted, pixels]) => {
    const { view, width, framesDecoded } = document.querySelector('fw-live')?.stats ?? {};
    return view === wanted && width === pixels && framesDecoded > 5;
}"""


def two_streams() -> CameraStatus:
    status = online("lobby")
    large = msgspec.structs.replace(status.inputs[0], roles=["live"])
    small = msgspec.structs.replace(large, roles=["detect"], width=SMALL[0], height=SMALL[1])
    return msgspec.structs.replace(status, inputs=[large, small], has_small_stream=True)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Clip]:
    folder = tmp_path_factory.mktemp("clips")
    return [Clip(moving_mark(folder / f"{size[0]}.ts", seconds=8, size=size)) for size in (LARGE, SMALL)]


@pytest.fixture
def system(store: EventStore, clips: list[Clip]) -> Iterator[FakeSystem]:
    system = FakeSystem([two_streams()], store)
    large, small = clips
    with Player(large, system.hubs["lobby"]), Player(small, system.small_hubs["lobby"]):
        yield system


@pytest_asyncio.fixture
async def line(site: Site, page: Page, tmp_path: Path) -> AsyncIterator[LossyLine]:
    """The only way to the server, which the page is at."""
    await page.add_init_script(ONLY_RELAYED)
    with turn_server(tmp_path) as (server, _):
        async with lossy_line(int(server.urls[0].partition("?")[0].rpartition(":")[2])) as (line, port):
            relay = RTCIceServer([f"turn:127.0.0.1:{port}?transport=udp"], USER, PASSWORD)
            await page.goto(await site.start(ice_servers=[relay]))
            yield line
            await site.stop()


async def test_it_gets_the_small_stream_and_the_large_one_again_when_all_is_well(line: LossyLine, page: Page) -> None:
    await page.wait_for_function(PLAYS, arg=["overlay", LARGE[0]])
    rates = page.locator(".tile-rates")
    await expect(rates).not_to_contain_text("poor line")

    line.loss = 0.2
    await page.wait_for_function(PLAYS, arg=["small", SMALL[0]], timeout=60_000)
    assert line.dropped > 20
    await expect(rates).to_contain_text("poor line")

    line.loss = 0.0
    await page.wait_for_function(PLAYS, arg=["overlay", LARGE[0]], timeout=90_000)
    await expect(rates).not_to_contain_text("poor line")


COUNTED = """async (windows) => {
    const { Line } = await import("/static/line.js");
    const line = new Line();
    let [received, lost, now] = [0, 0, 0];
    const poor = [];
    for (const [count, seconds, share] of windows) {
        for (let at = 0; at < seconds; at += 2) {
            [received, lost, now] = [received + count * (1 - share), lost + count * share, now + 2000];
            line.counted({ received, lost }, now);
        }
        poor.push(line.isPoor);
    }
    return poor;
}"""


@pytest.mark.parametrize(
    ("windows", "poor"),
    [
        pytest.param([(200, 60, 0.02)], [False], id="a little is always lost"),
        pytest.param([(200, 4, 0.5), (200, 2, 0), (200, 4, 0.5)], [False] * 3, id="a burst is no poor line"),
        pytest.param([(200, 6, 0.1)], [True], id="six seconds are"),
        pytest.param([(2, 60, 0.5)], [True], id="few packets say something in the end"),
        pytest.param([(200, 6, 0.1), (200, 28, 0), (200, 4, 0)], [True, True, False], id="a rest of half a minute"),
        pytest.param([(200, 6, 0.1), (200, 60, 0.1)], [True, True], id="not while the small one suffers, too"),
        pytest.param(
            [(200, 6, 0.1), (200, 32, 0), (200, 6, 0.1), (200, 58, 0), (200, 4, 0)],
            [True, False, True, True, False],
            id="twice as long the next time",
        ),
        pytest.param(
            [(200, 6, 0.1), (200, 32, 0), (200, 130, 0), (200, 6, 0.1), (200, 32, 0)],
            [True, False, False, True, False],
            id="no longer after a good while",
        ),
    ],
)
async def test_what_a_poor_line_is(
    windows: list[tuple[int, int, float]], poor: list[bool], site: Site, page: Page
) -> None:
    await page.goto(await site.start())
    assert await page.evaluate(COUNTED, windows) == poor
