"""A viewer whose network lets nothing through but the way to a TURN server."""

from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.system.browser import browser, page
from tests.system.test_live_browser import clip, live
from tests.system.turn import turn_server
from tests.web.live_system import Clip

__all__ = ["browser", "clip", "page"]

pytestmark = pytest.mark.system

ONLY_RELAYED = """
    const Direct = RTCPeerConnection;
    window.RTCPeerConnection = class extends Direct {
        constructor(settings) { super({ ...settings, iceTransportPolicy: "relay" }); }
    };
"""


async def test_video_comes_through_a_relay(page: Page, clip: Clip, tmp_path: Path) -> None:
    await page.add_init_script(ONLY_RELAYED)
    with turn_server(tmp_path) as (server, log):
        async with live(page, clip, ice_servers=[server]) as shown:
            await shown.show()
            await shown.state("live")
        assert "ALLOCATE processed, success" in log.read_text()
